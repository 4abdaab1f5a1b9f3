import { isRowFinite, type StateBatch } from '../../sim/robot/state.ts';
import type { ResolvedLimits } from './limits.ts';
import { PASS, type Verdict } from './verdict.ts';

/**
 * What one check looks at. The caller keeps one of these and overwrites its fields each tick, so that
 * a healthy tick allocates nothing.
 */
export interface SafetyInput {
  /** [s] */
  nowS: number;
  /** [numActuatedJoints] the policy's latest command; undefined before the first */
  command: Float64Array | undefined;
  /** [s] [@invalid NaN] when that command was made */
  commandStampS: number;
  /** Measured state. Row `robot` is judged. */
  state: StateBatch;
  robot: number;
  /** [s] [@invalid NaN] when that state was measured */
  stateStampS: number;
}

/** [-] largest |‖q‖ − 1| of an orientation that a tilt can be read from. */
const QUATERNION_TOLERANCE = 0.01;

/** Relative rounding error of a difference of two commands: half a unit in the last place of each. */
const ROUNDING = Number.EPSILON;

/**
 * Stops when the command or the measured state is not finite. Clear when every number is finite.
 * What no sensor of the robot tells is not looked at, nor is joint effort: it may be NaN for good.
 */
export function checkFinite(input: SafetyInput, limits: ResolvedLimits): Verdict {
  const { command, state, robot } = input;
  // The measurement first: a command made from one that is not finite is not the policy's fault.
  const n = state.numJoints;
  const { known } = limits;
  if (known.position && !isRowFinite(state.position, robot, 3)) return nonFinite('position');
  if (known.orientation && !isRowFinite(state.orientation, robot, 4)) {
    return nonFinite('orientation');
  }
  if (known.linearVelocity && !isRowFinite(state.linearVelocityW, robot, 3)) {
    return nonFinite('linear velocity');
  }
  if (known.angularVelocity && !isRowFinite(state.angularVelocityB, robot, 3)) {
    return nonFinite('angular velocity');
  }
  if (!isRowFinite(state.jointPosition, robot, n)) return nonFinite('joint position');
  if (!isRowFinite(state.jointVelocity, robot, n)) return nonFinite('joint velocity');
  if (command === undefined) return PASS;
  for (let k = 0; k < command.length; k++) {
    if (Number.isFinite(command[k]!)) continue;
    return nonFinite(`command of joint '${limits.jointNames[k]}'`);
  }
  return PASS;
}

/**
 * Holds when the measurement is older than its limit, was never made, or carries a stamp further in
 * the future than the limit (clocks that disagree); stops when it is older than `stopAfterS`. Clear with
 * the first fresh measurement.
 */
export function checkObservationAge(input: SafetyInput, limits: ResolvedLimits): Verdict {
  const age = input.nowS - input.stateStampS;
  if (age <= limits.maxObservationAgeS && -age <= limits.maxObservationAgeS) return PASS;
  if (Number.isNaN(age)) {
    return { action: 'hold', rule: 'stale_observation', detail: 'no measurement yet' };
  }
  const late = age > limits.stopAfterS;
  const limit = late ? limits.stopAfterS : limits.maxObservationAgeS;
  return {
    action: late ? 'stop' : 'hold',
    rule: 'stale_observation',
    detail: `measurement is ${formatS(age)} old, limit ${limit} s`,
  };
}

/**
 * Watches the policy: holds without a command for longer than `maxCommandAgeS`, stops without one for
 * longer than `stopAfterS`. Before the first command it holds, which a filter that has passed nothing
 * yet turns into its stop command. Clear with the first fresh command.
 */
export function checkWatchdog(input: SafetyInput, limits: ResolvedLimits): Verdict {
  const age = input.nowS - input.commandStampS;
  if (input.command === undefined || Number.isNaN(age)) {
    return { action: 'hold', rule: 'watchdog', detail: 'no policy command yet' };
  }
  if (age <= limits.maxCommandAgeS && -age <= limits.maxCommandAgeS) return PASS;
  const late = age > limits.stopAfterS;
  const limit = late ? limits.stopAfterS : limits.maxCommandAgeS;
  return {
    action: late ? 'stop' : 'hold',
    rule: 'watchdog',
    detail: `policy command is ${formatS(age)} old, limit ${limit} s`,
  };
}

/**
 * Stops (or damps) when the body leans further from the vertical than allowed, or its orientation is
 * no unit quaternion, from which no tilt can be read. Clear at or below the limit.
 */
export function checkTilt(input: SafetyInput, limits: ResolvedLimits): Verdict {
  if (limits.maxTilt === Number.POSITIVE_INFINITY) return PASS;
  const q = input.state.orientation;
  const o = 4 * input.robot;
  const x = q[o]!;
  const y = q[o + 1]!;
  const z = q[o + 2]!;
  const w = q[o + 3]!;
  const length = Math.sqrt(x * x + y * y + z * z + w * w);
  if (!(Math.abs(length - 1) <= QUATERNION_TOLERANCE)) {
    const detail = `orientation has length ${length.toFixed(3)}, not 1`;
    return { action: limits.onTilt, rule: 'tilt', detail };
  }
  // As computeTilt does; its result would be an object on the heap where the call is not inlined.
  const tilt = Math.acos(Math.min(1, Math.max(-1, 1 - 2 * (x * x + y * y))));
  if (tilt <= limits.maxTilt) return PASS;
  const detail = `${tilt.toFixed(2)} rad > ${limits.maxTilt} rad`;
  return { action: limits.onTilt, rule: 'tilt', detail };
}

/** Stops (or damps) when base_link leaves its box in the odom frame. Clear inside and on its faces. */
export function checkGeofence(input: SafetyInput, limits: ResolvedLimits): Verdict {
  const box = limits.geofence;
  if (box === undefined) return PASS;
  const position = input.state.position;
  for (let axis = 0; axis < 3; axis++) {
    const value = position[3 * input.robot + axis]!;
    if (value >= box.lower[axis]! && value <= box.upper[axis]!) continue;
    const detail = `${'xyz'[axis]} = ${value.toFixed(2)} m is outside [${box.lower[axis]}, ${box.upper[axis]}] m`;
    return { action: limits.onGeofence, rule: 'geofence', detail };
  }
  return PASS;
}

/** Verdicts of the two clamping rules, made once: a clamp may come every tick. */
export interface ClampVerdicts {
  /** [numActuatedJoints] */
  readonly range: readonly Verdict[];
  readonly rate: readonly Verdict[];
}

export function makeClampVerdicts(limits: ResolvedLimits): ClampVerdicts {
  return {
    range: limits.jointNames.map((name, k) =>
      Object.freeze<Verdict>({
        action: 'clamp',
        rule: 'command_range',
        detail: `'${name}' kept in [${limits.commandLower[k]}, ${limits.commandUpper[k]}]`,
      }),
    ),
    rate: limits.jointNames.map((name, k) =>
      Object.freeze<Verdict>({
        action: 'clamp',
        rule: 'command_rate',
        detail: `'${name}' kept to ${limits.maxCommandRate[k]} per second`,
      }),
    ),
  };
}

/**
 * Clamps each command into its range, in place. A command on the limit passes; clear at once.
 * @param command [numActuatedJoints] in and out
 */
export function clampRange(
  command: Float64Array,
  limits: ResolvedLimits,
  verdicts: ClampVerdicts,
): Verdict {
  let verdict = PASS;
  for (let k = 0; k < command.length; k++) {
    if (command[k]! < limits.commandLower[k]!) command[k] = limits.commandLower[k]!;
    else if (command[k]! > limits.commandUpper[k]!) command[k] = limits.commandUpper[k]!;
    else continue;
    if (verdict === PASS) verdict = verdicts.range[k]!;
  }
  return verdict;
}

/**
 * For how long the rate limit lets a command move: the time since the last check, a period at most, and
 * none on a clock that stood still or went back. So checks that come in a burst, or after a pause, move
 * nothing further than the rate allows. Times are handed over in cells, as numbers they may allocate.
 * @param out [1] s
 * @param lastCheckS [1] s
 */
export function writeRateTime(
  out: Float64Array,
  input: SafetyInput,
  lastCheckS: Float64Array,
  limits: ResolvedLimits,
): void {
  const dt = input.nowS - lastCheckS[0]!;
  // A rounded difference of two times that lie a period apart is to count as a period.
  const slack = ROUNDING * (Math.abs(input.nowS) + Math.abs(lastCheckS[0]!));
  out[0] = dt > 0 ? Math.min(dt + slack, limits.periodS) : 0;
}

/**
 * Keeps each command within its rate of what was sent before, in place. A step as large as the limit
 * passes; clear at once.
 * @param command [numActuatedJoints] in and out
 * @param previous [numActuatedJoints] as last sent
 * @param rateTimeS [1] s, of {@link writeRateTime}
 */
export function clampRate(
  command: Float64Array,
  previous: Float64Array,
  rateTimeS: Float64Array,
  limits: ResolvedLimits,
  verdicts: ClampVerdicts,
): Verdict {
  let verdict = PASS;
  for (let k = 0; k < command.length; k++) {
    const from = previous[k]!;
    const step = command[k]! - from;
    const maxStep = limits.maxCommandRate[k]! * rateTimeS[0]!;
    const slack = ROUNDING * (Math.abs(command[k]!) + Math.abs(from));
    if (Math.abs(step) <= maxStep + slack) continue;
    command[k] = from + (step > 0 ? maxStep : -maxStep);
    if (verdict === PASS) verdict = verdicts.rate[k]!;
  }
  return verdict;
}

function nonFinite(what: string): Verdict {
  return { action: 'stop', rule: 'non_finite', detail: `${what} is not finite` };
}

function formatS(seconds: number): string {
  return `${seconds.toFixed(3)} s`;
}
