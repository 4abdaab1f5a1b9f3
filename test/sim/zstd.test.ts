import { loadDecompressHandlers } from '@mcap/support';
import { describe, expect, it } from 'vitest';
import { loadCompressor } from '../../sim/zstd.ts';

const BYTES = Uint8Array.from({ length: 20_000 }, (_, i) => (i * i) % 251);

describe('zstd', () => {
  it('is one compressor for all who load it, whose frames can be read', async () => {
    const { zstd: decompress } = await loadDecompressHandlers();
    const first = await loadCompressor();
    const frame = first.compress(BYTES);
    const second = await loadCompressor();
    for (const { compress } of [first, second]) {
      expect(compress(BYTES)).toEqual(frame);
      const read = decompress!(compress(BYTES), BigInt(BYTES.length));
      expect(Buffer.from(read).equals(BYTES)).toBe(true);
    }
  });
});
