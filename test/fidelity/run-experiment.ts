import { ENGINE_NAMES, type EngineName } from '../../sim/engine/engine.ts';
import { loadRobot } from '../../sim/robot/load.ts';
import type { SolverSettings } from '../../sim/robot/model.ts';
import { type Comparison, makeSetups } from './comparison.ts';
import { DEFAULT_SOLVER, DEFAULT_TIMESTEP_S, type Experiment, type Row } from './experiment.ts';
import {
  type ComparisonResult,
  type EngineOutcome,
  type ExperimentResult,
  toMeasured,
} from './results.ts';

/** Timestep and solver of an experiment. */
function getSettings(experiment: Experiment): { timestepS: number; solver: SolverSettings } {
  if (experiment.settings === 'default') {
    return { timestepS: DEFAULT_TIMESTEP_S, solver: DEFAULT_SOLVER };
  }
  const { rateHz, solver } = loadRobot(experiment.settings.robot).physics;
  return { timestepS: 1 / rateHz, solver };
}

/** In words, for the page. */
export function describeSettings(timestepS: number, { rapier, mujoco }: SolverSettings): string {
  return (
    `h = ${Number((1000 * timestepS).toPrecision(4))} ms; Rapier ${rapier.iterations} substeps × ${rapier.internalIterations} sweeps; ` +
    `MuJoCo friction impedance ratio ${mujoco.frictionImpedanceRatio}, contact impedance ${mujoco.contactImpedance}`
  );
}

/** Runs one experiment in the engines asked for; an engine in which it throws has its message for a result. */
export async function runExperiment(
  experiment: Experiment,
  engines: readonly EngineName[] = ENGINE_NAMES,
): Promise<ExperimentResult> {
  const { timestepS, solver } = getSettings(experiment);
  const outcomes: Partial<Record<EngineName, EngineOutcome>> = {};
  let rows: readonly Row[] = [];
  for (const engine of engines) {
    try {
      const measured = await experiment.run({ engine, timestepS, solver });
      const halved =
        experiment.settings === 'default'
          ? await experiment.run({ engine, timestepS: timestepS / 2, solver })
          : undefined;
      rows = measured;
      outcomes[engine] = {
        errors: measured.map(({ error }) => toMeasured(error)),
        ...(halved === undefined ? {} : { halved: halved.map(({ error }) => toMeasured(error)) }),
      };
    } catch (cause) {
      outcomes[engine] = { failure: cause instanceof Error ? cause.message : String(cause) };
    }
  }
  return {
    name: experiment.name,
    shows: experiment.shows,
    settings: describeSettings(timestepS, solver),
    rows: rows.map(({ quantity, unit, exact, tolerance, why }) => ({
      quantity,
      unit,
      ...(exact === undefined ? {} : { exact: Number(exact.toPrecision(6)) }),
      tolerance: Number(tolerance.toPrecision(4)),
      why,
    })),
    ...outcomes,
  };
}

/** How much finer the second look of a comparison is. */
const REFINEMENT = 4;

/** Runs both engines at the robot's own settings, and again with finer steps. */
export async function runComparison(comparison: Comparison): Promise<ComparisonResult> {
  const { rateHz, solver } = loadRobot(comparison.robot).physics;
  const head = {
    name: comparison.name,
    shows: comparison.shows,
    settings: describeSettings(1 / rateHz, solver),
  };
  try {
    const rows = await comparison.run(makeSetups(1 / rateHz, solver));
    const fine = await comparison.run(makeSetups(1 / rateHz / REFINEMENT, solver));
    return {
      ...head,
      rows: rows.map((row, i) => ({
        quantity: row.quantity,
        unit: row.unit,
        ...(row.rapier === undefined ? {} : { rapier: toMeasured(row.rapier) }),
        ...(row.mujoco === undefined ? {} : { mujoco: toMeasured(row.mujoco) }),
        difference: toMeasured(row.difference),
        refined: toMeasured(fine[i]!.difference),
        tolerance: row.tolerance,
        why: row.why,
      })),
    };
  } catch (cause) {
    return { ...head, rows: [], failure: cause instanceof Error ? cause.message : String(cause) };
  }
}
