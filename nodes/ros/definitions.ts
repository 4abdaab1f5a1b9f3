import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { MessageDefinition, MessageDefinitionField } from '@foxglove/message-definition';
import { parse } from '@foxglove/rosmsg';
import { ros2jazzy } from '@foxglove/rosmsg-msgs-common';
import { CONTROL_ACTIONS, CONTROL_MESSAGES, CONTROL_SERVICES } from './interfaces/control-msgs.ts';
import { PARAMETER_SERVICES } from './interfaces/parameter-services.ts';
import {
  SIMULATION_ACTIONS,
  SIMULATION_MESSAGES,
  SIMULATION_SERVICES,
} from './interfaces/simulation-interfaces.ts';
import { STANDARD_SERVICES } from './interfaces/standard-services.ts';

/**
 * The message types that zerogap speaks; what they nest comes with them. To add one, name it here
 * and run `npx vitest run test/nodes/ros/messages.test.ts -u`, which rewrites messages.ts.
 */
export const ROOT_TYPES = [
  'control_msgs/msg/DynamicJointState',
  'control_msgs/msg/JointJog',
  'control_msgs/msg/MultiDOFStateStamped',
  'diagnostic_msgs/msg/DiagnosticArray',
  'geometry_msgs/msg/PoseArray',
  'geometry_msgs/msg/PoseStamped',
  'geometry_msgs/msg/TransformStamped',
  'geometry_msgs/msg/TwistStamped',
  'geometry_msgs/msg/WrenchStamped',
  'lifecycle_msgs/msg/TransitionEvent',
  'nav_msgs/msg/Odometry',
  'nav_msgs/msg/Path',
  'rcl_interfaces/msg/Log',
  'rcl_interfaces/msg/ParameterEvent',
  'rosgraph_msgs/msg/Clock',
  'sensor_msgs/msg/BatteryState',
  'sensor_msgs/msg/CameraInfo',
  'sensor_msgs/msg/Image',
  'sensor_msgs/msg/Imu',
  'sensor_msgs/msg/JointState',
  'sensor_msgs/msg/LaserScan',
  'sensor_msgs/msg/PointCloud2',
  'sensor_msgs/msg/Range',
  'std_msgs/msg/Bool',
  'std_msgs/msg/Empty',
  'std_msgs/msg/Float64',
  'std_msgs/msg/Float64MultiArray',
  'std_msgs/msg/Int64',
  'std_msgs/msg/String',
  'std_msgs/msg/UInt32',
  'tf2_msgs/msg/TFMessage',
  'trajectory_msgs/msg/JointTrajectory',
  'trajectory_msgs/msg/MultiDOFJointTrajectory',
] as const;

/** Definitions that the package of ROS 2's own does not hold. */
const MESSAGE_TEXTS: Record<string, string> = { ...CONTROL_MESSAGES, ...SIMULATION_MESSAGES };
const SERVICE_TEXTS = {
  ...CONTROL_SERVICES,
  ...PARAMETER_SERVICES,
  ...SIMULATION_SERVICES,
  ...STANDARD_SERVICES,
};
const ACTION_TEXTS = { ...CONTROL_ACTIONS, ...SIMULATION_ACTIONS };

export type PrimitiveType =
  | 'bool'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float32'
  | 'float64'
  | 'string'
  | 'wstring';

export interface Field {
  readonly name: string;
  /** What one value is: a primitive, or the full name of a message. */
  readonly element:
    | { readonly kind: 'primitive'; readonly type: PrimitiveType; readonly maxLength?: number }
    | { readonly kind: 'message'; readonly type: string };
  /** Absent on a single value; a sequence has neither `length` nor, if unbounded, `maxLength`. */
  readonly array?: { readonly length?: number; readonly maxLength?: number };
  /** As the definition gives it; zero, empty or false without. */
  readonly defaultValue?: unknown;
}

/** The data fields of one message, in wire order; constants left out. */
export interface StructDefinition {
  /** `package/msg/Name`, `package/srv/Name_Request` or `package/action/Name_Goal`. */
  readonly type: string;
  readonly fields: readonly Field[];
}

const structs = new Map<string, StructDefinition>();

/** Whether a definition of this message type is in the box. */
export function isKnownType(type: string): boolean {
  return findParsed(type) !== undefined;
}

/**
 * Teaches a message type of another package: its interface file's text, nested types with their packages.
 * @throws RangeError if the type is known already
 */
export function addMessageDefinition(type: string, text: string): void {
  if (isKnownType(type)) throw new RangeError(`message type '${type}' has a definition already`);
  MESSAGE_TEXTS[type] = text;
}

/** The fields of a message, or of a part of a service or action. @throws RangeError on a type that is not in the box */
export function getStruct(type: string): StructDefinition {
  let struct = structs.get(type);
  if (struct === undefined) {
    const parsed = findParsed(type) ?? findPart(type);
    if (parsed === undefined) throw new RangeError(`no definition of message type '${type}'`);
    struct = {
      type,
      fields: parsed.definitions.filter((field) => field.isConstant !== true).map(makeField),
    };
    structs.set(type, struct);
  }
  return struct;
}

/** The type itself and everything it nests, each once, in order of first appearance. */
export function getTypeClosure(type: string): readonly string[] {
  const found = new Set<string>([type]);
  for (const current of found) {
    for (const field of getStruct(current).fields) {
      if (field.element.kind === 'message') found.add(field.element.type);
    }
  }
  return [...found];
}

/** Makes a test, which remembers its answers: whether a type, or one that it nests, has such a field. */
export function makeHolds(isSuch: (field: Field) => boolean): (type: string) => boolean {
  const answers = new Map<string, boolean>();
  return (type) => {
    let holds = answers.get(type);
    if (holds === undefined) {
      holds = getTypeClosure(type).some((one) => getStruct(one).fields.some(isSuch));
      answers.set(type, holds);
    }
    return holds;
  };
}

/** Definitions as the CDR reader and writer take them: the root first, unnamed. */
export function getParsedDefinitions(type: string): MessageDefinition[] {
  return getTypeClosure(type).map((name, i) => {
    const parsed = findParsed(name) ?? findPart(name);
    if (parsed === undefined) throw new RangeError(`no definition of message type '${name}'`);
    return i === 0
      ? { definitions: parsed.definitions }
      : { name: toParsedName(name), definitions: parsed.definitions };
  });
}

const schemaTexts = new Map<string, string>();
const SEPARATOR = '='.repeat(80);

/**
 * The text of a message definition with everything it nests, as rosbag2 embeds it: sections parted
 * by a line of 80 `=` and headed `MSG: package/Name`. builtin_interfaces are included.
 */
export function getSchemaText(type: string): string {
  let text = schemaTexts.get(type);
  if (text === undefined) {
    text = getTypeClosure(type)
      .map((name, i) =>
        i === 0
          ? readOwnText(name)
          : `${SEPARATOR}\nMSG: ${toParsedName(name)}\n${readOwnText(name)}`,
      )
      .join('');
    schemaTexts.set(type, text);
  }
  return text;
}

/** Every service type in the box. */
export function getServiceTypes(): readonly string[] {
  return Object.keys(SERVICE_TEXTS);
}

/** Names of a service's two halves. @throws RangeError on an unknown service */
export function getServiceHalves(service: string): { request: string; response: string } {
  if (SERVICE_TEXTS[service] === undefined) {
    throw new RangeError(
      `no definition of service type '${service}'; there are: ${getServiceTypes().join(', ')}`,
    );
  }
  return { request: `${service}_Request`, response: `${service}_Response` };
}

/** Every action type in the box. */
export function getActionTypes(): readonly string[] {
  return Object.keys(ACTION_TEXTS);
}

/** Names of an action's three parts. @throws RangeError on an unknown action */
export function getActionParts(action: string): { goal: string; result: string; feedback: string } {
  if (ACTION_TEXTS[action] === undefined) {
    throw new RangeError(
      `no definition of action type '${action}'; there are: ${getActionTypes().join(', ')}`,
    );
  }
  return {
    goal: `${action}_Goal`,
    result: `${action}_Result`,
    feedback: `${action}_Feedback`,
  };
}

/** `sensor_msgs/msg/Imu` → `sensor_msgs/Imu`, as definitions name it. */
function toParsedName(type: string): string {
  return type.replace('/msg/', '/');
}

/** `sensor_msgs/Imu` → `sensor_msgs/msg/Imu`, as ROS 2 names it. */
function toFullName(parsedName: string): string {
  return parsedName.replace('/', '/msg/');
}

const ownParsed = new Map<string, MessageDefinition>();

function findParsed(type: string): MessageDefinition | undefined {
  const parts = type.split('/');
  if (parts.length !== 3 || parts[1] !== 'msg') return undefined;
  const text = MESSAGE_TEXTS[type];
  if (text === undefined) {
    const all: Readonly<Record<string, MessageDefinition>> = ros2jazzy;
    return all[`${parts[0]}/${parts[2]}`];
  }
  const parsed = ownParsed.get(type) ?? parseText(text);
  ownParsed.set(type, parsed);
  return parsed;
}

/** Where each part stands in the text of a service or action. */
const PARTS: Readonly<Record<string, number>> = {
  Request: 0,
  Response: 1,
  Goal: 0,
  Result: 1,
  Feedback: 2,
};

/** A part of a service or action. */
function findPart(type: string): MessageDefinition | undefined {
  const [, name = '', suffix = ''] = /^(.+)_(.+)$/.exec(type) ?? [];
  const index = PARTS[suffix];
  const isOfService = suffix === 'Request' || suffix === 'Response';
  const text = (isOfService ? SERVICE_TEXTS : ACTION_TEXTS)[name];
  if (text === undefined || index === undefined) return undefined;
  return parseText(text.split(/^---\n/m)[index] ?? '');
}

/** Nested types keep the full names that the text gives them; a message without fields parses into nothing. */
function parseText(text: string): MessageDefinition {
  return parse(text, { ros2: true, skipTypeFixup: true })[0] ?? { definitions: [] };
}

/** The data fields of an interface file's text; a nested type without its package is of `package_`. */
export function parseFields(text: string, package_: string): readonly Field[] {
  return parseText(text)
    .definitions.filter((field) => field.isConstant !== true)
    .map((field) => {
      const isLocal = field.isComplex === true && !field.type.includes('/');
      const type = isLocal ? `${package_}/${field.type}` : field.type.replace('/msg/', '/');
      return makeField({ ...field, type });
    });
}

function makeField(field: MessageDefinitionField): Field {
  return {
    name: field.name,
    element: makeElement(field),
    ...(field.defaultValue !== undefined && { defaultValue: field.defaultValue }),
    ...(field.isArray === true && {
      array: {
        ...(field.arrayLength !== undefined && { length: field.arrayLength }),
        ...(field.arrayUpperBound !== undefined && { maxLength: field.arrayUpperBound }),
      },
    }),
  };
}

function makeElement(field: MessageDefinitionField): Field['element'] {
  // The parser folds these two messages into names of its own.
  if (field.type === 'time') return { kind: 'message', type: 'builtin_interfaces/msg/Time' };
  if (field.type === 'duration') {
    return { kind: 'message', type: 'builtin_interfaces/msg/Duration' };
  }
  if (field.isComplex === true) return { kind: 'message', type: toFullName(field.type) };
  return {
    kind: 'primitive',
    type: field.type as PrimitiveType,
    ...(field.upperBound !== undefined && { maxLength: field.upperBound }),
  };
}

const require = createRequire(import.meta.url);

/** The interface file's own text, without what the package appends of nested types. */
function readOwnText(type: string): string {
  const text = MESSAGE_TEXTS[type];
  if (text !== undefined) return `${text.trim()}\n`;
  const packageFolder = path.dirname(require.resolve('@foxglove/rosmsg-msgs-common/package.json'));
  const file = path.join(packageFolder, 'msgdefs/ros2jazzy', `${type}.msg`);
  const own = readFileSync(file, 'utf8').split(/^=+\nMSG: .*$/m)[0] ?? '';
  return `${own.trim()}\n`;
}
