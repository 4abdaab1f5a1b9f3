import type { ParameterValue } from '../../nodes/ros/port.ts';
import { SafetyConfig } from '../../policies/config.ts';
import { throwIfAny, UserError } from '../../sim/errors.ts';
import { checkConfig, listProfiles, readProfile, type StartConfig } from '../config.ts';

/** What a node process is to be, read from the parameters that it was given. */
export interface NodeParameters {
  /** Name or path. */
  readonly profile: string;
  readonly config: StartConfig;
  /** `ros`: by /clock, beside a simulator; `wall`: by the machine, on a robot. */
  readonly clock: 'ros' | 'wall';
  readonly startState: (typeof START_STATES)[number];
  /** Whether a managed node is at work from its start. */
  readonly autostart: boolean;
}

const START_STATES = ['playing', 'paused', 'stopped'] as const;

/**
 * Reads the parameters that every node process takes: `profile`, `use_sim_time`, and of the safety node the keys of
 * SafetyConfig and `controller_command.*`, which override the profile's.
 * @param name of the node, without `_node`
 * @throws UserErrors for what is missing or does not fit
 */
export function readNodeParameters(
  name: string,
  given: Readonly<Record<string, ParameterValue>>,
): NodeParameters {
  const { profile } = given;
  if (typeof profile !== 'string') {
    throw new UserError({
      where: `parameter profile of node ${name}`,
      problem: 'nothing says which robot and policy this is about',
      expected: `one of ${listProfiles().join(', ')}, or a path to a YAML file`,
      got: profile === undefined ? 'nothing' : JSON.stringify(profile),
      remedy: 'Add -p profile:=NAME, or a parameter file that has it.',
    });
  }
  const config = readProfile(profile, `parameter profile of node ${name}`);
  return {
    profile,
    config: name === 'safety' ? withController(withSafety(config, given), given) : config,
    clock: readSimTime(name, given.use_sim_time) ? 'ros' : 'wall',
    startState: readStartState(given.start_state ?? 'playing'),
    autostart: readAutostart(given.autostart ?? true),
  };
}

/** Keys of `controllerCommand` of a profile, which a parameter of the safety node overrides. */
export const CONTROLLER_PARAMETERS = ['kind', 'topic', 'joints'] as const;

/** @throws UserErrors for values that do not fit */
function withController(
  config: StartConfig,
  given: Readonly<Record<string, ParameterValue>>,
): StartConfig {
  const values = CONTROLLER_PARAMETERS.flatMap((key) => {
    const value = given[`controller_command.${key}`];
    return value === undefined ? [] : [[key, value] as const];
  });
  if (values.length === 0) return config;
  const controllerCommand = { ...config.controllerCommand, ...Object.fromEntries(values) };
  return checkConfig({ ...config, controllerCommand });
}

function readAutostart(value: ParameterValue): boolean {
  if (typeof value === 'boolean') return value;
  throw new UserError({
    where: 'parameter autostart',
    problem: 'says not whether the node begins to work by itself',
    expected: 'true or false',
    got: JSON.stringify(value),
    remedy: 'Correct it.',
  });
}

/**
 * A limit that a parameter shows is the limit that holds.
 * @throws UserErrors for values that do not fit, and for limits that are more than a number or a word
 */
function withSafety(
  config: StartConfig,
  given: Readonly<Record<string, ParameterValue>>,
): StartConfig {
  const own = Object.entries(given)
    .map(([name, value]) => ({ name, key: toCamelCase(name.replace(/\..*/, '')), value }))
    .filter(({ key }) => Object.hasOwn(SafetyConfig.shape, key));
  throwIfAny(
    own
      .filter(({ name, value }) => name.includes('.') || typeof value === 'object')
      .map(({ name, key }) => refuseCompound(name, key)),
  );
  const values = Object.fromEntries(own.map(({ key, value }) => [key, value]));
  return checkConfig({ ...config, safety: { ...config.safety, ...values } });
}

function refuseCompound(name: string, key: string): UserError {
  return new UserError({
    where: `parameter ${name} of node safety`,
    problem: 'is no single value, and would be shown nowhere',
    expected: 'numbers and words alone',
    got: name,
    remedy: `Set safety.${key} in the profile.`,
  });
}

function readSimTime(name: string, value: ParameterValue | undefined): boolean {
  if (typeof value === 'boolean') return value;
  throw new UserError({
    where: `parameter use_sim_time of node ${name}`,
    problem: 'nothing says whose time this is',
    expected: 'true beside a simulator, false on a robot',
    got: value === undefined ? 'nothing' : JSON.stringify(value),
    remedy: 'Add -p use_sim_time:=true or false, or a parameter file that has it.',
  });
}

function readStartState(value: ParameterValue): NodeParameters['startState'] {
  const state = START_STATES.find((one) => one === value);
  if (state !== undefined) return state;
  throw new UserError({
    where: 'parameter start_state',
    problem: 'no such state',
    expected: START_STATES.join(', '),
    got: JSON.stringify(value),
    remedy: 'Correct it.',
  });
}

function toCamelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
