import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { computeCrc32c, maskCrc } from '../../../../policies/training/run/crc32c.ts';
import { EventFile } from '../../../../policies/training/run/event-file.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zerogap-events-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const BYTES = (text: string) => new TextEncoder().encode(text);

describe('the checksum of event files', () => {
  it('is that of RFC 3720, appendix B.4', () => {
    expect(computeCrc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(computeCrc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(computeCrc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    expect(computeCrc32c(BYTES('123456789'))).toBe(0xe3069283);
  });

  it('is masked: rotated by 15 bits to the right, and a constant added', () => {
    // 0xe3069283 = 1110 0011 0000 0110 1|001 0010 1000 0011: the last 15 bits come first.
    expect(maskCrc(0xe3069283)).toBe((0x2507c60d + 0xa282ead8) % 2 ** 32);
  });
});

/** Reads records and protobuf by hand, by nothing that wrote them. */
function readEvents(file: string) {
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
    expect(bytes.readUInt32LE(at + 8)).toBe(maskCrc(computeCrc32c(bytes.subarray(at, at + 8))));
    const data = bytes.subarray(at + 12, at + 12 + length);
    expect(bytes.readUInt32LE(at + 12 + length)).toBe(maskCrc(computeCrc32c(data)));
    events.push(readEvent(data));
    at += 16 + length;
  }
  return events;
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

describe('a file for TensorBoard', () => {
  it('holds version, scalars by tag and step; what is no number is left out', () => {
    const file = new EventFile(folder, 1_767_225_600.25);
    file.add(300, 1_767_225_601, { meanReturn: 1.5, 'loss/value': -0.25, missing: null });
    file.add(70_000, 1_767_225_602, { meanReturn: Number.NaN });
    file.close();
    const [name] = readdirSync(folder);
    expect(name).toMatch(/^events\.out\.tfevents\.1767225600/);
    expect(readEvents(join(folder, name!))).toEqual([
      { step: 0, version: 'brain.Event:2', scalars: {} },
      { step: 300, version: '', scalars: { meanReturn: 1.5, 'loss/value': -0.25 } },
      { step: 70_000, version: '', scalars: {} },
    ]);
  });

  it('holds a 0 like any other number', () => {
    const file = new EventFile(folder, 1_767_225_650);
    file.add(300, 1_767_225_651, { successRate: 0 });
    file.close();
    const name = readdirSync(folder).find((entry) => entry.includes('1767225650'))!;
    expect(readEvents(join(folder, name))[1]?.scalars).toEqual({ successRate: 0 });
  });

  it('says from which step it goes on, so that what older files say of later ones is forgotten', () => {
    const file = new EventFile(folder, 1_767_225_700, 300);
    file.close();
    const name = readdirSync(folder).find((entry) => entry.includes('1767225700'))!;
    // SessionLog.START is 1.
    expect(readEvents(join(folder, name))[1]).toEqual({
      ...{ step: 300, session: 1, version: '', scalars: {} },
    });
  });
});
