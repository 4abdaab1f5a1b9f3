import { compress, init } from '@bokuweb/zstd-wasm';

/** zstd in WebAssembly: Node 20 has none of its own. */
export interface Compressor {
  /** One zstd frame. */
  compress(bytes: Uint8Array): Uint8Array;
}

/** [-] the fastest of zstd's levels: rows and messages that repeat shrink well at any */
const LEVEL = 1;

/**
 * Begun once in a process, for all who write: begun again the package has another memory under the same compressor,
 * which then writes frames that nothing can read.
 */
let loading: Promise<void> | undefined;

export async function loadCompressor(): Promise<Compressor> {
  loading ??= init();
  await loading;
  return { compress: (bytes) => compress(bytes, LEVEL) };
}
