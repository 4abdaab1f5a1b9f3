import { ros2humble, ros2jazzy } from '@foxglove/rosmsg-msgs-common';
import { expect, it } from 'vitest';
import {
  type Field,
  getActionParts,
  getActionTypes,
  getServiceHalves,
  getServiceTypes,
  getStruct,
  getTypeClosure,
  ROOT_TYPES,
} from '../../../nodes/ros/definitions.ts';

const ARRAYS: Readonly<Record<string, string>> = {
  bool: 'boolean[]',
  string: 'string[]',
  int8: 'Numbers<Int8Array>',
  uint8: 'Numbers<Uint8Array>',
  int16: 'Numbers<Int16Array>',
  uint16: 'Numbers<Uint16Array>',
  int32: 'Numbers<Int32Array>',
  uint32: 'Numbers<Uint32Array>',
  int64: 'BigInts<BigInt64Array>',
  uint64: 'BigInts<BigUint64Array>',
  float32: 'Numbers<Float32Array>',
  float64: 'Numbers<Float64Array>',
};

/** The interface's name: the message's, unless that is a name of TypeScript's own. */
function renderName(type: string): string {
  const name = type.split('/')[2] ?? '';
  return name === 'String' ? 'StringMessage' : name;
}

function renderType({ element, array }: Field): string {
  if (element.kind === 'message') return `${renderName(element.type)}${array ? '[]' : ''}`;
  if (array) return ARRAYS[element.type] ?? '';
  if (element.type === 'bool') return 'boolean';
  if (element.type === 'string') return 'string';
  return element.type.endsWith('64') && element.type !== 'float64' ? 'bigint' : 'number';
}

function renderFields(type: string): string[] {
  return getStruct(type).fields.map((field) => {
    const length = field.array?.length;
    const note = length === undefined ? '' : `  /** Length ${length}. */\n`;
    return `${note}  ${field.name}: ${renderType(field)};`;
  });
}

function renderInterface(type: string, name: string): string {
  const fields = renderFields(type);
  return fields.length === 0
    ? `/** ${type} */\nexport type ${name} = Record<string, never>;`
    : `/** ${type} */\nexport interface ${name} {\n${fields.join('\n')}\n}`;
}

function listTypes(): string[] {
  const parts = [
    ...getServiceTypes().flatMap((service) => Object.values(getServiceHalves(service))),
    ...getActionTypes().flatMap((action) => Object.values(getActionParts(action))),
  ];
  const all = [...ROOT_TYPES, ...parts].flatMap((type) => getTypeClosure(type));
  return [...new Set(all)].filter((type) => !parts.includes(type)).sort();
}

function renderFile(): string {
  const types = listTypes();
  const actions = getActionTypes().map((action) => ({
    action,
    parts: Object.entries(getActionParts(action)).map(([part, type]) => ({
      part,
      type,
      name: type.split('/')[2]?.replace('_', '') ?? '',
    })),
  }));
  const services = getServiceTypes().map((service) => {
    const { request, response } = getServiceHalves(service);
    return { service, request, response, name: `${service.split('/')[2]}Service` };
  });
  return `${[
    '// Written by test/nodes/ros/messages.test.ts from the ROS 2 definitions; do not edit.\n',
    '/** A numeric array: delivered as the typed array, accepted as either. */',
    'export type Numbers<Typed> = Typed | number[];\n',
    '/** A 64-bit integer array: delivered as the typed array, accepted as either. */',
    'export type BigInts<Typed> = Typed | bigint[];\n',
    ...types.map((type) => `${renderInterface(type, renderName(type))}\n`),
    ...services.flatMap(({ request, response, name }) => [
      `${renderInterface(request, name.replace('Service', 'Request'))}\n`,
      `${renderInterface(response, name.replace('Service', 'Response'))}\n`,
    ]),
    ...actions.flatMap(({ parts }) =>
      parts.map(({ type, name }) => `${renderInterface(type, name)}\n`),
    ),
    '/** Every message type by its full name. */',
    'export interface MessageTypes {',
    ...types.map((type) => `  '${type}': ${renderName(type)};`),
    '}\n',
    '/** Every service type by its full name. */',
    'export interface ServiceTypes {',
    ...services.flatMap(({ service, name }) => [
      `  '${service}': {`,
      `    request: ${name.replace('Service', 'Request')};`,
      `    response: ${name.replace('Service', 'Response')};`,
      '  };',
    ]),
    '}\n',
    '/** Every action type by its full name. */',
    'export interface ActionTypes {',
    ...actions.flatMap(({ action, parts }) => [
      `  '${action}': {`,
      ...parts.map(({ part, name }) => `    ${part}: ${name};`),
      '  };',
    ]),
    '}',
  ].join('\n')}\n`;
}

it('keeps the interfaces of messages.ts equal to the ROS 2 definitions', async () => {
  await expect(renderFile()).toMatchFileSnapshot('../../../nodes/ros/messages.ts');
});

it('gives no two definitions one name, which would become one interface', () => {
  const names: string[] = renderFile().match(/(?<=^export (interface|type) )\w+/gm) ?? [];
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

/** Types to which Jazzy has added fields at the end, where a reader of Humble's finds its own and leaves the rest unread. */
const GROWN: Readonly<Record<string, readonly string[]>> = {
  'sensor_msgs/msg/Range': ['variance'],
};

it('uses no type whose fields differ between Humble and Jazzy, but for what Jazzy appends', () => {
  const fieldsOf = (definitions: Record<string, unknown>, type: string) => {
    const { definitions: all } = definitions[type.replace('/msg/', '/')] as {
      definitions: { name: string; isConstant?: boolean }[];
    };
    return all.filter((field) => field.isConstant !== true);
  };
  // Of the two packages that come from elsewhere, the files of the definitions say which version they are.
  const isStandard = (type: string) => !/^(control_msgs|simulation_interfaces)\//.test(type);
  for (const type of listTypes().filter(isStandard)) {
    const [humble, jazzy] = [fieldsOf(ros2humble, type), fieldsOf(ros2jazzy, type)];
    expect(jazzy.slice(0, humble.length), type).toEqual(humble);
    const appended = jazzy.slice(humble.length).map(({ name }) => name);
    expect(appended, type).toEqual(GROWN[type] ?? []);
  }
});
