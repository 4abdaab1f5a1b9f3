import { throwIfAny, UserError } from '../../sim/errors.ts';
import type { Vec3 } from '../../sim/math/vec3.ts';
import { computeKnownState, type KnownState } from '../../sim/robot/known-state.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import type { SafetyConfig } from '../config.ts';

/** Every limit that one robot is held to: its own, tightened by the profile, and the profile's waiting times. */
export interface ResolvedLimits {
  /** [s] */
  readonly maxObservationAgeS: number;
  /** [s] */
  readonly holdS: number;
  /** [s] */
  readonly maxCommandAgeS: number;
  /** [s] */
  readonly stopAfterS: number;
  readonly onTilt: 'damp' | 'stop';
  readonly onGeofence: 'damp' | 'stop';
  /** What the robot's sensors tell of it; the rest of a measured state may be anything and is not looked at. */
  readonly known: KnownState;
  /** [rad] infinite where tilt means nothing */
  readonly maxTilt: number;
  /** [m] [@frame odom] absent where the base cannot move */
  readonly geofence: { readonly lower: Vec3; readonly upper: Vec3 } | undefined;
  readonly jointNames: readonly string[];
  /** [numActuatedJoints] in the command's unit */
  readonly commandLower: Float64Array;
  readonly commandUpper: Float64Array;
  /** [s] between two commands; the rate limit never counts more than this at once */
  readonly periodS: number;
  /** [numActuatedJoints] in the command's unit per second */
  readonly maxCommandRate: Float64Array;
  readonly damp: Float64Array;
  readonly stop: Float64Array;
}

/**
 * The robot's limits, tightened by the configuration, and the configuration's waiting times.
 * @param periodS [s] between two checks
 * @throws UserErrors for a limit that is looser than the robot's, or on what the robot does not know of itself, and
 *   for lists of the wrong length
 */
export function resolveLimits(
  model: RobotModel,
  config: SafetyConfig,
  periodS: number,
  where = 'safety',
): ResolvedLimits {
  if (!(periodS > 0))
    throw new RangeError(`resolveLimits: periodS must be above 0, got ${periodS}`);
  const names = model.actuatedJointNames;
  const patienceS = Math.max(SHORTEST_PATIENCE_S, PATIENT_PERIODS * periodS);
  const maxCommandAgeS = config.maxCommandAgeS ?? patienceS;
  const stopAfterS = config.stopAfterS ?? STOP_FACTOR * maxCommandAgeS;
  assertLength(model, 'commandLower', model.commandLower);
  assertLength(model, 'commandUpper', model.commandUpper);
  assertLength(model, 'safety.damp', model.safety.damp);
  assertLength(model, 'safety.stop', model.safety.stop);
  assertLength(model, 'safety.maxCommandRate', model.safety.maxCommandRate);
  const maxObservationAgeS = config.maxObservationAgeS ?? patienceS;
  throwIfAny([
    ...listLooseLimits(model, config, where),
    ...listBlindLimits(model, config, where),
    ...listEarlyStops({ maxCommandAgeS, maxObservationAgeS }, stopAfterS, where),
  ]);
  const rate = config.maxCommandRate ?? model.safety.maxCommandRate;
  return {
    maxObservationAgeS,
    holdS: config.holdS,
    maxCommandAgeS,
    stopAfterS,
    onTilt: config.onTilt,
    onGeofence: config.onGeofence,
    known: computeKnownState(model),
    maxTilt: config.maxTilt ?? model.safety.maxTilt ?? Number.POSITIVE_INFINITY,
    geofence: config.geofence ?? model.safety.geofence,
    jointNames: names,
    commandLower: Float64Array.from(model.commandLower),
    commandUpper: Float64Array.from(model.commandUpper),
    periodS,
    maxCommandRate: Float64Array.from(rate),
    damp: Float64Array.from(model.safety.damp),
    stop: Float64Array.from(model.safety.stop),
  };
}

// A slow loop may miss a tick or two; a fast one must outlast a pause of the process.
/** [s] */
const SHORTEST_PATIENCE_S = 0.1;
const PATIENT_PERIODS = 3;
const STOP_FACTOR = 10;

function listEarlyStops(
  ages: Readonly<Record<'maxCommandAgeS' | 'maxObservationAgeS', number>>,
  stopAfterS: number,
  where: string,
): UserError[] {
  return Object.entries(ages).flatMap(([key, ageS]) => {
    if (stopAfterS >= ageS) return [];
    return new UserError({
      where: `${where}.stopAfterS`,
      problem: 'the stop would come before the hold',
      expected: `at least ${key} = ${ageS} s`,
      got: `${stopAfterS}`,
      remedy: `Raise stopAfterS or lower ${key}`,
    });
  });
}

/** Limits that nobody could watch. */
function listBlindLimits(model: RobotModel, config: SafetyConfig, where: string): UserError[] {
  const known = computeKnownState(model);
  const needs = [
    ['geofence', 'position', 'motion capture beside an IMU, or odometry'],
    ['maxTilt', 'orientation', 'an IMU on the base'],
  ] as const;
  return needs.flatMap(([key, quantity, sensors]) => {
    const limit = config[key] ?? model.safety[key];
    if (limit === undefined || known[quantity]) return [];
    const isOwn = config[key] === undefined;
    return new UserError({
      where: isOwn ? `robot '${model.name}', safety.${key}` : `${where}.${key}`,
      problem: `no sensor tells the robot's ${quantity}, so nobody could watch this limit`,
      expected: `sensors of robot '${model.name}' that tell its ${quantity}: ${sensors}`,
      got: model.sensors.map(({ name, kind }) => `${name} (${kind})`).join(', ') || 'none',
      remedy: 'Describe the sensors in robot.yaml, or remove the limit',
    });
  });
}

function listLooseLimits(model: RobotModel, config: SafetyConfig, where: string): UserError[] {
  const errors: UserError[] = [];
  const refuse = (key: string, problem: string, expected: string, got: string) =>
    errors.push(
      new UserError({
        where: `${where}.${key}`,
        problem,
        expected,
        got,
        remedy: `Tighten it, or change the robot's own limit in the robot.yaml of '${model.name}' if the robot can bear it`,
      }),
    );
  const own = model.safety;
  if (config.maxTilt !== undefined && own.maxTilt !== undefined && config.maxTilt > own.maxTilt) {
    refuse('maxTilt', "looser than the robot's", `at most ${own.maxTilt} rad`, `${config.maxTilt}`);
  }
  if (config.geofence !== undefined) {
    const { lower, upper } = config.geofence;
    (['x', 'y', 'z'] as const).forEach((axis, k) => {
      const allowed = [
        own.geofence?.lower[k] ?? Number.NEGATIVE_INFINITY,
        own.geofence?.upper[k] ?? Number.POSITIVE_INFINITY,
      ] as const;
      if (lower[k]! < upper[k]! && lower[k]! >= allowed[0] && upper[k]! <= allowed[1]) return;
      refuse(
        `geofence ${axis}`,
        "not a range inside the robot's",
        `[lower, upper] inside [${allowed[0]}, ${allowed[1]}] m`,
        `[${lower[k]}, ${upper[k]}]`,
      );
    });
  }
  const names = model.actuatedJointNames;
  const rates = config.maxCommandRate;
  if (rates !== undefined && rates.length !== names.length) {
    refuse(
      'maxCommandRate',
      'wrong length',
      `one per joint: ${names.join(', ')}`,
      `${rates.length}`,
    );
  }
  rates?.forEach((rate, k) => {
    const limit = own.maxCommandRate[k];
    if (limit === undefined || rate <= limit) return;
    refuse(
      `maxCommandRate[${k}]`,
      `looser than the robot's for '${names[k]}'`,
      `at most ${limit}`,
      `${rate}`,
    );
  });
  return errors;
}

function assertLength(model: RobotModel, what: string, list: readonly number[]): void {
  if (list.length === model.actuatedJointNames.length) return;
  throw new RangeError(
    `robot '${model.name}': ${what} has [${list.length}] entries for [${model.actuatedJointNames.length}] actuated joints`,
  );
}
