import type { TaskDefinition } from '../../sim/task/task.ts';
import { getTask } from '../../sim/tasks/registry.ts';

const hover = getTask('crazyflie-hover');

/** Tasks that go wrong when an episode of environment 5 has lasted three steps. */
const FAULTS: Readonly<Record<string, () => number>> = {
  'reward-throws': () => {
    throw new Error('the reward has no idea');
  },
  'thread-exits': () => process.exit(7),
};

/** What a worker looks its task up with, see faulty-worker-entry.js. */
export function findFaultyTask(name: string): TaskDefinition {
  const fault = FAULTS[name];
  if (fault === undefined) return getTask(name);
  return {
    ...hover,
    name,
    makeRewards: () => ({
      fault: {
        weight: 1,
        term: ({ timeS, truth }, robot) =>
          robot === 1 && truth.numRobots === 2 && timeS[robot]! > 0.025 ? fault() : 0,
      },
    }),
  };
}
