import type { EngineName } from '../../sim/engine/engine.ts';
import type { SolverSettings } from '../../sim/robot/model.ts';
import { SolverConfig } from '../../sim/robot/physics-config.ts';

/** Which engine an experiment runs in, and how finely. */
export interface Setup {
  readonly engine: EngineName;
  readonly timestepS: number;
  readonly solver: SolverSettings;
}

/** What `robot.yaml` gives a robot that says nothing about physics: what a new user gets. */
export const DEFAULT_TIMESTEP_S = 0.002;
export const DEFAULT_SOLVER: SolverSettings = SolverConfig.parse({});

/** One measured quantity against what it should be. */
export interface Row {
  /** What was measured, and when. Unique within its experiment. */
  readonly quantity: string;
  readonly unit: string;
  /** What it should be, where that is one number; absent where the error is a maximum over time. */
  readonly exact?: number | undefined;
  /** In `unit`; 0 or more. NaN is a miss. */
  readonly error: number;
  /** In `unit`, for either engine: a stated need or a bound that follows from the method, never the result. */
  readonly tolerance: number;
  /** Where the tolerance comes from. */
  readonly why: string;
}

/** One question to the physics, with its answer in rows. */
export interface Experiment {
  /** As in `--only`. */
  readonly name: string;
  /** One or two sentences: what is set up, and what it is compared with. */
  readonly shows: string;
  /**
   * `default`: at 2 ms and the default solver, and again at half the step, which tells errors of the integrator,
   * which halve, from others; a robot: at the settings that its `robot.yaml` asks for
   */
  readonly settings: 'default' | { readonly robot: string };
  run(setup: Setup): Promise<readonly Row[]>;
}

export function isWithin(row: Row): boolean {
  return row.error <= row.tolerance;
}

/** Relative error. [%] */
export function computePercent(measured: number, exact: number): number {
  return 100 * Math.abs(measured / exact - 1);
}
