import { readFileSync } from 'node:fs';
import { type NodeIdentity, resolveNode } from '../../nodes/ros/names.ts';
import {
  type ParameterFile,
  parseParameterFile,
  selectParameters,
} from '../../nodes/ros/parameter-file.ts';
import type { NodeOptions, ParameterValue, RosContext, RosNode } from '../../nodes/ros/port.ts';
import { type GivenParameters, parseRosArgs, type RosArgs } from '../../nodes/ros/ros-args.ts';
import { UserError } from '../../sim/errors.ts';

/** What a process was told on its command line in ROS 2's own words. */
export interface NodeSettings {
  readonly args: RosArgs;
  /** Parameter files and single parameters, in the order in which they were given. */
  readonly given: readonly (ParameterFile | Exclude<GivenParameters, { readonly file: string }>)[];
}

/** @throws UserErrors for arguments that are none of ROS's, and for parameter files that cannot be read */
export function readNodeSettings(args: readonly string[]): NodeSettings {
  const parsed = parseRosArgs(args);
  if (parsed.rest.length > 0) {
    throw new UserError({
      where: `arguments ${parsed.rest.join(' ')}`,
      problem: 'a node takes ROS 2 arguments alone',
      expected: '--ros-args -p profile:=demo --params-file params.yaml -r __ns:=/fleet …',
      got: parsed.rest.join(' '),
      remedy: 'Put --ros-args before them, or leave them out.',
    });
  }
  const given = parsed.parameters.map((one) =>
    'file' in one ? parseParameterFile(readText(one.file), one.file) : one,
  );
  return { args: parsed, given };
}

/** What was given for one node, the later the stronger. */
export function selectFor(
  { given }: NodeSettings,
  { name, fullyQualifiedName }: NodeIdentity & { readonly fullyQualifiedName: string },
): Record<string, ParameterValue> {
  const values = given.map((one) => {
    if ('sections' in one) return selectParameters(one, fullyQualifiedName);
    const isMeant = one.node === undefined || [name, fullyQualifiedName].includes(one.node);
    return isMeant ? one.values : {};
  });
  return Object.assign({}, ...values) as Record<string, ParameterValue>;
}

/** What a node of that name will be called, and what was given for it. */
export function resolveSettings(settings: NodeSettings, name: string, options: NodeOptions = {}) {
  const remappings = { ...settings.args.remappings, ...options.remappings };
  const identity = resolveNode(name, options.namespace ?? '/', remappings);
  return { remappings, parameters: selectFor(settings, identity) };
}

/** Parameters of the process rather than of its node; every node shows them. */
export type Shown = Readonly<
  Record<string, { readonly value: ParameterValue; readonly description: string }>
>;

/**
 * A context whose nodes are named, remapped and parametrised as the command line says, which wins over what the
 * node says of itself.
 */
export function configureContext(
  context: RosContext,
  settings: NodeSettings,
  shown: Shown,
): RosContext {
  const createNode = (name: string, options: NodeOptions = {}): RosNode => {
    const { remappings, parameters } = resolveSettings(settings, name, options);
    const node = context.createNode(name, {
      ...options,
      remappings,
      parameters: { ...options.parameters, ...parameters },
    });
    for (const [parameter, { value, description }] of Object.entries(shown)) {
      node.declareParameter({ name: parameter, default: value, description, readOnly: true });
    }
    for (const warning of settings.args.warnings) node.logger.warn(warning);
    return node;
  };
  return new Proxy(context, {
    get(target, key) {
      if (key === 'createNode') return createNode;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new UserError({
      where: `--params-file ${path}`,
      problem: 'cannot be read',
      expected: 'a readable YAML file',
      got: cause instanceof Error ? cause.message : String(cause),
      remedy: 'Check the path and its permissions.',
      cause,
    });
  }
}
