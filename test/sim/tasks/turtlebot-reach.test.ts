import { describe, expect, it } from 'vitest';
import { ENGINE_NAMES } from '../../../sim/engine/engine.ts';
import { makeSimEnv } from '../../../sim/env.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { RandomizationConfig } from '../../../sim/randomize/config.ts';
import { makePlaceReference } from '../../../sim/task/reach.ts';
import type { TaskDefinition } from '../../../sim/task/task.ts';
import { turtlebotReach } from '../../../sim/tasks/turtlebot-reach.ts';

const NUM_ENVS = 3;
const NUM_STEPS = 30;

interface Told {
  /** [steps + 1][numEnvs · width] */
  readonly observation: Float32Array[];
  /** [steps][numEnvs] */
  readonly reward: Float32Array[];
  /** [steps][numEnvs · 2] */
  readonly achieved: Float32Array[];
  readonly desired: Float32Array[];
}

/** The same episodes under the same random actions, whatever is wanted in them. */
async function run(
  changes: Partial<TaskDefinition>,
  options: { readonly engine: (typeof ENGINE_NAMES)[number]; readonly delaySteps: number },
): Promise<Told> {
  const { randomization } = turtlebotReach;
  const env = await makeSimEnv({
    task: { ...turtlebotReach, ...changes },
    engine: options.engine,
    numEnvs: NUM_ENVS,
    autoreset: 'disabled',
    randomization: RandomizationConfig.parse({
      ...randomization,
      observationDelaySteps: options.delaySteps,
    }),
  });
  const rng = new Rng(4);
  const action = new Float32Array(NUM_ENVS * env.numActions);
  const told: Told = { observation: [], reward: [], achieved: [], desired: [] };
  told.observation.push(env.reset(21).observation.slice());
  for (let step = 0; step < NUM_STEPS; step++) {
    for (let k = 0; k < action.length; k++) action[k] = rng.uniform(-0.5, 1);
    const { observation, reward, achievedGoal, desiredGoal } = env.step(action);
    told.observation.push(observation.slice());
    told.reward.push(reward.slice());
    told.achieved.push(achievedGoal.slice());
    told.desired.push(desiredGoal.slice());
  }
  env.free();
  return told;
}

describe.each(ENGINE_NAMES)('turtlebot-reach in %s', (engine) => {
  it.each([0, 2])(
    'is told again as it would have been seen, to the last bit, %i steps late',
    async (delaySteps) => {
      const first = await run({}, { engine, delaySteps });
      // Where each robot was two thirds through is what is wanted now, all along.
      const wanted = first.achieved[20]!;
      let robot = 0;
      const places = makePlaceReference(() => {
        const place = [wanted[2 * robot]!, wanted[2 * robot + 1]!, 0] as const;
        robot++;
        return place;
      });
      const second = await run({ makeReference: () => places }, { engine, delaySteps });
      expect(second.achieved).toEqual(first.achieved);
      expect(second.observation).not.toEqual(first.observation);
      const { goal } = turtlebotReach;
      first.observation.forEach((seen, step) => {
        for (let row = 0; row < NUM_ENVS; row++) goal!.retell!(seen, row, wanted);
        expect(seen, `step ${step}`).toEqual(second.observation[step]);
      });
      const rewards = first.achieved.map((achieved) =>
        Float32Array.from({ length: NUM_ENVS }, (_, k) =>
          goal!.computeReward(achieved, 2 * k, wanted, 2 * k),
        ),
      );
      expect(rewards).toEqual(second.reward);
      // Both of what a step can be worth are there.
      expect(new Set(rewards.flatMap((row) => [...row]))).toEqual(new Set([0, -1]));
      expect(second.desired.at(-1)).toEqual(wanted);
    },
  );

  it('goes on at the goal, and is over after its time', async () => {
    const env = await makeSimEnv({
      task: { ...turtlebotReach, makeReference: () => makePlaceReference(() => [0, 0, 0]) },
      ...{ engine, numEnvs: 1, autoreset: 'disabled' },
      randomization: RandomizationConfig.parse({}),
    });
    env.reset(1);
    const [x, y] = env.world.truth.position;
    expect(Math.hypot(x!, y!)).toBeGreaterThan(0.1);
    // The place is put under the robot, which stands.
    env.view.reference.position.set([x!, y!, 0]);
    const action = new Float32Array(2);
    for (let step = 1; step < 120; step++) {
      const { terminated, truncated, reward } = env.step(action);
      expect([terminated[0], truncated[0], reward[0]], `step ${step}`).toEqual([0, 0, 0]);
    }
    const { info } = env.step(action);
    expect(info.episodes[0]).toMatchObject({
      end: 'truncated',
      reason: 'timeLimit',
      success: true,
    });
    expect(info.episodes[0]!.metrics.timeToGoal).toBeCloseTo(0.1, 9);
    env.free();
  });

  it('is cut short where a robot leaves, so that it gains nothing by that, and fails', async () => {
    const env = await makeSimEnv({
      ...{ task: turtlebotReach, engine, numEnvs: 4, autoreset: 'disabled' },
    });
    env.reset(2);
    const action = new Float32Array(8).fill(1);
    const ended = [];
    // 1.5 m + 0.75 m at 0.22 m/s: 10.2 s of the 12 s, at most.
    while (ended.length < 4) ended.push(...env.step(action).info.episodes);
    for (const episode of ended) {
      expect(episode).toMatchObject({ end: 'truncated', reason: 'outOfBounds', success: false });
    }
    env.free();
  });
});
