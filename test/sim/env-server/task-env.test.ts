import { afterEach, describe, expect, it } from 'vitest';
import { describeFailure } from '../../../sim/env-server/reply-error.ts';
import type { ServedEnv } from '../../../sim/env-server/served-env.ts';
import { makeTaskEnv } from '../../../sim/env-server/task-env.ts';
import type { Distribution } from '../../../sim/randomize/config.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { getTask } from '../../../sim/tasks/registry.ts';
import type { VecEnvOptions } from '../../../sim/vec-env/vec-env.ts';
import { findFaultyTask } from '../../kit/faulty-tasks.ts';

const open: ServedEnv[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((env) => env.free()));
});

async function make(changes: Partial<VecEnvOptions> = {}): Promise<ServedEnv> {
  const options = { task: 'crazyflie-track', numEnvs: 2, numWorkers: 0, ...changes };
  const env = await makeTaskEnv(options);
  open.push(env);
  return env;
}

describe("a task's environments as a server sees them", () => {
  it('have a space whose bounds are those of the clips, times the scale', async () => {
    const { spaces, maxSteps, rateHz } = (await make()).description;
    const task = getTask('crazyflie-track');
    let column = 0;
    for (const { name, width, history = 1, clip, scale = 1 } of task.observations) {
      for (let k = 0; k < width * history; k++, column++) {
        expect(spaces.observation.names[column]).toMatch(new RegExp(`^${name}`));
        const ends = [spaces.observation.low[column], spaces.observation.high[column]];
        expect(ends, name).toEqual(
          clip ? [clip[0] * scale, clip[1] * scale] : [undefined, undefined],
        );
      }
    }
    expect(column).toBe(spaces.observation.names.length);
    const { clip } = task.makeAction(loadRobot('crazyflie'));
    expect(spaces.action.low).toEqual([clip[0], clip[0], clip[0], clip[0]]);
    expect(spaces.action.high).toEqual([clip[1], clip[1], clip[1], clip[1]]);
    // 16 s at 100 Hz.
    expect([rateHz, maxSteps]).toEqual([100, 1600]);
  });

  it('stay within their space, whatever is done', async () => {
    const env = await make({ numEnvs: 8 });
    const { low, high } = env.description.spaces.observation;
    const at = env.stepArrays.findIndex(({ name }) => name === 'observation');
    const out = env.stepArrays.map(({ dtype, shape }) => {
      const size = shape.reduce((product, n) => product * n, 1);
      return dtype === 'uint8' ? new Uint8Array(size) : new Float32Array(size);
    });
    await env.reset({ seed: 3 });
    for (let step = 0; step < 100; step++) {
      env.action.fill(step % 2 === 0 ? 1 : -0.5);
      await env.step();
      env.writeStep(out);
      const isOutside = (value: number, k: number) => {
        const column = k % low.length;
        return !(
          value >= Math.fround(low[column] ?? -Infinity) &&
          value <= Math.fround(high[column] ?? Infinity)
        );
      };
      expect([...out[at]!].filter(isOutside)).toEqual([]);
    }
  });

  it('leave out arrays without columns', async () => {
    const names = (env: ServedEnv) => [...env.stepArrays, ...env.tailArrays].map((a) => a.name);
    expect(names(await make())).toContain('achievedGoal');
    const balance = await make({ task: 'cartpole-balance' });
    expect(balance.description.spaces.goal.shape).toEqual([0]);
    expect(names(balance)).not.toContain('achievedGoal');
    expect(names(balance)).not.toContain('finalDesiredGoal');
    expect(names(balance)).toContain('finalObservation');
  });

  it.each([
    // In the step that ends an episode; in the one after; never by itself.
    ['same_step', [0], []],
    ['next_step', [0], [0]],
    ['disabled', [0], []],
  ] as const)(
    'tell of environments whose episode begins or ends: %s',
    async (autoreset, atEnd, after) => {
      const env = await make({ autoreset, randomization: { massScale: { uniform: [0.5, 2] } } });
      const record = env.tailArrays.map(({ dtype, shape }) => {
        const size = shape.reduce((product, n) => product * n, 1);
        return dtype === 'float64' ? new Float64Array(size) : new Float32Array(size);
      });
      const read = (name: string, row: number) => {
        env.writeTail(record, row);
        return [...record[env.tailArrays.findIndex((array) => array.name === name)]!];
      };
      expect((await env.reset({ seed: 1 })).changed).toEqual([0, 1]);
      const first = read('context', 0);
      const isOff = autoreset === 'same_step' ? 1 : 0;
      // Environment 0 falls, 1 hovers.
      env.action.set([-9, -9, -9, -9, 0, 0, 0, 0]);
      let news = await env.step();
      while (news.episodes.length === 0) {
        expect(news.changed).toEqual([]);
        news = await env.step();
      }
      expect(news.episodes).toMatchObject([{ env: 0, episode: 0, end: 'terminated' }]);
      expect(news.changed).toEqual(atEnd);
      expect(read('row', 0)).toEqual([0]);
      expect(read('finalContext', 0)).toEqual(first);
      expect(read('episodeIndex', 0)).toEqual([isOff]);
      expect(read('context', 0).every((value, k) => value === first[k])).toBe(isOff === 0);
      expect((await env.step()).changed).toEqual(after);
      expect((await env.reset({ mask: Uint8Array.of(0, 1) })).changed).toEqual([1]);
      // The same episodes once more: they begin, though they have the names that were told last.
      await env.reset({ seed: 1 });
      expect((await env.reset({ seed: 1 })).changed).toEqual([0, 1]);
    },
  );

  it('tell of what is drawn anew within an episode', async () => {
    // 0.03 s are three steps of 10 ms.
    const forceScale: Distribution = { uniform: [0, 0.01], moment: 'interval', everyS: 0.03 };
    const env = await make({ randomization: { wind: { forceScale } } });
    await env.reset({ seed: 1 });
    env.action.fill(0);
    const steps: (readonly number[])[] = [];
    for (let step = 0; step < 7; step++) steps.push((await env.step()).changed);
    expect(steps.filter((changed) => changed.length > 0)).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  it.each([0, 1])('are pushed by what an adversary chooses, %i workers', async (numWorkers) => {
    const randomization = { adversary: { maxForceScale: 0.5 } };
    const env = await make({ randomization, numWorkers });
    expect(env.adversary).toHaveLength(2 * env.description.spaces.adversary.names.length);
    const out = env.stepArrays.map(({ dtype, shape }) => {
      const size = shape.reduce((product, n) => product * n, 1);
      return dtype === 'uint8' ? new Uint8Array(size) : new Float32Array(size);
    });
    await env.reset({ seed: 1 });
    env.action.fill(0);
    // Environment 0 is pushed along x with half of its bound, 1 is left alone.
    env.adversary.set([0.5, 0, 0, 0, 0, 0]);
    await env.step();
    env.writeStep(out);
    const { critic } = env.description.spaces;
    const values = out[env.stepArrays.findIndex(({ name }) => name === 'critic')]!;
    const column = critic.names.indexOf('adversaryForceB.x');
    // Over the weight: half of 0.5.
    expect([values[column], values[critic.names.length + column]]).toEqual([0.25, 0]);
  });

  it('tell what is drawn', async () => {
    const env = await make({ randomization: { massScale: { uniform: [0.5, 2] } } });
    expect(env.description.attributes).toEqual({ randomization: { isWritable: false } });
    expect(env.getAttribute('randomization')).toMatchObject({ massScale: { uniform: [0.5, 2] } });
  });

  it('are made again when one has failed, by the next reset', async () => {
    // Environment 1 of a world of two fails in the third step of 10 ms.
    const env = await make({ task: findFaultyTask('reward-throws') });
    for (let run = 0; run < 2; run++) {
      await env.reset({ seed: 1 });
      env.action.fill(0);
      await env.step();
      await env.step();
      const error = await env.step().catch((reason: unknown) => reason);
      expect(describeFailure(error)).toMatchObject({ code: 'environment', isFatal: false });
      expect(String(error)).toContain('the reward has no idea');
    }
  });
});
