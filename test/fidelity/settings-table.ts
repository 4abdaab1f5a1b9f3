import { cpus } from 'node:os';
import { ENGINE_NAMES, type EngineName } from '../../sim/engine/engine.ts';
import { loadRobot } from '../../sim/robot/load.ts';
import type { RobotModel, SolverSettings } from '../../sim/robot/model.ts';
import { type Experiment, isWithin, type Row, type Setup } from './experiment.ts';
import { driving } from './experiments/driving.ts';
import { landing } from './experiments/landing.ts';
import { limp } from './experiments/lying.ts';
import { rotor } from './experiments/rotor.ts';
import { standing } from './experiments/standing.ts';
import { statics } from './experiments/statics.ts';
import { format } from './report.ts';
import type { Table } from './results.ts';
import {
  describeSetting,
  type Judged,
  judgeChoice,
  SETTINGS_COLUMNS,
  SHIPS,
  SPEED_MARGIN,
} from './settings-choice.ts';
import { listRates } from './settings-rates.ts';
import { measureSpeeds, TURNS, TURNS_TO_CONFIRM } from './settings-speed.ts';

/** A robot, and the experiments that decide whether settings are good enough for it. */
export const TRIALS: readonly {
  readonly robot: string;
  readonly experiments: readonly Experiment[];
}[] = [
  { robot: 'go2', experiments: [standing, statics, landing, limp] },
  { robot: 'turtlebot', experiments: [driving] },
  { robot: 'crazyflie', experiments: [rotor] },
];

/** Substeps, and sweeps within each; 4 × 1 is what Rapier does unasked. */
const RAPIER = [
  [4, 1],
  [16, 1],
  [1, 1],
  [1, 2],
  [1, 4],
  [1, 8],
  [1, 16],
  [1, 32],
  [2, 8],
  [2, 16],
  [2, 32],
  [4, 8],
  [4, 16],
] as const;
/** Friction impedance ratio, contact impedance. */
const MUJOCO = [
  [1, 0.9],
  [10, 0.9],
  [100, 0.9],
  [1, 0.99],
  [10, 0.99],
  [100, 0.99],
] as const;

interface Trial {
  readonly setup: Setup;
  readonly engine: EngineName;
  readonly rateHz: number;
  readonly label: string;
  readonly ships: boolean;
}

function listTrials(
  model: RobotModel,
  engine: EngineName,
  rates: readonly number[],
): readonly Trial[] {
  const { rateHz: ownRate, solver: own } = model.physics;
  const variants: readonly SolverSettings[] =
    engine === 'rapier'
      ? RAPIER.map(([iterations, internalIterations]) => ({
          ...own,
          rapier: { ...own.rapier, iterations, internalIterations },
        }))
      : MUJOCO.map(([frictionImpedanceRatio, contactImpedance]) => ({
          ...own,
          mujoco: { ...own.mujoco, frictionImpedanceRatio, contactImpedance },
        }));
  const isOwn = (solver: SolverSettings) =>
    JSON.stringify(solver[engine]) === JSON.stringify(own[engine]);
  const makeTrial = (rateHz: number, solver: SolverSettings): Trial => ({
    setup: { engine, timestepS: 1 / rateHz, solver },
    ...{ engine, rateHz, label: describeSetting(engine, rateHz, solver) },
    ships: rateHz === ownRate && isOwn(solver),
  });
  const trials = rates.flatMap((rateHz) => variants.map((solver) => makeTrial(rateHz, solver)));
  return trials.some(({ ships }) => ships) ? trials : [...trials, makeTrial(ownRate, own)];
}

interface Measured extends Trial, Judged {
  readonly errors: string;
  /** What is missed most; empty where nothing is. */
  readonly missed: string;
}

async function judge(experiments: readonly Experiment[], trial: Trial): Promise<Measured> {
  const rows: Row[] = [];
  for (const experiment of experiments) rows.push(...(await experiment.run(trial.setup)));
  const passes = rows.every(isWithin);
  const worst = rows.reduce((a, b) => (b.error / b.tolerance > a.error / a.tolerance ? b : a));
  return {
    ...trial,
    errors: rows.map(({ error }) => format(error)).join(' / '),
    missed: passes ? '' : `${worst.quantity} × ${format(worst.error / worst.tolerance)}`,
    passes,
    speed: Number.NaN,
  };
}

/** Every robot, engine and setting: how good, how fast, and which it ships. */
export async function runSettings(
  only: string | undefined,
  onProgress: (line: string) => void,
): Promise<Table> {
  const rows: string[][] = [];
  const passes: boolean[] = [];
  const notes: string[] = [];
  for (const { robot, experiments } of TRIALS) {
    if (only !== undefined && only !== robot) continue;
    const model = loadRobot(robot);
    const refused = listRates(model).filter(({ refusal }) => refusal !== undefined);
    const rates = listRates(model).flatMap(({ rateHz, refusal }) => (refusal ? [] : [rateHz]));
    const measured: Measured[] = [];
    for (const engine of ENGINE_NAMES) {
      const judged: Measured[] = [];
      for (const trial of listTrials(model, engine, rates)) {
        judged.push(await judge(experiments, trial));
        const { label, errors, missed, ships } = judged.at(-1)!;
        onProgress(`  ${robot} ${engine} ${label} | ${errors} | ${missed}${ships ? ' ships' : ''}`);
      }
      const speeds = await measureSpeeds(model, judged);
      measured.push(...judged.map((entry, i) => ({ ...entry, speed: speeds[i]! })));
    }
    for (const engine of ENGINE_NAMES) {
      const verdict = judgeChoice(measured, engine);
      const own = measured.filter((entry) => entry.engine === engine);
      for (const entry of own.sort((a, b) => b.speed - a.speed)) {
        const mark = entry.ships ? SHIPS : entry === verdict.fastest ? 'fastest that passes' : '';
        rows.push([
          ...[robot, engine, entry.label, entry.errors, entry.missed, format(entry.speed), mark],
        ]);
        passes.push(!entry.ships || verdict.isCheapest);
        onProgress(`  ${robot} ${engine} ${entry.label}: ${format(entry.speed)} s/s ${mark}`);
      }
      notes.push(describeChoice(robot, engine, verdict));
      onProgress(notes.at(-1)!);
    }
    if (refused.length > 0) {
      const list = refused.map(({ rateHz, refusal }) => `${rateHz} Hz (${refusal})`).join('; ');
      notes.push(`${robot} is not tried at ${list}.`);
    }
  }
  return {
    ...{ command: 'npm run fidelity -- --settings', shows: describeTable() },
    ...{ columns: [...SETTINGS_COLUMNS], rows, passes, notes },
  };
}

function describeTable(): string {
  const columns = TRIALS.map(
    ({ robot, experiments }) =>
      `${robot}: ${experiments.map(({ name }) => `[${name}](#${name})`).join(' and ')}`,
  );
  const percent = Math.round(100 * (SPEED_MARGIN - 1));
  return (
    'Each setting is judged by the experiments of its robot, and its speed is what 64 robots that stand or hover simulate per second of ' +
    `processor time, together, in seconds (${cpus()[0]?.model.trim() ?? 'unknown processor'}, one core); where it passes and is not a third slower, by the ` +
    `median of ${TURNS} ratios or, where that is higher than 1 by half the margin, of ${TURNS_TO_CONFIRM} others, each to what ships timed ` +
    `right beside it. A robot ships the cheapest settings that pass: its own ` +
    `pass, and none that passes is more than ${percent} % faster, which is what such medians differ by. It has one rate for both ` +
    'engines, so Rapier is measured by its fastest setting at any rate at which MuJoCo passes too, and MuJoCo by its ' +
    'fastest at the rate of the robot. Rates are left out that the world of one of its tasks refuses, or at which a ' +
    "sensor's samples would be taken or arrive later than they should by more than a tenth of its period. Errors are in " +
    `the order of the experiments' rows (${columns.join('; ')}); what is missed most stands behind them.`
  );
}

function describeChoice(
  robot: string,
  engine: EngineName,
  { shipped, fastest, isCheapest }: ReturnType<typeof judgeChoice>,
): string {
  const speed = ({ label, speed: measured }: Judged) => `${label} (${format(measured)} s/s)`;
  const own = `${robot} in ${engine} ships ${speed(shipped)}`;
  if (fastest === undefined) return `${own}; no setting tried here passes.`;
  if (isCheapest && fastest.ships) return `${own}: the fastest that passes.`;
  const share = `${Math.round((100 * shipped.speed) / fastest.speed)} % of the fastest that passes, ${speed(fastest)}`;
  if (isCheapest) return `${own}: ${share}, which is within the margin.`;
  if (!shipped.passes) return `${own}, which does not pass; it should ship ${speed(fastest)}.`;
  return `${own}: ${share}, which it should ship.`;
}
