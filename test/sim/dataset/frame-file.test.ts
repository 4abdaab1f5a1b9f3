import { rmSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeDeltas } from '../../../sim/dataset/delta-encoding.ts';
import { publish, StagedFile } from '../../../sim/dataset/files.ts';
import { type FrameColumn, FrameFile } from '../../../sim/dataset/frame-file.ts';
import { readParquet } from '../../../sim/dataset/parquet-file.ts';
import {
  binary,
  bool,
  encodeThrift,
  i32,
  i64,
  list,
  struct,
  text,
} from '../../../sim/dataset/thrift.ts';
import { makeQuickFolder } from '../../kit/folders.ts';
import { query, readRows } from '../../kit/read-parquet.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = makeQuickFolder();
  file = path.join(folder, 'frames.parquet');
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Row k of group g of a list of `width` numbers is g·1000 + k, g·1000 + k + 0.5, … */
async function write(widths: readonly number[], groupRows: readonly number[]): Promise<void> {
  const columns = widths.map((width, k): FrameColumn => {
    return { name: `list${k}`, kind: 'float32', width };
  });
  const staged = new StagedFile(file);
  const frames = new FrameFile(staged, [
    ...columns,
    { name: 'row', kind: 'int64', isIndexed: true },
  ]);
  let first = 0;
  for (const [group, numRows] of groupRows.entries()) {
    const lists = widths.map((width) => {
      const values = Float32Array.from({ length: width * numRows }, (_, at) => {
        return 1000 * group + Math.floor(at / width) + (at % width) / 2;
      });
      // In two pieces, as two episodes would be.
      const bytes = new Uint8Array(values.buffer);
      const cut = 4 * width * Math.floor(numRows / 2);
      return { pieces: [bytes.subarray(0, cut), bytes.subarray(cut)] };
    });
    const pieces = [encodeDeltas(Float64Array.from({ length: numRows }, (_, k) => first + k))];
    void frames.writeRowGroup(numRows, [...lists, { pieces, range: [first, first + numRows - 1] }]);
    first += numRows;
  }
  frames.end();
  await staged.end();
  await staged.sync();
  publish(file);
}

describe('a file of frames', () => {
  it('reads alike by three readers, whatever the widths of its lists and the sizes of its row groups', async () => {
    const width = fc.integer({ min: 2, max: 70 });
    const rows = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(width, width, rows, async (a, b, groupRows) => {
        await write([a, b], groupRows);
        const expected = groupRows.flatMap((numRows, group) =>
          Array.from({ length: numRows }, (_, row) =>
            [a, b].map((one) => Array.from({ length: one }, (_, k) => 1000 * group + row + k / 2)),
          ),
        );
        const byHyparquet = await readRows(folder);
        expect(byHyparquet.map((row) => [row.list0, row.list1])).toEqual(expected);
        const byDuckdb = await query(`SELECT list0, list1 FROM '${file}'`);
        expect(byDuckdb.map((row) => [row.list0, row.list1])).toEqual(expected);
        const byArrow = readParquet(file).toArray();
        expect(byArrow.map((row) => [[...row.list0], [...row.list1]])).toEqual(expected);
      }),
      { numRuns: 15 },
    );
  });

  it('tells readers which row groups hold the rows that they look for', async () => {
    await write([2], [10, 20, 5]);
    const [ranges, one] = await Promise.all([
      query(`SELECT stats_min_value AS min, stats_max_value AS max FROM parquet_metadata('${file}')
             WHERE path_in_schema = 'row' ORDER BY row_group_id`),
      query(`SELECT count(*)::INT AS rows FROM '${file}' WHERE row BETWEEN 12 AND 31`),
    ]);
    expect(ranges).toEqual([
      { min: '0', max: '9' },
      { min: '10', max: '29' },
      { min: '30', max: '34' },
    ]);
    expect(one).toEqual([{ rows: 20 }]);
  });

  it('has whole numbers, however far they jump, that three readers read alike', async () => {
    // Up to 2⁵², less the 300 steps; differences may be 2³² apart.
    const start = fc.integer({ min: -(2 ** 51), max: 2 ** 51 });
    const step = fc.oneof(fc.constant(1), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
    const steps = fc.array(step, { maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(start, steps, async (first, differences) => {
        const rows = [first];
        for (const difference of differences) rows.push(rows.at(-1)! + difference);
        const staged = new StagedFile(file);
        const frames = new FrameFile(staged, [{ name: 'row', kind: 'int64' }]);
        void frames.writeRowGroup(rows.length, [
          { pieces: [encodeDeltas(Float64Array.from(rows))] },
        ]);
        frames.end();
        await staged.end();
        await staged.sync();
        publish(file);
        expect((await readRows(folder)).map(({ row }) => Number(row))).toEqual(rows);
        const byDuckdb = await query(`SELECT row FROM '${file}'`);
        expect(byDuckdb.map(({ row }) => Number(row))).toEqual(rows);
        expect([...readParquet(file).getChild('row')!].map(Number)).toEqual(rows);
      }),
      { numRuns: 25 },
    );
  });

  it('says that its lists have a fixed length to readers that know such', async () => {
    await write([3], [2]);
    const { type } = readParquet(file).schema.fields[0]!;
    expect(String(type)).toBe('FixedSizeList[3]<Float32>');
  });
});

describe("Thrift's compact protocol", () => {
  it('has numbers in zigzag, seven bits at a time, behind the distance of their ids and their type', () => {
    // Field 1, i32 (5): 0x15; 300 in zigzag is 600 = 4·128 + 88: 0xd8 0x04. Field 3 is 2 further, i64 (6): 0x26; −1 is 1.
    expect([...encodeThrift({ 1: i32(300), 3: i64(-1) })]).toEqual([0x15, 0xd8, 0x04, 0x26, 1, 0]);
  });

  it('has texts and lists behind their lengths, and truth in the type', () => {
    const bytes = encodeThrift({
      1: text('ab'),
      2: list([i32(1), i32(2)]),
      3: bool(true),
      4: struct({ 1: bool(false) }),
    });
    // 0x18: one further, binary (8). 0x19: list (9), 0x25: two of i32 (5). 0x11: true. 0x1c: struct (12), 0x12: false.
    expect([...bytes]).toEqual([0x18, 2, 97, 98, 0x19, 0x25, 2, 4, 0x11, 0x1c, 0x12, 0, 0]);
  });

  it('has lists of 15 and more with a length of their own, and offsets beyond 32 bits', () => {
    const bytes = encodeThrift({ 1: list(new Array(15).fill(i32(0))) });
    expect([...bytes.subarray(0, 3)]).toEqual([0x19, 0xf5, 15]);
    // 2^40 in zigzag is 2^41: five groups of seven zeros, then 2^6.
    expect([...encodeThrift({ 1: i64(2 ** 40) })]).toEqual([0x16, 128, 128, 128, 128, 128, 64, 0]);
    expect([...encodeThrift({ 1: binary(new Uint8Array(0)) })]).toEqual([0x18, 0, 0]);
  });
});
