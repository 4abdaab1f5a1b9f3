import type { RobotModel } from '../../sim/robot/model.ts';
import { computeHoverSpeed } from '../../sim/robot/quadrotor.ts';
import { FLAT_SCENE } from '../../sim/terrain/scene.ts';
import { G } from './bodies.ts';
import type { Setup } from './experiment.ts';
import { makeHomeCommand } from './legged.ts';
import { SPEED_MARGIN } from './settings-choice.ts';
import { withWorld } from './worlds.ts';

const NUM_ROBOTS = 64;
/** [s] simulated before speed is measured: by then they stand, or hover */
const WARM_UP_S = 1;
/** [µs] of processor time for one measurement */
const TIMED_US = 3e5;
/**
 * How often a setting that passes is timed, each time right beside the one that ships, so that a busy minute of the
 * machine slows both; the median of the ratios counts. One that is slower by a third at the first turn is out of it.
 */
export const TURNS = 5;
const SLOW = 2 / 3;
/**
 * The fastest of many medians is fast by luck as well. So what comes out faster than what ships by more than half the
 * margin is timed anew, this often, and only that counts.
 */
export const TURNS_TO_CONFIRM = 15;

/** Simulated robot-seconds per second of processor time, with actuators, states and contacts, without sensors. */
async function measureSpeed(model: RobotModel, setup: Setup): Promise<number> {
  return await withWorld(
    model,
    setup,
    { scene: FLAT_SCENE, numRobots: NUM_ROBOTS },
    ({ world }) => {
      const command = makeIdleCommand(model);
      for (let robot = 0; robot < NUM_ROBOTS; robot++) world.setCommand(robot, command);
      while (world.timeS < WARM_UP_S) world.advance();
      const start = process.cpuUsage();
      const from = world.timeS;
      let spentUs = 0;
      while (spentUs < TIMED_US) {
        for (let k = 0; k < 5; k++) world.advance();
        const { user, system } = process.cpuUsage(start);
        spentUs = user + system;
      }
      return (NUM_ROBOTS * (world.timeS - from) * 1e6) / spentUs;
    },
  );
}

/** What keeps a robot where it is: its home pose, hover, or wheels that stand still. */
function makeIdleCommand(model: RobotModel): Float64Array {
  if (model.commandKind === 'position') return makeHomeCommand(model);
  const flies = model.actuators.some(({ kind }) => kind === 'rotor');
  return new Float64Array(model.actuatedJointNames.length).fill(
    flies ? computeHoverSpeed(model, G) : 0,
  );
}

/** How many times as fast as what ships, by turns: the one first, then the other. */
async function measureRatios(
  model: RobotModel,
  [shipped, other]: readonly [Setup, Setup],
  turns: number,
): Promise<readonly number[]> {
  const ratios: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const order = turn % 2 === 0 ? [shipped, other] : [other, shipped];
    const speeds = [await measureSpeed(model, order[0]!), await measureSpeed(model, order[1]!)];
    if (turn % 2 === 1) speeds.reverse();
    ratios.push(speeds[1]! / speeds[0]!);
  }
  return ratios;
}

/** A setting to be timed. */
export interface Timed {
  readonly setup: Setup;
  readonly passes: boolean;
  readonly ships: boolean;
}

/**
 * Speeds of all settings of a robot in an engine, one of which ships: of what passes and is fast by medians of turns with
 * what ships; of the rest, measured once. Simulated robot-seconds per second of processor time.
 */
export async function measureSpeeds(
  model: RobotModel,
  judged: readonly Timed[],
): Promise<readonly number[]> {
  const shipped = judged.find(({ ships }) => ships)!;
  const ratios: number[] = [];
  for (const { passes, ships, setup } of judged) {
    const pair = [shipped.setup, setup] as const;
    const first = ships ? [1] : await measureRatios(model, pair, 1);
    const isContender = passes && !ships && first[0]! > SLOW;
    const more = isContender ? await measureRatios(model, pair, TURNS - 1) : [];
    const ratio = computeMedian([...first, ...more]);
    const isFaster = isContender && ratio > (1 + SPEED_MARGIN) / 2;
    ratios.push(
      isFaster ? computeMedian(await measureRatios(model, pair, TURNS_TO_CONFIRM)) : ratio,
    );
  }
  const own: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) own.push(await measureSpeed(model, shipped.setup));
  return ratios.map((ratio) => computeMedian(own) * ratio);
}

function computeMedian(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
