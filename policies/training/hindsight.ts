import { UserError } from '../../sim/errors.ts';
import type { Rng } from '../../sim/math/rng.ts';
import type { GoalSpec, RetellableGoal } from '../../sim/task/task.ts';
import type { ReplayBuffer, Transitions } from './replay-buffer.ts';
import type { Td3Settings } from './td3-config.ts';
import type { LearnerSurroundings } from './training-env.ts';

/**
 * The goal that settings want told again; undefined where they want none.
 * @throws UserError where a task has no such goal, or a critic sees more than what can be told
 */
export function findGoal(
  { hindsightShare, critic }: Td3Settings,
  { task }: Pick<LearnerSurroundings, 'task'>,
): RetellableGoal | undefined {
  if (hindsightShare === 0) return undefined;
  const { goal } = task;
  if (goal !== undefined && canRetell(goal) && critic.observes === 'policy') return goal;
  throw new UserError({
    where: 'td3.hindsightShare',
    problem: `the observations of task '${task.name}' cannot be told as if another goal had been wanted`,
    expected: "0, or a task with a goal that can `retell`, and critic.observes 'policy'",
    got: `${hindsightShare}`,
    remedy: 'Leave hindsightShare at 0',
  });
}

function canRetell(goal: GoalSpec): goal is RetellableGoal {
  return goal.retell !== undefined;
}

/**
 * Draws a batch, some of it as if a goal that was reached later in the same episode had been wanted all along: the
 * strategy `future` of M. Andrychowicz et al., "Hindsight experience replay" (2017), section 3.3.
 * @param share of the rows that are told again; 0 where the task has no such goals
 */
export function drawBatch(
  batch: Transitions,
  buffer: ReplayBuffer,
  { goal, share, rng }: { goal: RetellableGoal | undefined; share: number; rng: Rng },
): void {
  const rows = new Int32Array(batch.reward.length);
  /** The row whose goal is to have been wanted; −1: what was wanted */
  const retold = new Int32Array(rows.length).fill(-1);
  for (let to = 0; to < rows.length; to++) {
    const row = rng.integer(0, buffer.numRows - 1);
    rows[to] = row;
    if (goal === undefined || rng.uniform(0, 1) >= share) continue;
    retold[to] = buffer.follow(row, rng.integer(0, buffer.countFollowing(row)));
  }
  buffer.copyRows(batch, rows);
  if (goal === undefined) return;
  retold.forEach((later, to) => {
    if (later >= 0) retellRow(batch, to, buffer, { later, goal });
  });
  // A critic of its own sees more than can be told again; see makeTd3.
  batch.critic.set(batch.observation);
  batch.nextCritic.set(batch.nextObservation);
}

function retellRow(
  batch: Transitions,
  row: number,
  buffer: ReplayBuffer,
  { later, goal }: { later: number; goal: RetellableGoal },
): void {
  const width = goal.names.length;
  for (let k = 0; k < width; k++) {
    batch.desired[row * width + k] = buffer.rows.achieved[later * width + k]!;
  }
  for (const seen of [batch.observation, batch.nextObservation]) {
    goal.retell(seen, row, batch.desired);
  }
  batch.reward[row] = goal.computeReward(batch.achieved, row * width, batch.desired, row * width);
}
