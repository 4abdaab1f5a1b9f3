import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../policies/evaluation/evaluate.ts';
import { ENGINE_NAMES } from '../../../sim/engine/engine.ts';
import { getTask } from '../../../sim/tasks/registry.ts';

/** Every robot in the box under its hand-made controller, randomised as in training, weather included. */
const TASKS = [
  'cartpole-balance',
  'crazyflie-hover',
  'go2-stand',
  'turtlebot-reach',
  'turtlebot-track',
] as const;

describe.each(ENGINE_NAMES)('in %s', (engine) => {
  it.each(TASKS)('the classical controller succeeds at %s', async (name) => {
    const { score, episodes } = await evaluate({
      task: getTask(name),
      policy: { kind: 'classical' },
      episodes: 3,
      firstSeed: 7000,
      engine,
    });
    const outcomes = episodes.map(({ end, reason, metrics }) => ({ end, reason, metrics }));
    expect(score.successRate, JSON.stringify(outcomes)).toBe(1);
  });
});
