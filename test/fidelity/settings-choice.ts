import type { EngineName } from '../../sim/engine/engine.ts';
import type { RobotModel, SolverSettings } from '../../sim/robot/model.ts';
import type { Table } from './results.ts';

/** [-] by which another setting may be faster: what medians differ by from run to run on a shared machine */
export const SPEED_MARGIN = 1.1;

/** One setting of one robot, judged. */
export interface Judged {
  readonly engine: EngineName;
  readonly rateHz: number;
  /** As in the table. */
  readonly label: string;
  readonly passes: boolean;
  /** Simulated robot-seconds per second of processor time. */
  readonly speed: number;
  readonly ships: boolean;
}

/** What a robot should ship in an engine, and whether it does. */
export interface Verdict {
  readonly shipped: Judged;
  /** The fastest that passes and that the shipped one may be measured by; absent where none passes. */
  readonly fastest: Judged | undefined;
  readonly isCheapest: boolean;
}

/** Rate and solver in words: what tells one setting from another in the table. */
export function describeSetting(
  engine: EngineName,
  rateHz: number,
  { rapier, mujoco }: SolverSettings,
): string {
  const friction = rapier.frictionInEverySweep ? '' : ', friction in the last sweep';
  const solver =
    engine === 'rapier'
      ? `${rapier.iterations} × ${rapier.internalIterations}${friction}`
      : `ratio ${mujoco.frictionImpedanceRatio}, impedance ${mujoco.contactImpedance}`;
  return `${rateHz} Hz, ${solver}`;
}

export function describeOwnSetting(engine: EngineName, { physics }: RobotModel): string {
  return describeSetting(engine, physics.rateHz, physics.solver);
}

/**
 * A robot has one rate for both engines. So Rapier, which trains, is measured by its fastest setting at any rate at
 * which MuJoCo has one that passes as well; MuJoCo by its fastest at the rate that the robot ships.
 * @param judged all settings of one robot
 */
export function judgeChoice(judged: readonly Judged[], engine: EngineName): Verdict {
  const passing = judged.filter(({ passes }) => passes);
  const shipped = judged.find((entry) => entry.engine === engine && entry.ships);
  if (shipped === undefined) throw new RangeError(`nothing of ${engine} ships`);
  const rivals = passing.filter(
    (entry) =>
      entry.engine === engine &&
      (engine === 'rapier'
        ? passing.some(({ engine: other, rateHz }) => other !== engine && rateHz === entry.rateHz)
        : entry.rateHz === shipped.rateHz),
  );
  const fastest = rivals.reduce<Judged | undefined>(
    (best, entry) => (best === undefined || entry.speed > best.speed ? entry : best),
    undefined,
  );
  const isCheapest =
    shipped.passes && fastest !== undefined && fastest.speed <= SPEED_MARGIN * shipped.speed;
  return { shipped, fastest, isCheapest };
}

export const SETTINGS_COLUMNS = [
  'robot',
  'engine',
  'settings',
  'errors',
  'missed by',
  'simulated s per s',
  '',
] as const;
export const SHIPS = '**ships**';

/** Back from the rows of the table, robot by robot. */
export function readJudged(table: Table): ReadonlyMap<string, readonly Judged[]> {
  const byRobot = new Map<string, Judged[]>();
  for (const [robot, engine, label, , missed, speed, mark] of table.rows) {
    const judged: Judged = {
      engine: engine as EngineName,
      rateHz: Number.parseFloat(label!),
      ...{ label: label!, passes: missed === '', speed: Number(speed), ships: mark === SHIPS },
    };
    byRobot.set(robot!, [...(byRobot.get(robot!) ?? []), judged]);
  }
  return byRobot;
}
