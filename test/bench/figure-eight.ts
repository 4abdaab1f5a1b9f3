import { findPolicyFile } from '../../launch/paths.ts';
import { evaluate } from '../../policies/evaluation/evaluate.ts';
import { makeCourseReference } from '../../sim/task/command.ts';
import { getTask } from '../../sim/tasks/registry.ts';

/*
 * A figure-eight at 1 m/s and nothing else, under all that crazyflie-track randomises, gusts and pushes included:
 * a policy against the cascaded PID on the same 200 seeds, in both engines.
 * `npx tsx test/bench/figure-eight.ts [policy …]`, names or files of ONNX policies, about half a minute each; the PID flies
 * besides.
 */
const given = process.argv.slice(2);
const track = getTask('crazyflie-track');
const task = {
  ...track,
  makeReference: (numRobots: number) =>
    makeCourseReference(numRobots, (rng) => ({
      kind: 'figure_eight',
      centre: [0, 0, 1],
      halfLength: rng.uniform(0.8, 1.5),
      halfWidth: rng.uniform(0.8, 1.5),
      rise: rng.uniform(-0.3, 0.3),
      speed: 1,
      yaw: rng.uniform(-0.5, 0.5),
    })),
};
const policies = (given.length > 0 ? given : ['crazyflie-track']).map((name) =>
  findPolicyFile(name, 'figure-eight'),
);
for (const policy of [...policies, { kind: 'classical' } as const]) {
  for (const engine of ['rapier', 'mujoco'] as const) {
    const { score } = await evaluate({ task, policy, engine, episodes: 200, firstSeed: 100_000 });
    const { successRate, metrics } = score;
    const name = typeof policy === 'string' ? policy : score.controller;
    process.stdout.write(`${JSON.stringify({ name, engine, successRate, ...metrics })}\n`);
  }
}
