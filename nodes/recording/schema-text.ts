import type { MessageDefinition, MessageDefinitionField } from '@foxglove/message-definition';
import { parseRos2idl } from '@foxglove/ros2idl-parser';
import { stringify } from '@foxglove/rosmsg';

/** What an MCAP file says of the layout of a channel's messages. */
export interface RecordedSchema {
  readonly encoding: string;
  readonly text: string;
}

/** Whether a schema is of ROS 2: definitions as .msg files have them, or as .idl files do. */
export function isRosSchema({ encoding }: { readonly encoding: string }): boolean {
  return encoding === 'ros2msg' || encoding === 'ros2idl';
}

/**
 * A schema in the words of .msg files, as rosbag2 embeds them: the type's own definition, then each that it nests below a
 * line of `=`. What rosbag2 found as .idl alone (`ros2idl`) is put into these words: constants are left out, an enumeration
 * is the number that it is sent as.
 * @param type `package/msg/Name`
 * @throws Error for what neither words can say: another encoding, a union, an array of arrays
 */
export function readSchemaText(type: string, { encoding, text }: RecordedSchema): string {
  if (encoding === 'ros2msg') return text;
  if (encoding !== 'ros2idl') throw new Error(`schema '${encoding || 'none'}'`);
  const structs = parseIdl(text).filter(isStruct).map(toMsg);
  const root = structs.find(({ name }) => name === toMsgName(type));
  if (root === undefined) throw new Error(`its ros2idl schema does not define ${type}`);
  return stringify([root, ...structs.filter((one) => one !== root)]);
}

function parseIdl(text: string): MessageDefinition[] {
  try {
    return parseRos2idl(text);
  } catch (cause) {
    // What the parser tells ends in pages about its grammar.
    const [where] = (cause instanceof Error ? cause.message : String(cause)).split('\n\n');
    throw new Error(`its ros2idl schema cannot be read: ${where?.trim()}`, { cause });
  }
}

/** Stamps and durations are words of their own in .msg files. */
const BUILTIN = /^builtin_interfaces\//;

/** Constants and enumerations become definitions that hold nothing that is sent. */
function isStruct({ name = '', definitions }: MessageDefinition): boolean {
  return !BUILTIN.test(name) && !definitions.every(({ isConstant }) => isConstant === true);
}

/** What the generators of .idl files put into a message without fields, as a struct of C must have one. */
const PLACEHOLDER = 'structure_needs_at_least_one_member';

function toMsg({ name = '', definitions }: MessageDefinition): MessageDefinition {
  return {
    name: toMsgName(name),
    definitions: definitions.filter((field) => field.name !== PLACEHOLDER).map(toMsgField),
  };
}

function toMsgField(field: MessageDefinitionField): MessageDefinitionField {
  return field.isComplex === true ? { ...field, type: toMsgName(field.type) } : field;
}

/** `package/msg/Name` → `package/Name` */
function toMsgName(type: string): string {
  return type.replace('/msg/', '/');
}
