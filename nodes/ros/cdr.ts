import { MessageReader } from '@foxglove/rosmsg2-serialization';
import { getCdrReader } from './cdr-reader.ts';
import { CdrSink } from './cdr-sink.ts';
import { CdrSource } from './cdr-source.ts';
import { getCdrWriter } from './cdr-writer.ts';
import { getParsedDefinitions } from './definitions.ts';

/**
 * Common Data Representation, as ROS 2 sends it: the first version of XCDR (OMG DDS-XTypes 1.3, 7.4.1), its encapsulation header
 * before it. Wide strings contradict each other in the standards; ROS 2 on Linux writes how many UTF-16 units there are and
 * each of them in 32 bits, without an end: rmw_cyclonedds (Serialization.cpp, its legacy encoding) and Fast DDS
 * (rosidl_typesupport_fastrtps, serialization_helpers.hpp) alike.
 */

const sink = new CdrSink();
const source = new CdrSource();

/** Serialises a message that fits its definition: little-endian, with its encapsulation header. */
export function writeCdr(type: string, message: unknown): Uint8Array {
  return new Uint8Array(viewCdr(type, message));
}

/** The same bytes, for as long as nobody serialises anything else. */
export function viewCdr(type: string, message: unknown): Buffer {
  const write = getCdrWriter(type);
  sink.begin();
  write(sink, message);
  return sink.view();
}

/** Deserialises CDR bytes; numeric arrays become typed arrays. @throws RangeError if they are no message of the type */
export function readCdr(type: string, bytes: Uint8Array): unknown {
  const read = getCdrReader(type);
  try {
    if (source.begin(bytes)) return read(source);
  } catch (cause) {
    // Of a number that is not there DataView knows only that it is out of bounds.
    const problem = cause instanceof RangeError ? cause.message : String(cause);
    throw new RangeError(`${bytes.length} bytes of CDR are no ${type}: ${problem}`, { cause });
  }
  // Of the encodings that ROS 2 does not choose by itself: a recording may have them.
  return new MessageReader(getParsedDefinitions(type)).readMessage(bytes);
}
