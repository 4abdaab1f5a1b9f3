import { closeSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import protobuf from 'protobufjs/light.js';
import { onDisk } from '../../../sim/dataset/files.ts';
import { computeCrc32c, maskCrc } from './crc32c.ts';

/**
 * What TensorBoard needs of its format: field numbers of the public event.proto, summary.proto and session_log
 * (https://github.com/tensorflow/tensorboard/tree/master/tensorboard/compat/proto).
 */
const TYPES = protobuf.Root.fromJSON({
  nested: {
    SessionLog: { fields: { status: { type: 'int32', id: 1 } } },
    Value: {
      fields: { tag: { type: 'string', id: 1 }, simpleValue: { type: 'float', id: 2 } },
      // Without it a 0 would not be written, and TensorBoard would show nothing.
      oneofs: { value: { oneof: ['simpleValue'] } },
    },
    Summary: { fields: { value: { rule: 'repeated', type: 'Value', id: 1 } } },
    Event: {
      fields: {
        wallTime: { type: 'double', id: 1 },
        step: { type: 'int64', id: 2 },
        fileVersion: { type: 'string', id: 3 },
        summary: { type: 'Summary', id: 5 },
        sessionLog: { type: 'SessionLog', id: 7 },
      },
    },
  },
});
const Event = TYPES.lookupType('Event');
const SESSION_START = 1;

/**
 * A file of scalars for TensorBoard. It begins by saying which step comes first, and TensorBoard forgets what older files
 * of the run say of that one and later ones.
 */
export class EventFile {
  readonly #file: string;
  readonly #descriptor: number;

  /**
   * @param folder where TensorBoard is pointed at
   * @param wallTimeS [s] since 1970: orders the files of a run
   * @param lastStep of the run so far; 0 where it begins
   */
  constructor(folder: string, wallTimeS: number, lastStep: number) {
    this.#file = path.join(folder, `events.out.tfevents.${wallTimeS.toFixed(6)}.zerogap`);
    this.#descriptor = onDisk(this.#file, 'cannot be made', () => openSync(this.#file, 'a'));
    this.#write({ wallTime: wallTimeS, fileVersion: 'brain.Event:2' });
    const step = lastStep + 1;
    this.#write({ wallTime: wallTimeS, step, sessionLog: { status: SESSION_START } });
  }

  /** @param scalars what is no finite number is left out */
  add(step: number, wallTimeS: number, scalars: Readonly<Record<string, unknown>>): void {
    const value = Object.entries(scalars).flatMap(([tag, simpleValue]) =>
      typeof simpleValue === 'number' && Number.isFinite(simpleValue) ? [{ tag, simpleValue }] : [],
    );
    this.#write({ wallTime: wallTimeS, step, summary: { value } });
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #write(event: Readonly<Record<string, unknown>>): void {
    const record = frameRecord(Event.encode(Event.fromObject(event)).finish());
    onDisk(this.#file, 'cannot be written', () => writeSync(this.#descriptor, record));
  }
}

/** A record of a TFRecord file: length, its checksum, data, theirs; little endian. */
function frameRecord(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(data.length + 16);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskCrc(computeCrc32c(record.subarray(0, 8))), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskCrc(computeCrc32c(data)), true);
  return record;
}
