import type { AirMode } from './config.ts';
import type { EngineConfig, EngineName } from './engine/engine.ts';
import { UserError } from './errors.ts';
import { checkRandomization } from './randomize/check.ts';
import { getDistribution, type RandomizationConfig } from './randomize/config.ts';
import { computeSupport } from './randomize/distribution.ts';
import { listParts } from './randomize/entries.ts';
import { getProperty, type PropertyKey } from './randomize/properties.ts';
import type { RobotModel, SolverSettings } from './robot/model.ts';
import type { SolverOverrides } from './robot/physics-config.ts';
import { checkSensors } from './sensor/check-sensors.ts';
import type { Scene } from './terrain/scene.ts';

export interface RobotWorldOptions {
  readonly model: RobotModel;
  readonly numRobots: number;
  /** Default: the robot's own rate. */
  readonly physicsRateHz?: number | undefined;
  /** Divides physicsRateHz. */
  readonly controlRateHz: number;
  /** [m] */
  readonly tileSpacing: number;
  readonly scene: Scene;
  readonly randomization: RandomizationConfig;
  /** [1] @range 0, … physics steps that its clock shows when it is made; default: 0 */
  readonly startStep?: number | undefined;
  /** [s] default: the model's own */
  readonly motorTimeoutS?: number;
  /** default: rapier */
  readonly engine?: EngineName;
  /** [m/s²] along −z; default: standard gravity */
  readonly gravity?: number;
  /** default: own */
  readonly air?: AirMode | undefined;
  /** Instead of the robot's own settings, engine by engine. */
  readonly solver?: SolverOverrides | undefined;
}

/** [Hz] */
export function resolvePhysicsRate({ physicsRateHz, model }: RobotWorldOptions): number {
  return physicsRateHz ?? model.physics.rateHz;
}

/** What else than factors the draws of a world ask of its engine. */
export function listVarying(randomization: RandomizationConfig): EngineConfig['varies'] {
  const varies = (...keys: readonly PropertyKey[]) =>
    keys.some((key) => {
      const { nominal } = getProperty(key);
      const support = computeSupport(getDistribution(randomization, key));
      return (
        support.some((end) => end !== nominal) || (randomization.fixed[key] ?? nominal) !== nominal
      );
    });
  return [
    ...(varies(
      'payload.mass',
      'centreOfMassOffset.x',
      'centreOfMassOffset.y',
      'centreOfMassOffset.z',
    )
      ? (['centreOfMass'] as const)
      : []),
    ...(varies('restitutionOffset') ? (['restitution'] as const) : []),
  ];
}

/** The robot's own settings with what a world says otherwise. */
export function resolveSolver(own: SolverSettings, overrides?: SolverOverrides): SolverSettings {
  const { rapier, mujoco } = overrides ?? {};
  return {
    rapier: {
      iterations: rapier?.iterations ?? own.rapier.iterations,
      internalIterations: rapier?.internalIterations ?? own.rapier.internalIterations,
      frictionInEverySweep: rapier?.frictionInEverySweep ?? own.rapier.frictionInEverySweep,
    },
    mujoco: {
      iterations: mujoco?.iterations ?? own.mujoco.iterations,
      frictionImpedanceRatio: mujoco?.frictionImpedanceRatio ?? own.mujoco.frictionImpedanceRatio,
      contactImpedance: mujoco?.contactImpedance ?? own.mujoco.contactImpedance,
    },
  };
}

/** Rates that do not divide, a randomisation that makes no sense, sensors that cannot tell the state. */
export function checkWorldOptions(options: RobotWorldOptions): UserError[] {
  const { model, randomization } = options;
  return [
    ...checkRates(options),
    ...checkRandomization(randomization, `robot '${model.name}', randomization`, {
      model,
      parts: listParts(model, options.scene),
    }),
    ...checkSensors(model, resolvePhysicsRate(options)),
  ];
}

function checkRates(options: RobotWorldOptions): UserError[] {
  const { controlRateHz, model } = options;
  const physicsRateHz = resolvePhysicsRate(options);
  const ratio = physicsRateHz / controlRateHz;
  // 1e-9: what division leaves of a ratio that is meant to be whole.
  if (ratio >= 1 && Math.abs(ratio - Math.round(ratio)) < 1e-9) return [];
  const isOwn = options.physicsRateHz === undefined;
  return [
    new UserError({
      where: `world: physicsRateHz${isOwn ? `, the default of robot '${model.name}'` : ''}`,
      problem: 'a control period must hold a whole number of physics steps',
      expected: `a multiple of controlRateHz (${controlRateHz})`,
      got: `${physicsRateHz}`,
      remedy: `Set it to ${controlRateHz * Math.max(1, Math.round(ratio))}`,
    }),
  ];
}
