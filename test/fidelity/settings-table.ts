import { cpus } from 'node:os';
import { ENGINE_NAMES, type EngineName } from '../../sim/engine/engine.ts';
import { loadRobot } from '../../sim/robot/load.ts';
import type { RobotModel, SolverSettings } from '../../sim/robot/model.ts';
import { FLAT_SCENE } from '../../sim/terrain/scene.ts';
import { type Experiment, isWithin, type Row, type Setup } from './experiment.ts';
import { driving } from './experiments/driving.ts';
import { rotor } from './experiments/rotor.ts';
import { standing } from './experiments/standing.ts';
import { statics } from './experiments/statics.ts';
import { makeHomeCommand } from './legged.ts';
import { format } from './report.ts';
import type { Table } from './results.ts';
import { withWorld } from './worlds.ts';

const NUM_ROBOTS = 64;
/** [s] simulated, for speed */
const WARM_UP_S = 0.25;
const TIMED_S = 0.5;

/** A robot, and the experiments that decide whether settings are good enough for it. */
const TRIALS: readonly {
  readonly robot: string;
  readonly experiments: readonly Experiment[];
}[] = [
  { robot: 'go2', experiments: [standing, statics] },
  { robot: 'turtlebot', experiments: [driving] },
  { robot: 'crazyflie', experiments: [rotor] },
];

const RATES_HZ = [500, 200, 100];
/** Substeps, and sweeps within each; 4 × 1 is what Rapier does unasked. */
const RAPIER = [
  [4, 1],
  [16, 1],
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
  readonly label: string;
  readonly ships: boolean;
}

function listTrials(model: RobotModel, engine: EngineName): readonly Trial[] {
  const { rateHz, solver: own } = model.physics;
  const variants: readonly { label: string; solver: SolverSettings }[] =
    engine === 'rapier'
      ? RAPIER.map(([iterations, internalIterations]) => ({
          label: `${iterations} × ${internalIterations}`,
          solver: { ...own, rapier: { ...own.rapier, iterations, internalIterations } },
        }))
      : MUJOCO.map(([frictionImpedanceRatio, contactImpedance]) => ({
          label: `ratio ${frictionImpedanceRatio}, impedance ${contactImpedance}`,
          solver: {
            ...own,
            mujoco: { ...own.mujoco, frictionImpedanceRatio, contactImpedance },
          },
        }));
  const isOwn = (solver: SolverSettings) =>
    JSON.stringify(solver[engine]) === JSON.stringify(own[engine]);
  const rates = RATES_HZ.includes(rateHz) ? RATES_HZ : [...RATES_HZ, rateHz];
  const trials = rates.flatMap((rate) =>
    variants.map(({ label, solver }) => ({
      setup: { engine, timestepS: 1 / rate, solver },
      label: `${rate} Hz, ${label}`,
      ships: rate === rateHz && isOwn(solver),
    })),
  );
  if (trials.some(({ ships }) => ships)) return trials;
  const setup = { engine, timestepS: 1 / rateHz, solver: own };
  return [...trials, { setup, label: `${rateHz} Hz, its own`, ships: true }];
}

/** Simulated robot-seconds per second of processor time, with actuators, states and contacts, without sensors. */
async function measureSpeed(model: RobotModel, setup: Setup): Promise<number> {
  return await withWorld(
    model,
    setup,
    { scene: FLAT_SCENE, numRobots: NUM_ROBOTS },
    ({ world }) => {
      const command = model.commandKind === 'position' ? makeHomeCommand(model) : undefined;
      for (let robot = 0; command !== undefined && robot < NUM_ROBOTS; robot++) {
        world.setCommand(robot, command);
      }
      while (world.timeS < WARM_UP_S) world.advance();
      const start = process.cpuUsage();
      const from = world.timeS;
      while (world.timeS < from + TIMED_S) world.advance();
      const { user, system } = process.cpuUsage(start);
      return (NUM_ROBOTS * (world.timeS - from) * 1e6) / (user + system);
    },
  );
}

interface Measured extends Trial {
  readonly cells: string[];
  readonly isGood: boolean;
  readonly speed: number;
}

async function measure(
  experiments: readonly Experiment[],
  model: RobotModel,
  trial: Trial,
): Promise<Measured> {
  const rows: Row[] = [];
  for (const experiment of experiments) rows.push(...(await experiment.run(trial.setup)));
  const speed = await measureSpeed(model, trial.setup);
  const isGood = rows.every(isWithin);
  const worst = rows.reduce((a, b) => (b.error / b.tolerance > a.error / a.tolerance ? b : a));
  const figures = rows.map(({ error }) => format(error)).join(' / ');
  const margin = isGood ? '' : `${worst.quantity} × ${format(worst.error / worst.tolerance)}`;
  const cells = [trial.label, figures, margin, String(Math.round(speed))];
  return { ...trial, cells, isGood, speed };
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
    for (const engine of ENGINE_NAMES) {
      const measured: Measured[] = [];
      for (const trial of listTrials(model, engine)) {
        const result = await measure(experiments, model, trial);
        measured.push(result);
        onProgress(
          `  ${robot} ${engine} ${result.cells.join(' | ')}${result.ships ? ' ships' : ''}`,
        );
      }
      const good = measured.filter(({ isGood }) => isGood).sort((a, b) => b.speed - a.speed);
      const shipped = measured.find(({ ships }) => ships)!;
      for (const entry of measured.sort((a, b) => b.speed - a.speed)) {
        const mark = entry.ships ? '**ships**' : entry === good[0] ? 'fastest that passes' : '';
        rows.push([robot, engine, ...entry.cells, mark]);
        passes.push(!entry.ships || entry.isGood);
      }
      notes.push(describeChoice(robot, engine, shipped, good[0]));
    }
  }
  const columns = TRIALS.map(
    ({ robot, experiments }) =>
      `${robot}: ${experiments.map(({ name }) => `[${name}](#${name})`).join(' and ')}`,
  );
  return {
    command: 'npm run fidelity -- --settings',
    shows:
      'Each setting is judged by the experiments of its robot, and its speed is what 64 robots in one world simulate per ' +
      `second of processor time, together, in seconds (${cpus()[0]?.model.trim() ?? 'unknown processor'}, one core). Errors are in the order of the ` +
      `experiments' rows (${columns.join('; ')}); what is missed most stands behind them.`,
    columns: ['robot', 'engine', 'settings', 'errors', 'missed by', 'simulated s per s', ''],
    rows,
    passes,
    notes,
  };
}

function describeChoice(
  robot: string,
  engine: EngineName,
  shipped: Measured,
  best: Measured | undefined,
): string {
  const own = `${robot} in ${engine} ships ${shipped.label}, ${Math.round(shipped.speed)} s/s`;
  if (best === undefined) return `${own}; no setting tried here passes.`;
  if (!shipped.isGood) {
    return `${own}, which does not pass; ${best.label} does at ${Math.round(best.speed)} s/s.`;
  }
  if (best.ships) return `${own}: the fastest that passes.`;
  const share = Math.round((100 * shipped.speed) / best.speed);
  return `${own}, ${share} % of the fastest that passes (${best.label}).`;
}
