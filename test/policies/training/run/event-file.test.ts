import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { computeCrc32c, maskCrc } from '../../../../policies/training/run/crc32c.ts';
import { EventFile } from '../../../../policies/training/run/event-file.ts';
import { readEvents } from '../../../kit/read-events.ts';

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

describe('a file for TensorBoard', () => {
  it('holds version, scalars by tag and step; what is no number is left out', () => {
    const file = new EventFile(folder, 1_767_225_600.25, 0);
    file.add(300, 1_767_225_601, { meanReturn: 1.5, 'loss/value': -0.25, missing: null });
    file.add(70_000, 1_767_225_602, { meanReturn: Number.NaN });
    file.close();
    const [name] = readdirSync(folder);
    expect(name).toMatch(/^events\.out\.tfevents\.1767225600/);
    expect(readEvents(join(folder, name!))).toEqual([
      { step: 0, version: 'brain.Event:2', scalars: {} },
      { step: 1, version: '', scalars: {}, session: 1 },
      { step: 300, version: '', scalars: { meanReturn: 1.5, 'loss/value': -0.25 } },
      { step: 70_000, version: '', scalars: {} },
    ]);
  });

  it('holds a 0 like any other number', () => {
    const file = new EventFile(folder, 1_767_225_650, 0);
    file.add(300, 1_767_225_651, { successRate: 0 });
    file.close();
    const name = readdirSync(folder).find((entry) => entry.includes('1767225650'))!;
    expect(readEvents(join(folder, name))[2]?.scalars).toEqual({ successRate: 0 });
  });

  it('says which step comes first, so that what older files say from there on is forgotten', () => {
    const file = new EventFile(folder, 1_767_225_700, 300);
    file.close();
    const name = readdirSync(folder).find((entry) => entry.includes('1767225700'))!;
    // SessionLog.START is 1. TensorBoard keeps what is before its step: of step 300 all there is.
    expect(readEvents(join(folder, name))[1]).toEqual({
      ...{ step: 301, session: 1, version: '', scalars: {} },
    });
  });
});
