import { afterEach, describe, expect, it } from 'vitest';
import { makeSimEnv, type SimEnv } from '../../sim/env.ts';
import type { SimEnvOptions } from '../../sim/env-options.ts';
import { STANDARD_GRAVITY } from '../../sim/math/gravity.ts';
import { RandomizationConfig } from '../../sim/randomize/config.ts';
import { computeTotalMass } from '../../sim/robot/model.ts';
import type { TaskDefinition } from '../../sim/task/task.ts';
import { getTask, TASK_NAMES } from '../../sim/tasks/registry.ts';

const HOVER = 'crazyflie-hover';
const hover = getTask(HOVER);

const envs: SimEnv[] = [];
afterEach(() => {
  for (const env of envs.splice(0)) env.free();
});

async function makeEnv(changes: Partial<SimEnvOptions> = {}): Promise<SimEnv> {
  const env = await makeSimEnv({ task: HOVER, numEnvs: 2, ...changes });
  envs.push(env);
  return env;
}

const noAction = (env: SimEnv) => new Float32Array(env.numEnvs * env.numActions);

/** One column of one row, by its name. */
function get(env: SimEnv, group: 'observation' | 'critic', name: string, row = 0): number {
  const names = env.layout[`${group}Names`];
  expect(names).toContain(name);
  return env.result[group][row * names.length + names.indexOf(name)]!;
}

describe('the columns of', () => {
  it.each(TASK_NAMES)(
    '%s all have names of their own, and arrays as wide as their names',
    async (task) => {
      const env = await makeEnv({ task });
      const { layout, result } = env;
      const widths = [
        [layout.observationNames, result.observation],
        [layout.criticNames, result.critic],
        [layout.rewardNames, result.rewardTerms],
        [layout.costNames, result.costTerms],
        [layout.goalNames, result.achievedGoal],
        [layout.goalNames, result.desiredGoal],
        [layout.contextNames, result.context],
      ] as const;
      for (const [names, array] of widths) {
        expect(array).toHaveLength(2 * names.length);
        expect(new Set(names).size).toBe(names.length);
      }
      expect(layout.actionNames).toEqual(env.model.actuatedJointNames);
    },
  );
});

describe("a critic's view", () => {
  it('is the truth where the policy has what sensors say', async () => {
    const env = await makeEnv();
    env.reset(1);
    for (let step = 0; step < 20; step++) env.step(noAction(env));
    const rate = Math.fround(env.world.truth.angularVelocityB[0]!);
    expect(get(env, 'critic', 'angularVelocityB.x')).toBe(rate);
    expect(get(env, 'observation', 'angularVelocityB.x')).not.toBe(rate);
  });

  it('is not clipped, but scaled as the term says', async () => {
    const unit = { width: 3, unit: 'rad/s', frame: 'base_link' };
    const rate = { name: 'angularVelocityB', ...unit, clip: [-1e-6, 1e-6], scale: 10 } as const;
    const env = await makeEnv({ task: { ...hover, critic: undefined, observations: [rate] } });
    env.reset(1);
    const truth = env.world.truth.angularVelocityB[0]!;
    expect(Math.abs(get(env, 'observation', 'angularVelocityB.x'))).toBeCloseTo(1e-5, 12);
    expect(get(env, 'critic', 'angularVelocityB.x')).toBe(Math.fround(Math.fround(truth) * 10));
  });

  it("sees a task's own terms, rotors included that nothing measures", async () => {
    const env = await makeEnv();
    env.reset(1);
    env.step(noAction(env));
    const m1 = env.model.jointNames.indexOf('m1_joint');
    const speed = env.world.truth.jointVelocity[m1]!;
    expect(Math.abs(speed)).toBeGreaterThan(1000);
    expect(get(env, 'critic', 'jointVelocity.m1_joint')).toBeCloseTo(speed / 2500, 6);
  });

  it('is the terms of the policy where a task has none of its own', async () => {
    const env = await makeEnv({ task: 'turtlebot-track' });
    const { observationNames, criticNames } = env.layout;
    expect(criticNames.slice(0, observationNames.length)).toEqual(observationNames);
  });

  it('feels outside forces as a share of the weight, in base_link, and contact', async () => {
    const calm = RandomizationConfig.parse({});
    const env = await makeEnv({ randomization: calm, numEnvs: 1 });
    env.reset(1);
    const weight = computeTotalMass(env.model) * STANDARD_GRAVITY;
    env.world.pushRobot(0, [0, 0, weight / 2], 1);
    env.step(noAction(env));
    const axes = ['x', 'y', 'z'].map((axis) => get(env, 'critic', `outsideForceB.${axis}`));
    // The push is along odom's z; turned into the body it keeps its length, half the weight.
    expect(Math.hypot(...axes)).toBeCloseTo(0.5, 6);
    expect(get(env, 'critic', 'contact')).toBe(0);
  });

  it('has what was drawn, from −1 to 1 over its range, and only what is drawn', async () => {
    const randomization = RandomizationConfig.parse({
      massScale: { uniform: [0.5, 1.5] },
      dragScale: { logUniform: [0.1, 10] },
      effortScale: 1.2,
    });
    const env = await makeEnv({ randomization, numEnvs: 40 });
    const { info } = env.reset(3);
    const drawn = env.layout.criticNames.filter((name) => name.startsWith('context.'));
    expect(drawn).toEqual(['context.massScale', 'context.dragScale']);
    info.contexts.forEach(({ massScale, dragScale }, row) => {
      expect(get(env, 'critic', 'context.massScale', row)).toBeCloseTo((massScale - 1) / 0.5, 6);
      expect(get(env, 'critic', 'context.dragScale', row)).toBeCloseTo(Math.log10(dragScale), 6);
    });
    // The vector itself has every number, as it is.
    const width = env.layout.contextNames.length;
    const effort = env.layout.contextNames.indexOf('effortScale');
    expect(env.result.context[7 * width + effort]).toBe(1.2);
  });
});

describe('goals', () => {
  it('are where the robot is and where it should be', async () => {
    const env = await makeEnv();
    env.reset(1);
    const { achievedGoal, desiredGoal } = env.step(noAction(env));
    expect([...achievedGoal]).toEqual([...Float32Array.from(env.world.truth.position)]);
    expect([...desiredGoal]).toEqual([0, 0, 1, 0, 0, 1]);
  });

  it('of a task without any are empty', async () => {
    const env = await makeEnv({ task: 'cartpole-balance' });
    expect(env.result.achievedGoal).toHaveLength(0);
    expect(env.layout.goalNames).toEqual([]);
  });
});

describe('costs', () => {
  it('are told step by step and summed over the episode', async () => {
    const task: TaskDefinition = {
      ...hover,
      episodeLengthS: 0.03,
      makeTerminations: () => ({}),
      makeCosts: () => ({ one: () => 1, late: ({ timeS }, robot) => timeS[robot]! }),
    };
    const env = await makeEnv({ task, numEnvs: 1 });
    env.reset(1);
    expect([...env.step(noAction(env)).costTerms]).toEqual([...Float32Array.of(1, 0.01)]);
    env.step(noAction(env));
    const [episode] = env.step(noAction(env)).info.episodes;
    // 0.01 + 0.02 + 0.03
    expect(episode?.costPerTerm.one).toBe(3);
    expect(episode?.costPerTerm.late).toBeCloseTo(0.06, 12);
  });
});

describe('a delay of the observation', () => {
  /** Observations of the first steps, by a drawn delay. */
  async function observe(observationDelaySteps: number, autoreset: 'same_step' | 'disabled') {
    const task: TaskDefinition = { ...hover, episodeLengthS: 0.06, makeTerminations: () => ({}) };
    const randomization = RandomizationConfig.parse({
      ...task.randomization,
      observationDelaySteps,
    });
    const env = await makeEnv({ task, randomization, numEnvs: 1, autoreset });
    const seen = [[...env.reset(5).observation]];
    const truth: number[] = [];
    for (let step = 0; step < 6; step++) {
      const { observation, info } = env.step(noAction(env).fill(0.1 * (step % 3)));
      const isLast = info.episodes.length > 0;
      seen.push([...(isLast ? info.finalObservation : observation)]);
      if (!isLast) truth.push(...env.world.truth.position, ...env.world.measured.position);
    }
    return { seen, truth };
  }

  it('shows the policy what was seen that many control steps ago, the first one until then', async () => {
    const prompt = await observe(0, 'same_step');
    const late = await observe(2, 'same_step');
    const [first, ...rest] = prompt.seen;
    expect(late.seen).toEqual([first, first, first, ...rest.slice(0, 4)]);
  });

  it('leaves the robot alone: it moves and measures as without', async () => {
    expect((await observe(2, 'disabled')).truth).toEqual((await observe(0, 'disabled')).truth);
  });
});
