import { UserError } from '../../sim/errors.ts';
import { nestParameters, readParameterValue } from './parameter-file.ts';
import type { ParameterValue } from './port.ts';

/** What ROS 2's own arguments say (https://design.ros2.org/articles/ros_command_line_arguments.html). */
export interface RosArgs {
  /** `from:=to`, rules for one node headed `node:`; what `resolveNode` takes. */
  readonly remappings: Readonly<Record<string, string>>;
  /** In the order given; of two values for one parameter the later one holds. */
  readonly parameters: readonly GivenParameters[];
  /** Of the process, or of the logger of that name. */
  readonly logLevels: readonly { readonly logger?: string; readonly level: LogLevelName }[];
  /** What was read but has no effect here, each a sentence. */
  readonly warnings: readonly string[];
  /** All arguments that are not ROS's own. */
  readonly rest: readonly string[];
}

/** Parameters with the nodes that they are for. */
export type GivenParameters =
  | { readonly file: string }
  | {
      /** Undefined: every node. */
      readonly node?: string;
      readonly values: Readonly<Record<string, ParameterValue>>;
    };

export const LOG_LEVEL_NAMES = ['debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevelName = (typeof LOG_LEVEL_NAMES)[number];

interface Draft {
  readonly remappings: Record<string, string>;
  readonly parameters: GivenParameters[];
  readonly logLevels: { logger?: string; level: LogLevelName }[];
  readonly warnings: string[];
}

/** Options of ROS that take a value. */
const WITH_VALUE: Readonly<Record<string, (draft: Draft, value: string) => void>> = {
  '-r': addRemapping,
  '--remap': addRemapping,
  '-p': addParameter,
  '--param': addParameter,
  '--params-file': (draft, file) => {
    draft.parameters.push({ file });
  },
  '--log-level': addLogLevel,
  '-e': ignoreEnclave,
  '--enclave': ignoreEnclave,
  '--log-config-file': (draft, file) => {
    draft.warnings.push(`--log-config-file ${file} has no effect here: use --log-level`);
  },
};

/** Options of ROS that switch something on or off. */
const SWITCHES = ['rosout-logs', 'stdout-logs', 'external-lib-logs'].flatMap((name) => [
  `--enable-${name}`,
  `--disable-${name}`,
]);

/**
 * Takes ROS 2's own arguments out of a command line: what stands between `--ros-args` and `--`, or the end.
 * @throws UserError for an argument that ROS 2 would refuse
 */
export function parseRosArgs(args: readonly string[]): RosArgs {
  const draft: Draft = { remappings: {}, parameters: [], logLevels: [], warnings: [] };
  const rest: string[] = [];
  let isRos = false;
  for (let i = 0; i < args.length; i++) {
    const argument = args[i]!;
    if (!isRos || argument === '--' || argument === '--ros-args') {
      if (argument === '--ros-args') isRos = true;
      else if (isRos) isRos = false;
      else rest.push(argument);
      continue;
    }
    if (SWITCHES.includes(argument)) {
      draft.warnings.push(`${argument} has no effect here`);
      continue;
    }
    const take = WITH_VALUE[argument];
    if (take === undefined) throw refuse(argument, 'is no argument of ROS 2', listKnown());
    const value = args[++i];
    if (value === undefined) throw refuse(argument, 'has no value', 'a value behind it');
    take(draft, value);
  }
  return { ...draft, rest };
}

function listKnown(): string {
  return [...Object.keys(WITH_VALUE), ...SWITCHES].join(', ');
}

function addRemapping({ remappings }: Draft, rule: string): void {
  const [from, to] = split('-r', rule);
  // Of two rules for one name the first holds, as in rcl.
  remappings[from] ??= to;
}

function addParameter({ parameters }: Draft, rule: string): void {
  const [key, text] = split('-p', rule);
  const [, node, name] = /^(?:([^:]+):)?([^:]+)$/.exec(key) ?? [];
  if (name === undefined) throw refuse(`-p ${rule}`, 'names no parameter', '[node:]name:=value');
  const value = readParameterValue(text, `-p ${rule}`);
  const values = nestParameters({ [name]: value }, `-p ${rule}`);
  parameters.push({ ...(node === undefined ? {} : { node }), values });
}

function addLogLevel({ logLevels }: Draft, rule: string): void {
  const [, logger, name = ''] = /^(?:(.+):=)?(.*)$/.exec(rule) ?? [];
  const level = LOG_LEVEL_NAMES.find((one) => one === name.toLowerCase());
  if (level === undefined) {
    throw refuse(`--log-level ${rule}`, 'is no level', LOG_LEVEL_NAMES.join(', '));
  }
  logLevels.push({ ...(logger === undefined ? {} : { logger }), level });
}

function ignoreEnclave({ warnings }: Draft, enclave: string): void {
  warnings.push(
    `--enclave ${enclave} has no effect here; SROS 2 finds its keys by ROS_SECURITY_ENCLAVE_OVERRIDE`,
  );
}

function split(option: string, rule: string): readonly [string, string] {
  const at = rule.indexOf(':=');
  if (at <= 0) throw refuse(`${option} ${rule}`, 'is no rule', 'from:=to');
  return [rule.slice(0, at), rule.slice(at + 2)];
}

function refuse(what: string, problem: string, expected: string): UserError {
  return new UserError({
    where: `--ros-args ${what}`,
    problem,
    expected,
    got: what,
    remedy: 'See https://docs.ros.org/en/jazzy/How-To-Guides/Node-arguments.html.',
  });
}
