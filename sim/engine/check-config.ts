import type { EngineConfig } from './engine.ts';

/** @throws RangeError naming the setting that no engine can be built with */
export function checkEngineConfig(config: EngineConfig): void {
  const { numRobots, timestepS, tileSpacing, gravityW, solver } = config;
  assertSetting('numRobots', isCount(numRobots) && numRobots <= 4096, 'in 1 … 4096', numRobots);
  assertSetting('timestepS', timestepS > 0 && timestepS <= 0.1, 'in (0, 0.1] s', timestepS);
  assertSetting('tileSpacing', tileSpacing >= 0 && tileSpacing < 1e4, 'in [0, 10⁴) m', tileSpacing);
  assertSetting('gravityW', gravityW.every(Number.isFinite), 'finite', gravityW);
  const { iterations, internalIterations } = solver.rapier;
  assertSetting('solver.rapier.iterations', isCount(iterations), '1 or more', iterations);
  assertSetting(
    'solver.rapier.internalIterations',
    isCount(internalIterations),
    '1 or more',
    internalIterations,
  );
  const { mujoco } = solver;
  assertSetting(
    'solver.mujoco.iterations',
    isCount(mujoco.iterations),
    '1 or more',
    mujoco.iterations,
  );
  const { frictionImpedanceRatio: ratio, contactImpedance: impedance } = mujoco;
  assertSetting('solver.mujoco.frictionImpedanceRatio', ratio >= 1, '1 or more', ratio);
  assertSetting(
    'solver.mujoco.contactImpedance',
    impedance >= 0.5 && impedance < 1,
    'in [0.5, 1)',
    impedance,
  );
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 1;
}

function assertSetting(name: string, holds: boolean, expected: string, got: unknown): void {
  if (!holds) throw new RangeError(`engine config: ${name} must be ${expected}, got ${got}`);
}
