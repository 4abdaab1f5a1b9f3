import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { computeCrc32c, maskCrc } from '../../policies/training/run/crc32c.ts';

/** Reads records and protobuf by hand, by nothing that wrote them. */
export function readEvents(file: string) {
  const bytes = readFileSync(file);
  const events: {
    step: number;
    version?: string;
    scalars: Record<string, number>;
    session?: number;
  }[] = [];
  let at = 0;
  while (at < bytes.length) {
    const length = Number(bytes.readBigUInt64LE(at));
    checkCrc(bytes.readUInt32LE(at + 8), bytes.subarray(at, at + 8));
    const data = bytes.subarray(at + 12, at + 12 + length);
    checkCrc(bytes.readUInt32LE(at + 12 + length), data);
    events.push(readEvent(data));
    at += 16 + length;
  }
  return events;
}

function checkCrc(crc: number, data: Uint8Array): void {
  if (crc !== maskCrc(computeCrc32c(data))) throw new Error('readEvents: a checksum is wrong');
}

function readEvent(data: Buffer) {
  const fields = readFields(data);
  const scalars = Object.fromEntries(
    fields
      .filter(({ number }) => number === 5)
      .flatMap(({ bytes }) => readFields(bytes!))
      .map(({ bytes }) => {
        const [tag, value] = [1, 2].map((n) => readFields(bytes!).find((f) => f.number === n)!);
        return [tag!.bytes!.toString(), value!.bytes!.readFloatLE()];
      }),
  );
  const session = fields.find(({ number }) => number === 7);
  return {
    step: fields.find(({ number }) => number === 2)?.value ?? 0,
    ...(session && { session: readFields(session.bytes!)[0]!.value! }),
    version: fields.find(({ number }) => number === 3)?.bytes?.toString() ?? '',
    scalars,
  };
}

/** Fields of a protobuf message: varint (0), 64 bits (1), length-delimited (2), 32 bits (5). */
function readFields(data: Buffer): { number: number; value?: number; bytes?: Buffer }[] {
  const fields: { number: number; value?: number; bytes?: Buffer }[] = [];
  let at = 0;
  const readVarint = () => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = data[at++]!;
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < data.length) {
    const tag = readVarint();
    const number = tag >>> 3;
    if ((tag & 7) === 0) fields.push({ number, value: readVarint() });
    else {
      const length = { 1: 8, 5: 4 }[tag & 7] ?? readVarint();
      fields.push({ number, bytes: data.subarray(at, at + length) });
      at += length;
    }
  }
  return fields;
}

/**
 * Steps and values of one tag in a folder, as TensorBoard has them once it has read all files: a start forgets what was
 * there of its step and later ones.
 */
export function readScalars(folder: string, tag: string): readonly (readonly [number, number])[] {
  const files = readdirSync(folder).filter((name) => name.startsWith('events.out.tfevents'));
  let points: (readonly [number, number])[] = [];
  for (const { step, session, scalars } of files
    .sort()
    .flatMap((n) => readEvents(join(folder, n)))) {
    if (session !== undefined) points = points.filter(([before]) => before < step);
    const value = scalars[tag];
    if (value !== undefined) points.push([step, value]);
  }
  return points;
}
