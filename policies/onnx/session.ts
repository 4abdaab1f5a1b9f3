import { env, InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
import { binding, initOrt } from 'onnxruntime-node/dist/binding.js';
import { PROVIDERS, type Provider } from '../config.ts';

// A provider that cannot start is reported by us, with a reason; the library would write to stderr too.
env.logLevel = 'fatal';

/**
 * One session on one provider. One thread: a control loop shares its machine, and small
 * networks gain nothing. Where part of the graph would run on the CPU instead, this rejects:
 * what the caller reports as used is used for all of it.
 */
export async function createSession(
  bytes: Uint8Array,
  provider: Provider,
): Promise<InferenceSession> {
  return InferenceSession.create(bytes, makeSessionOptions(provider));
}

/** A network that has been run when `run` returns. */
export interface BlockingSession {
  /** Every input and every output by name; the outputs' arrays are written. */
  run(feeds: Tensors, fetches: Tensors): void;
  release(): void;
}

/**
 * As {@link createSession}, for a control loop. The library's own `run` computes in the thread that calls it too, but in a
 * later turn of its event loop: whoever wants a command now has to wait for that turn, and for promises. This is the object
 * that it wraps, and no part of its documented interface: hence the one version in package.json.
 * @throws Error where the graph cannot be loaded
 */
export function openBlockingSession(bytes: Uint8Array, provider: Provider): BlockingSession {
  initOrt();
  const session = new binding.InferenceSession();
  const { buffer, byteOffset, byteLength } = bytes;
  session.loadModel(buffer as ArrayBuffer, byteOffset, byteLength, makeSessionOptions(provider));
  return {
    run: (feeds, fetches) => void session.run(feeds, fetches, RUN_OPTIONS),
    release: () => session.dispose(),
  };
}

const RUN_OPTIONS = {};

function makeSessionOptions(provider: Provider): InferenceSession.SessionOptions {
  return {
    executionProviders: [provider],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Errors come back as exceptions; warnings of the library would land in the middle of our output.
    logSeverityLevel: 4,
    ...(provider !== 'cpu' && { extra: { session: { disable_cpu_ep_fallback: '1' } } }),
  };
}

/** Providers that this build of onnxruntime knows on this platform. */
export function listProviders(): readonly Provider[] {
  const names = listSupportedBackends().map((backend) => backend.name);
  return PROVIDERS.filter((provider) => names.includes(provider));
}

/** A float32 tensor over the caller's array: writing the array changes what the session sees. */
export function makeTensor(data: Float32Array, shape: readonly number[]): Tensor {
  return new Tensor('float32', data, shape);
}

/** As {@link makeTensor}, of the type of the array. */
export function makeArrayTensor(data: Float32Array | Int32Array, shape: readonly number[]): Tensor {
  return data instanceof Float32Array
    ? new Tensor('float32', data, shape)
    : new Tensor('int32', data, shape);
}

export type Session = InferenceSession;
export type Tensors = Record<string, Tensor>;
