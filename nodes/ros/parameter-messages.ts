import { makeDefaultMessage } from './defaults.ts';
import type {
  ParameterDescriptor as DescriptorMessage,
  ParameterValue as ValueMessage,
} from './messages.ts';
import type { ParameterDescriptor, ParameterValue } from './port.ts';

/** rcl_interfaces/msg/ParameterType */
export const PARAMETER_TYPES = {
  notSet: 0,
  bool: 1,
  integer: 2,
  double: 3,
  string: 4,
  byteArray: 5,
  boolArray: 6,
  integerArray: 7,
  doubleArray: 8,
  stringArray: 9,
} as const;

type Descriptor = ParameterDescriptor<ParameterValue>;

/** A parameter nobody has set. */
export function makeUnsetValue(): ValueMessage {
  return makeDefaultMessage('rcl_interfaces/msg/ParameterValue') as unknown as ValueMessage;
}

/** The type that a parameter has on the wire: a number is a double unless it is declared to be whole. */
export function getParameterType({ integer }: Descriptor, value: ParameterValue): number {
  if (typeof value === 'boolean') return PARAMETER_TYPES.bool;
  if (typeof value === 'string') return PARAMETER_TYPES.string;
  if (typeof value === 'number') return integer ? PARAMETER_TYPES.integer : PARAMETER_TYPES.double;
  if (typeof value[0] !== 'number') return PARAMETER_TYPES.stringArray;
  return integer ? PARAMETER_TYPES.integerArray : PARAMETER_TYPES.doubleArray;
}

/** What a parameter is, as rcl_interfaces/msg/ParameterValue. */
export function writeParameterValue(descriptor: Descriptor, value: ParameterValue): ValueMessage {
  const message = makeUnsetValue();
  message.type = getParameterType(descriptor, value);
  if (typeof value === 'boolean') message.bool_value = value;
  else if (typeof value === 'string') message.string_value = value;
  else if (typeof value === 'number') {
    if (descriptor.integer) message.integer_value = BigInt(value);
    else message.double_value = value;
  } else if (message.type === PARAMETER_TYPES.stringArray) {
    message.string_array_value = value.map(String);
  } else if (descriptor.integer) message.integer_array_value = value.map((one) => BigInt(one));
  else message.double_array_value = value.map(Number);
  return message;
}

/**
 * What somebody wants a parameter to be. An integer may stand for a double, as people type it; undefined
 * for the kinds that no parameter here has: nothing, bytes and lists of truth values.
 */
export function readParameterValue(message: ValueMessage): ParameterValue | undefined {
  switch (message.type) {
    case PARAMETER_TYPES.bool:
      return message.bool_value;
    case PARAMETER_TYPES.integer:
      return Number(message.integer_value);
    case PARAMETER_TYPES.double:
      return message.double_value;
    case PARAMETER_TYPES.string:
      return message.string_value;
    case PARAMETER_TYPES.integerArray:
      return Array.from(message.integer_array_value, Number);
    case PARAMETER_TYPES.doubleArray:
      return Array.from(message.double_array_value);
    case PARAMETER_TYPES.stringArray:
      return message.string_array_value;
    default:
      return undefined;
  }
}

/** What a parameter is for, its unit in square brackets, and what it may be. */
export function writeDescriptor(descriptor: Descriptor, value: ParameterValue): DescriptorMessage {
  const { name, description, unit, range, readOnly, integer } = descriptor;
  return {
    name,
    type: getParameterType(descriptor, value),
    description: unit === undefined ? description : `${description} [${unit}]`,
    additional_constraints: '',
    read_only: readOnly === true,
    dynamic_typing: false,
    floating_point_range:
      range === undefined || integer ? [] : [{ from_value: range[0], to_value: range[1], step: 0 }],
    integer_range:
      range !== undefined && integer
        ? [{ from_value: BigInt(range[0]), to_value: BigInt(range[1]), step: 1n }]
        : [],
  };
}

/** The names of a node's parameters below prefixes, no deeper than `depth` levels; 0 is any depth. */
export function listNames(
  names: readonly string[],
  prefixes: readonly string[],
  depth: number,
): { names: string[]; prefixes: string[] } {
  const countLevels = (name: string) => name.split('.').length;
  const isShallow = (rest: string) => depth === 0 || countLevels(rest) <= depth;
  const found = names.filter((name) =>
    prefixes.length === 0
      ? isShallow(name)
      : prefixes.some(
          (prefix) =>
            name === prefix ||
            (name.startsWith(`${prefix}.`) && isShallow(name.slice(prefix.length + 1))),
        ),
  );
  const parents = found
    .filter((name) => name.includes('.'))
    .map((name) => name.slice(0, name.lastIndexOf('.')));
  return { names: found, prefixes: [...new Set(parents)] };
}
