import { afterEach, describe, expect, it } from 'vitest';
import { TrotWalk } from '../../../policies/classical/trot-walk.ts';
import { ENGINE_NAMES } from '../../../sim/engine/engine.ts';
import { makeSimEnv, type SimEnv } from '../../../sim/env.ts';
import { RandomizationConfig } from '../../../sim/randomize/config.ts';
import { writeHeadingVelocity } from '../../../sim/task/heading.ts';
import { go2Velocity } from '../../../sim/tasks/go2-velocity.ts';

const envs: SimEnv[] = [];
afterEach(() => {
  for (const env of envs.splice(0)) env.free();
});

/** The robot as described, on a floor, asked for `command` all the time. */
async function walk(engine: 'rapier' | 'mujoco', command: readonly number[], seconds: number) {
  const task = {
    ...go2Velocity,
    makeReference: () => ({
      reset: (robot: number, out: { velocityCommand: Float64Array }) =>
        out.velocityCommand.set(command, 3 * robot),
      advance() {},
    }),
  };
  const randomization = RandomizationConfig.parse({});
  const env = await makeSimEnv({ task, numEnvs: 1, engine, terrain: {}, randomization });
  envs.push(env);
  const controller = new TrotWalk(env.model, task.makeAction(env.model), 1 / task.controlRateHz);
  env.reset(1);
  const raw = new Float32Array(env.numActions);
  const velocity = new Float64Array(2);
  const mean = [0, 0];
  let flights = 0;
  const steps = seconds * task.controlRateHz;
  for (let step = 0; step < steps; step++) {
    controller.compute(raw, env.view, 0);
    env.step(raw);
    // The second half counts.
    if (step < steps / 2) continue;
    writeHeadingVelocity(velocity, env.situation.truth, 0);
    mean.forEach((sum, axis) => {
      mean[axis] = sum + velocity[axis]! / (steps / 2);
    });
    flights += env.situation.footing.hasLanded.reduce((sum, landed) => sum + landed, 0);
  }
  return { mean, flights, episodes: env.result.info.episodes, env };
}

describe.each(ENGINE_NAMES)('the trot in %s', (engine) => {
  it('goes ahead as it is asked to, step by step', async () => {
    const { mean, flights } = await walk(engine, [0.4, 0, 0], 8);
    // A hand-made gait without feedback of its place: within a third of what was asked.
    expect(Math.abs(mean[0]! - 0.4)).toBeLessThan(0.13);
    expect(Math.abs(mean[1]!)).toBeLessThan(0.1);
    // 4 s at 0.36 s: 11 steps of each of four feet, give or take a touch more while one lands.
    expect(flights).toBeGreaterThan(35);
  });

  it('stands on four feet when it is asked to stand', async () => {
    const { mean, flights, env } = await walk(engine, [0, 0, 0], 3);
    expect(Math.hypot(...mean)).toBeLessThan(0.02);
    expect(flights).toBe(0);
    expect([...env.situation.footing.isTouching]).toEqual([1, 1, 1, 1]);
  });
});

describe('the trot', () => {
  it('begins anew when it is told that an episode does', async () => {
    const env = await makeSimEnv({ task: 'go2-velocity', numEnvs: 1, terrain: {} });
    envs.push(env);
    env.reset(1);
    const controller = new TrotWalk(env.model, go2Velocity.makeAction(env.model), 0.02);
    const say = () => {
      const raw = new Float32Array(12);
      controller.compute(raw, env.view, 0);
      return [...raw];
    };
    env.view.reference.velocityCommand[0] = 0.5;
    const first = say();
    for (let k = 0; k < 20; k++) say();
    expect(say()).not.toEqual(first);
    controller.reset(0);
    expect(say()).toEqual(first);
  });
});
