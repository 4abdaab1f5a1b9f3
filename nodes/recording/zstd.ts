import { compress, init } from '@bokuweb/zstd-wasm';
import { loadDecompressHandlers } from '@mcap/support';

/** zstd in WebAssembly: Node 20 has none of its own. */
export interface Compressor {
  /** One zstd frame. */
  compress(bytes: Uint8Array): Uint8Array;
}

/** [-] the fastest of zstd's levels: CDR of repeating messages shrinks well at any */
const LEVEL = 1;

let loading: Promise<void> | undefined;

export async function loadCompressor(): Promise<Compressor> {
  loading ??= init();
  await loading;
  return { compress: (bytes) => compress(bytes, LEVEL) };
}

/** Decompressors for every compression that MCAP knows. */
export const loadDecompressors = loadDecompressHandlers;
