import type { EngineName } from '../../sim/engine/engine.ts';
import type { SolverSettings } from '../../sim/robot/model.ts';
import type { Setup } from './experiment.ts';

/** What two engines say of the same robot under the same commands. */
export interface ComparisonRow {
  readonly quantity: string;
  readonly unit: string;
  /** What each engine measured, where that is one number. */
  readonly rapier?: number | undefined;
  readonly mujoco?: number | undefined;
  /** In `unit`; 0 or more. */
  readonly difference: number;
  readonly tolerance: number;
  readonly why: string;
}

/** A motion that has no exact solution: each engine is measured against the other. */
export interface Comparison {
  readonly name: string;
  readonly shows: string;
  readonly robot: string;
  run(setups: Readonly<Record<EngineName, Setup>>): Promise<readonly ComparisonRow[]>;
}

/** Both engines at the same timestep. */
export function makeSetups(
  timestepS: number,
  solver: SolverSettings,
): Readonly<Record<EngineName, Setup>> {
  return {
    rapier: { engine: 'rapier', timestepS, solver },
    mujoco: { engine: 'mujoco', timestepS, solver },
  };
}

export function computeRms(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}
