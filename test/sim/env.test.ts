import { afterEach, describe, expect, it } from 'vitest';
import { makeSimEnv, type SimEnv } from '../../sim/env.ts';
import { NonFiniteError } from '../../sim/env-guard.ts';
import type { SimEnvOptions } from '../../sim/env-options.ts';
import { Rng } from '../../sim/math/rng.ts';
import { RandomizationConfig } from '../../sim/randomize/config.ts';
import type { TaskDefinition } from '../../sim/task/task.ts';
import { getTask } from '../../sim/tasks/registry.ts';

const HOVER = 'crazyflie-hover';
const hover = getTask(HOVER);

const envs: SimEnv[] = [];
afterEach(() => {
  for (const env of envs.splice(0)) env.free();
});

async function makeEnv(changes: Partial<SimEnvOptions> = {}): Promise<SimEnv> {
  const env = await makeSimEnv({ task: HOVER, numEnvs: 3, ...changes });
  envs.push(env);
  return env;
}

/** The hover task with a horizon of two steps and the given terminations. */
function makeShortTask(
  terminations: ReturnType<TaskDefinition['makeTerminations']> = {},
): TaskDefinition {
  return { ...hover, episodeLengthS: 0.02, makeTerminations: () => terminations };
}

const noAction = (env: SimEnv) => new Float32Array(env.numEnvs * env.numActions);

/** Everything that a run shows, under actions drawn from the seed and fed to each env alike. */
function record(env: SimEnv, seed: number, numSteps: number): number[][] {
  const rng = new Rng(99);
  const { observation } = env.reset(seed);
  const rows: number[][] = [[...observation]];
  const action = noAction(env);
  const row = new Float32Array(env.numActions);
  for (let step = 0; step < numSteps; step++) {
    for (let k = 0; k < row.length; k++) row[k] = rng.uniform(-0.3, 0.3);
    for (let e = 0; e < env.numEnvs; e++) action.set(row, e * row.length);
    const result = env.step(action);
    rows.push([
      ...result.observation,
      ...result.reward,
      ...result.terminated,
      ...result.truncated,
      ...env.world.truth.position,
      ...env.world.truth.jointVelocity,
      ...result.info.episodes.map((episode) => episode.return),
    ]);
  }
  return rows;
}

describe('terrain', () => {
  const stairs = {
    ground: { kind: 'stairs', stepHeight: 0.2, cellSize: 0.1, direction: 'down' },
    boxes: [{ count: 3, area: [6, 6] }],
  } satisfies SimEnvOptions['terrain'];

  it('is the same for all episodes of a seed, and another for another', async () => {
    const first = await makeEnv({ terrain: stairs, terrainSeed: 4 });
    const again = await makeEnv({ terrain: stairs, terrainSeed: 4 });
    const other = await makeEnv({ terrain: stairs, terrainSeed: 5 });
    expect(again.world.scene).toEqual(first.world.scene);
    expect(other.world.scene.objects).not.toEqual(first.world.scene.objects);
  });

  it('that cannot be is refused by its key', async () => {
    const terrain = { ground: { kind: 'stairs', stepWidth: 0.01 } } as const;
    await expect(makeEnv({ terrain })).rejects.toThrow(
      /environment: terrain: ground\.stepWidth: it is narrower/,
    );
  });

  it('carries every robot at its start, whatever its place', async () => {
    const sideways: TaskDefinition = {
      ...hover,
      writeStart: (out, robot) => {
        out.position[3 * robot] = 2 + robot;
      },
    };
    const env = await makeEnv({ task: sideways, terrain: stairs });
    env.reset(1);
    // Steps of 0.3 m from 1.5 m on: (2, 3 and 4 m) are on the 2nd, 5th and 9th; a footprint of 6 cm at an edge
    // may reach the one before.
    const { position } = env.world.truth;
    const flat = await makeEnv({ task: sideways });
    flat.reset(1);
    for (const [robot, step] of [2, 5, 9].entries()) {
      const raised = position[3 * robot + 2]! - flat.world.truth.position[3 * robot + 2]!;
      expect(Math.round(-raised / 0.2)).toBeGreaterThanOrEqual(step - 1);
      expect(Math.round(-raised / 0.2)).toBeLessThanOrEqual(step);
    }
  });
});

describe('the physics rate', () => {
  it("is the robot's own where the task gives no substeps", async () => {
    const { substeps: _, ...rest } = hover;
    const env = await makeEnv({ task: rest });
    // The crazyflie's 500 Hz over the task's 100 Hz.
    expect(env.world.substeps).toBe(5);
    const model = { ...env.model, physics: { ...env.model.physics, rateHz: 1000 } };
    expect((await makeEnv({ task: rest, robot: model })).world.substeps).toBe(10);
    await expect(
      makeEnv({ task: rest, robot: { ...model, physics: { ...model.physics, rateHz: 250 } } }),
    ).rejects.toThrow(/physicsRateHz, the default of robot 'crazyflie': .*multiple of .*\(100\)/);
  });
});

describe('determinism', () => {
  it.each([HOVER, 'crazyflie-track', 'cartpole-balance'])(
    'gives the same bits for the same seed over 500 steps of %s, others for another',
    async (task) => {
      const first = record(await makeEnv({ task }), 11, 500);
      expect(record(await makeEnv({ task }), 11, 500)).toEqual(first);
      expect(record(await makeEnv({ task }), 12, 500)).not.toEqual(first);
    },
  );

  it('starts over with the same bits in an environment that has run before', async () => {
    for (const task of [HOVER, 'cartpole-balance']) {
      const env = await makeEnv({ task });
      const first = record(env, 11, 150);
      record(env, 12, 37);
      expect(record(env, 11, 150)).toEqual(first);
    }
  });

  it('gives every environment draws of its own', async () => {
    const env = await makeEnv({ numEnvs: 50 });
    const { info } = env.reset(1);
    expect(new Set(info.contexts.map((context) => context.massScale)).size).toBe(50);
  });

  it('runs as environment 0 of its own seed where a seed per environment is given', async () => {
    const many = await makeEnv({ numEnvs: 3 });
    const alone = await makeEnv({ numEnvs: 1 });
    many.reset([5, 6, 7]);
    alone.reset(7);
    expect(many.world.contexts[2]).toEqual(alone.world.contexts[0]);
    expect([...many.world.truth.position.slice(6)]).toEqual([...alone.world.truth.position]);
  });

  it('draws the same for environment k wherever a run is cut into several', async () => {
    const whole = await makeEnv({ numEnvs: 4 });
    const second = await makeEnv({ numEnvs: 2, firstEnv: 2 });
    whole.reset(3);
    second.reset(3);
    expect(second.world.contexts).toEqual(whole.world.contexts.slice(2));
  });

  it('does not disturb its neighbours by a reset: their bits stay the same', async () => {
    const quiet = await makeEnv({ autoreset: 'disabled' });
    const disturbed = await makeEnv({ autoreset: 'disabled' });
    quiet.reset(4);
    disturbed.reset(4);
    const action = noAction(quiet);
    for (let step = 0; step < 50; step++) {
      if (step === 20) disturbed.resetEnv(1);
      quiet.step(action);
      disturbed.step(action);
    }
    const others = (env: SimEnv) => {
      const { position, orientation } = env.world.truth;
      const kept = [...position.slice(0, 3), ...position.slice(6)];
      return [...kept, ...orientation.slice(0, 4), ...orientation.slice(8)];
    };
    expect(others(disturbed)).toEqual(others(quiet));
    expect(disturbed.world.truth.position[3]).not.toBe(quiet.world.truth.position[3]);
  });

  /** Where robot 0 gets to in 50 steps of no action, with that many robots in the world. */
  async function flyFirst(changes: Partial<SimEnvOptions>): Promise<number[]> {
    const env = await makeEnv(changes);
    env.reset(8);
    for (let step = 0; step < 50; step++) env.step(noAction(env));
    const { truth } = env.world;
    return [...truth.position.slice(0, 3), ...truth.jointPosition.slice(0, truth.numJoints)];
  }

  it('flies environment k in the same bits, however many others there are', async () => {
    expect(await flyFirst({ numEnvs: 16 })).toEqual(await flyFirst({ numEnvs: 1 }));
  });

  it('moves jointed robots in the same bits on either side of 64 in a world', async () => {
    const task = 'cartpole-balance';
    const alone = await flyFirst({ task, numEnvs: 1 });
    expect(await flyFirst({ task, numEnvs: 63 })).toEqual(alone);
    const many = await flyFirst({ task, numEnvs: 64 });
    expect(await flyFirst({ task, numEnvs: 100 })).toEqual(many);
    // The same motion all the same: 32 bits of 1 m, 500 physics steps.
    many.forEach(
      (value, k) => void expect(Math.abs(value - alone[k]!)).toBeLessThan(500 * 2 ** -24),
    );
  });

  it('with tiles apart flies it the same up to the 32-bit rounding of its place', async () => {
    const small = await flyFirst({ numEnvs: 1, tileSpacing: 4 });
    const large = await flyFirst({ numEnvs: 16, tileSpacing: 4 });
    // Within ±8 m 32 bits resolve 1e-6 m; 250 roundings of that, all one way, are 0.25 mm.
    small.forEach((value, k) => void expect(Math.abs(value - large[k]!)).toBeLessThan(2.5e-4));
  });
});

describe('the end of an episode', () => {
  it('by time is a truncation, with the outcome in the info', async () => {
    const env = await makeEnv({ task: makeShortTask(), numEnvs: 2 });
    env.reset(1);
    const first = env.step(noAction(env));
    expect([...first.terminated, ...first.truncated]).toEqual([0, 0, 0, 0]);
    const rewards = [...first.reward];
    const second = env.step(noAction(env));
    expect([...second.terminated, ...second.truncated]).toEqual([0, 0, 1, 1]);
    const episode = second.info.episodes[1];
    expect(episode).toMatchObject({
      env: 1,
      seed: 1,
      episode: 0,
      steps: 2,
      lengthS: 0.02,
      end: 'truncated',
      reason: 'timeLimit',
    });
    // Rewards are handed out in 32 bits, the return is kept in 64.
    expect(episode?.return).toBeCloseTo(rewards[1]! + second.reward[1]!, 5);
    const terms = Object.values(episode!.returnPerTerm).reduce((sum, value) => sum + value, 0);
    expect(terms).toBeCloseTo(episode!.return, 12);
  });

  it('by the task is a termination, never a success, and names its reason', async () => {
    const task: TaskDefinition = {
      ...makeShortTask({ gone: { kind: 'terminated', term: (_situation, robot) => robot === 1 } }),
      makeJudge: () => ({
        reset() {},
        observe() {},
        judge: () => ({ success: true, metrics: { score: 3 } }),
      }),
    };
    const env = await makeEnv({ task, numEnvs: 2 });
    env.reset(1);
    const { terminated, truncated, info } = env.step(noAction(env));
    expect([...terminated]).toEqual([0, 1]);
    expect([...truncated]).toEqual([0, 0]);
    expect(info.episodes).toHaveLength(1);
    expect(info.episodes[0]).toMatchObject({
      env: 1,
      steps: 1,
      end: 'terminated',
      reason: 'gone',
      success: false,
      metrics: { score: 3 },
    });
    // The other one runs to its end and is judged by the judge alone.
    const last = env.step(noAction(env)).info.episodes.find((episode) => episode.env === 0);
    expect(last).toMatchObject({ end: 'truncated', success: true });
  });

  it('by a truncating term is a truncation; a termination in the same step outranks it', async () => {
    const left = { kind: 'truncated', term: () => true } as const;
    const fell = { kind: 'terminated', term: () => true } as const;
    const cut = await makeEnv({ task: makeShortTask({ left }), numEnvs: 1 });
    cut.reset(1);
    const { terminated, truncated, info } = cut.step(noAction(cut));
    expect([terminated[0], truncated[0], info.episodes[0]?.reason]).toEqual([0, 1, 'left']);
    const both = await makeEnv({ task: makeShortTask({ left, fell }), numEnvs: 1 });
    both.reset(1);
    const result = both.step(noAction(both));
    expect([result.terminated[0], result.truncated[0]]).toEqual([1, 1]);
    expect(result.info.episodes[0]).toMatchObject({ end: 'terminated', reason: 'fell' });
  });

  it('starts the next episode in the same step and keeps the last observation', async () => {
    const env = await makeEnv({ task: makeShortTask(), numEnvs: 1 });
    const twin = await makeEnv({ task: makeShortTask(), numEnvs: 1, autoreset: 'disabled' });
    env.reset(1);
    twin.reset(1);
    for (const each of [env, twin]) each.step(noAction(each));
    const result = env.step(noAction(env));
    const ended = [...result.info.episodes];
    const last = twin.step(noAction(twin));
    expect([...result.info.finalObservation]).toEqual([...last.observation]);
    twin.resetEnv(0);
    expect([...result.observation]).toEqual([...last.observation]);
    expect(env.situation.timeS[0]).toBe(0);
    // The next one is episode 1 with a draw of its own.
    env.step(noAction(env));
    const [first] = ended;
    const [second] = env.step(noAction(env)).info.episodes;
    expect([first?.episode, second?.episode]).toEqual([0, 1]);
    expect(second?.context.massScale).not.toBe(first?.context.massScale);
  });

  it('keeps as last observation what a longer episode would have gone on from', async () => {
    const short = await makeEnv({ task: makeShortTask(), numEnvs: 1 });
    const long = await makeEnv({ task: { ...makeShortTask(), episodeLengthS: 1 }, numEnvs: 1 });
    for (const each of [short, long]) {
      each.reset(1);
      each.step(noAction(each));
    }
    const { info } = short.step(noAction(short));
    expect([...info.finalObservation]).toEqual([...long.step(noAction(long)).observation]);
  });

  it('without autoreset leaves the environment idle until it is reset', async () => {
    const env = await makeEnv({ task: makeShortTask(), numEnvs: 1, autoreset: 'disabled' });
    env.reset(1);
    env.step(noAction(env));
    env.step(noAction(env));
    const idle = env.step(noAction(env));
    expect([idle.reward[0], idle.truncated[0], idle.info.episodes.length]).toEqual([0, 1, 0]);
    env.resetEnv(0);
    const running = env.step(noAction(env));
    expect(running.truncated[0]).toBe(0);
    expect(running.reward[0]).not.toBe(0);
  });
});

describe('a step', () => {
  it('adds up the weighted reward terms', async () => {
    const env = await makeEnv();
    env.reset(1);
    const { reward, rewardTerms } = env.step(noAction(env));
    const terms = env.rewardNames.length;
    expect(rewardTerms).toHaveLength(3 * terms);
    const sum = rewardTerms.subarray(2 * terms, 3 * terms).reduce((total, term) => total + term);
    expect(reward[2]).toBeCloseTo(sum, 5);
  });

  it('shows rewards the clipped action and the one before it', async () => {
    const env = await makeEnv({ numEnvs: 1 });
    env.reset(1);
    env.step(Float32Array.from([0.1, 0.2, 0.3, 0.4]));
    env.step(Float32Array.from([9, 0.2, 0.3, 0.4]));
    // The hover action is clipped at 1, full speed.
    expect([...env.situation.action]).toEqual([...Float32Array.from([1, 0.2, 0.3, 0.4])]);
    expect(env.situation.previousAction[0]).toBe(Math.fround(0.1));
  });

  it('tells the policy its last clipped action', async () => {
    const task: TaskDefinition = {
      ...hover,
      observations: [{ name: 'lastAction', width: 4, unit: '-' }],
    };
    const env = await makeEnv({ task, numEnvs: 1 });
    env.reset(1);
    const { observation } = env.step(Float32Array.from([9, 0.25, -0.25, 0]));
    expect([...observation]).toEqual([1, 0.25, -0.25, 0]);
  });

  it('replaces the randomisation of the task as a whole', async () => {
    const randomization = RandomizationConfig.parse({ massScale: 1.25 });
    const env = await makeEnv({ randomization });
    const { info } = env.reset(1);
    expect(info.contexts.map((context) => context.massScale)).toEqual([1.25, 1.25, 1.25]);
    expect(info.contexts[0]?.thrustScale).toBe(1);
  });
});

describe('bad input', () => {
  it('stops at an action that is not a number, with environment, step and state', async () => {
    const env = await makeEnv();
    env.reset(21);
    env.step(noAction(env));
    const action = noAction(env);
    action[2 * env.numActions + 1] = Number.NaN;
    const error = await Promise.resolve()
      .then(() => env.step(action))
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NonFiniteError);
    const { dump, message } = error as NonFiniteError;
    expect(message).toMatch(/^env 2: action is not finite in step 1 of episode 0 \(seed 21\)/);
    expect(message).toContain('"action":[0,"NaN",0,0]');
    expect(dump.truth.position).toEqual([...env.world.truth.position.slice(6)]);
  });

  it('stops at a state that is not a number and names the quantity', async () => {
    const task: TaskDefinition = {
      ...hover,
      writeStart(out, robot) {
        if (robot === 1) out.linearVelocityW[3] = Number.POSITIVE_INFINITY;
      },
    };
    const env = await makeEnv({ task });
    env.reset(1);
    expect(() => env.step(noAction(env))).toThrow(
      /^env 1: (true|measured) \w+ is not finite in step 0/,
    );
  });

  it('asks for a reset first, and for an action of the right size', async () => {
    const env = await makeEnv();
    expect(() => env.step(noAction(env))).toThrow(/call reset\(seed\) first/);
    env.reset(1);
    expect(() => env.step(new Float32Array(4))).toThrow(/\[3, 4\], got 4 numbers/);
    expect(() => env.reset([1, 2])).toThrow(/needs 3 seeds, got 2/);
  });

  it('refuses to observe a joint that nothing measures', async () => {
    const task: TaskDefinition = {
      ...hover,
      observations: [{ name: 'jointVelocity', width: 1, unit: 'rad/s', jointNames: ['m1_joint'] }],
    };
    await expect(makeEnv({ task })).rejects.toThrow(
      /observation 'jointVelocity': no encoder .*got m1_joint.*robot\.yaml/,
    );
  });

  it('names every option that is unknown or out of range', async () => {
    const options = { numEnvs: 0, tilespacing: 4 };
    await expect(makeEnv(options)).rejects.toThrow(
      /environment: numEnvs: [\s\S]*got 0[\s\S]*environment: tilespacing: /,
    );
  });

  it('lists the tasks there are', async () => {
    await expect(makeEnv({ task: 'juggle' })).rejects.toThrow(/crazyflie-hover.*got 'juggle'/);
  });
});
