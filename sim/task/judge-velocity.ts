import { GaitTally } from './gait-tally.ts';
import { computeVelocityError, computeYawRate } from './heading.ts';
import type { Judge, Situation, TerminationTerm } from './task.ts';

export interface VelocityJudgeOptions {
  readonly numRobots: number;
  /** Names of one robot's feet, as the task names them. */
  readonly feet: readonly string[];
  /** [s] after each change of the command in which nobody counts the error */
  readonly settleS: number;
  /** [m/s] largest mean error of the velocity over ground */
  readonly maxMeanError: number;
  readonly hasFallen: TerminationTerm;
}

/** Sums over an episode; means of them are the metrics. */
const SUMS = [
  'velocityError',
  'yawRateError',
  'settled',
  'steps',
  'torque',
  'power',
  'actionRate',
  'stance',
  'slip',
  'flights',
  'airTime',
  'footLift',
] as const;
const COLUMN = Object.fromEntries(SUMS.map((name, k) => [name, k])) as Record<
  (typeof SUMS)[number],
  number
>;

/**
 * Judges how well a robot on legs went as it was asked to, and how it walked: errors after each change of the command
 * has settled; all else over the whole episode. An error is that of the moment, with whatever a stride adds to it.
 */
export function makeVelocityJudge(options: VelocityJudgeOptions): Judge {
  const { numRobots, feet, settleS, maxMeanError, hasFallen } = options;
  const numFeet = feet.length;
  const gait = new GaitTally(numRobots, feet);
  const sums = new Float64Array(numRobots * SUMS.length);
  const fallen = new Uint8Array(numRobots);
  const command = new Float64Array(numRobots * 3);
  /** [numRobots] s since reset, when the command changed last */
  const changedS = new Float64Array(numRobots);
  const add = (robot: number, name: (typeof SUMS)[number], value: number) => {
    sums[robot * SUMS.length + COLUMN[name]]! += value;
  };
  return {
    reset(robot) {
      sums.fill(0, robot * SUMS.length, (robot + 1) * SUMS.length);
      gait.reset(robot);
      fallen[robot] = 0;
      changedS[robot] = 0;
      command.fill(Number.NaN, 3 * robot, 3 * robot + 3);
    },
    observe(situation, robot) {
      const { truth, reference, timeS } = situation;
      if (noteCommand(command, reference.velocityCommand, robot)) changedS[robot] = timeS[robot]!;
      if (timeS[robot]! - changedS[robot]! >= settleS) {
        add(robot, 'settled', 1);
        add(robot, 'velocityError', computeVelocityError(reference, truth, robot));
        const turn = reference.velocityCommand[3 * robot + 2]!;
        add(robot, 'yawRateError', Math.abs(turn - computeYawRate(truth, robot)));
      }
      if (hasFallen(situation, robot)) fallen[robot] = 1;
      add(robot, 'steps', 1);
      add(robot, 'torque', computeMeanEffort(situation, robot));
      add(robot, 'power', computePower(situation, robot));
      add(robot, 'actionRate', computeActionRate(situation, robot));
      addFeet(situation, robot, numFeet, add);
      gait.observe(situation, robot);
    },
    judge(robot) {
      const row = sums.subarray(robot * SUMS.length, (robot + 1) * SUMS.length);
      const metrics: Record<string, number> = {
        ...computeMetrics(row, numFeet),
        fallen: fallen[robot]!,
        ...gait.compute(robot),
      };
      const error = metrics.velocityError;
      return { success: error !== undefined && error < maxMeanError && !fallen[robot], metrics };
    },
  };
}

/** Whether the command is another than before. */
function noteCommand(last: Float64Array, now: Float64Array, robot: number): boolean {
  let isNew = false;
  for (let k = 3 * robot; k < 3 * robot + 3; k++) {
    if (last[k] !== now[k]) isNew = true;
    last[k] = now[k]!;
  }
  return isNew;
}

/** [N·m] */
function computeMeanEffort({ truth }: Situation, robot: number): number {
  const n = truth.numJoints;
  let sum = 0;
  for (let k = robot * n; k < (robot + 1) * n; k++) sum += Math.abs(truth.jointEffort[k]!);
  return sum / n;
}

/** [W] that all joint motors give and take: what they take costs a real one heat too */
function computePower({ truth }: Situation, robot: number): number {
  const n = truth.numJoints;
  let sum = 0;
  for (let k = robot * n; k < (robot + 1) * n; k++) {
    sum += Math.abs(truth.jointEffort[k]! * truth.jointVelocity[k]!);
  }
  return sum;
}

/** [-] root of the mean squared change of the raw action */
function computeActionRate({ action, previousAction, truth }: Situation, robot: number): number {
  const n = action.length / truth.numRobots;
  let sum = 0;
  for (let k = robot * n; k < (robot + 1) * n; k++) sum += (action[k]! - previousAction[k]!) ** 2;
  return Math.sqrt(sum / n);
}

function addFeet(
  { footing }: Situation,
  robot: number,
  numFeet: number,
  add: (robot: number, name: (typeof SUMS)[number], value: number) => void,
): void {
  for (let k = robot * numFeet; k < (robot + 1) * numFeet; k++) {
    if (footing.isTouching[k] === 1) {
      add(robot, 'stance', 1);
      add(robot, 'slip', Math.hypot(footing.velocityW[3 * k]!, footing.velocityW[3 * k + 1]!));
    }
    if (footing.hasLanded[k] === 1) {
      add(robot, 'flights', 1);
      add(robot, 'airTime', footing.airTimeS[k]!);
      add(robot, 'footLift', footing.peakHeight[k]!);
    }
  }
}

/** What was never seen has no metric: a robot that has not lifted a foot has no air time. */
function computeMetrics(sums: Float64Array, numFeet: number): Record<string, number> {
  const get = (name: (typeof SUMS)[number]) => sums[COLUMN[name]]!;
  const ratio = (name: (typeof SUMS)[number], per: number) =>
    per > 0 ? { [name]: get(name) / per } : {};
  const [steps, stance, flights] = [get('steps'), get('stance'), get('flights')];
  return {
    ...ratio('velocityError', get('settled')),
    ...ratio('yawRateError', get('settled')),
    meanTorque: get('torque') / Math.max(1, steps),
    meanPower: get('power') / Math.max(1, steps),
    actionRate: get('actionRate') / Math.max(1, steps),
    ...(steps > 0 && numFeet > 0 ? { dutyFactor: stance / (steps * numFeet) } : {}),
    ...(stance > 0 ? { footSlip: get('slip') / stance } : {}),
    ...ratio('airTime', flights),
    ...ratio('footLift', flights),
  };
}
