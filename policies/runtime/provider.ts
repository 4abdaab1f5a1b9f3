import { UserError } from '../../sim/errors.ts';
import type { Provider } from '../config.ts';
import { type BlockingSession, listProviders, openBlockingSession } from '../onnx/session.ts';
import { readWallClockS } from './clock.ts';

/** Which execution provider was asked for and which one runs the network. */
export interface ProviderReport {
  readonly requested: Provider | 'auto';
  readonly used: Provider;
  /** Why another provider runs than the one that was asked for; absent where it is the same. */
  readonly fallbackReason?: string;
  /** What `auto` measured of each provider. */
  readonly measured?: string;
}

/** Runs that `auto` times on each provider, after as many to warm up. */
const NUM_TIMED_RUNS = 30;

/** What a session turns into once it has been checked. */
interface Candidate {
  run(): void;
  release(): void;
}

/**
 * Makes a session on the provider asked for, or says why it is the CPU's. What `prepare` throws on
 * the CPU is thrown; what it throws elsewhere (golden vectors that differ) is a reason to fall back.
 * @throws UserError if onnxruntime cannot load the graph at all
 */
export function chooseSession<T extends Candidate>(
  bytes: Uint8Array,
  requested: Provider | 'auto',
  where: string,
  prepare: (session: BlockingSession, report: ProviderReport) => T,
): T {
  if (requested === 'auto') return chooseFastest(bytes, where, prepare);
  if (requested === 'cpu') {
    return prepareOnCpu(bytes, { requested, used: 'cpu' }, where, prepare);
  }
  try {
    return prepareOn(bytes, { requested, used: requested }, prepare);
  } catch (error) {
    const report: ProviderReport = {
      requested,
      used: 'cpu',
      fallbackReason: firstLine(error),
    };
    return prepareOnCpu(bytes, report, where, prepare);
  }
}

function chooseFastest<T extends Candidate>(
  bytes: Uint8Array,
  where: string,
  prepare: (session: BlockingSession, report: ProviderReport) => T,
): T {
  const findings: string[] = [];
  let best: { readonly used: Provider; readonly timeS: number } | undefined;
  for (const used of listProviders()) {
    const report: ProviderReport = { requested: 'auto', used };
    try {
      const candidate =
        used === 'cpu'
          ? prepareOnCpu(bytes, report, where, prepare)
          : prepareOn(bytes, report, prepare);
      const timeS = computeMedianRunS(candidate);
      candidate.release();
      findings.push(`${used} ${(timeS * 1e6).toFixed(1)} µs`);
      if (best === undefined || timeS < best.timeS) best = { used, timeS };
    } catch (error) {
      if (used === 'cpu') throw error;
      findings.push(`${used}: ${firstLine(error)}`);
    }
  }
  const report: ProviderReport = {
    requested: 'auto',
    used: best?.used ?? 'cpu',
    measured: findings.join('; '),
  };
  return prepareOn(bytes, report, prepare);
}

function prepareOnCpu<T>(
  bytes: Uint8Array,
  report: ProviderReport,
  where: string,
  prepare: (session: BlockingSession, report: ProviderReport) => T,
): T {
  try {
    return prepareOn(bytes, report, prepare);
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError({
      where,
      problem: 'onnxruntime cannot run this network',
      expected: 'a graph of operators that onnxruntime knows, with tensors that fit together',
      got: firstLine(cause),
      remedy: 'Export it again with a lower opset or with standard operators only',
      cause,
    });
  }
}

function prepareOn<T>(
  bytes: Uint8Array,
  report: ProviderReport,
  prepare: (session: BlockingSession, report: ProviderReport) => T,
): T {
  const session = openBlockingSession(bytes, report.used);
  try {
    return prepare(session, report);
  } catch (error) {
    session.release();
    throw error;
  }
}

function computeMedianRunS(candidate: Candidate): number {
  for (let i = 0; i < NUM_TIMED_RUNS; i++) candidate.run();
  const times: number[] = [];
  for (let i = 0; i < NUM_TIMED_RUNS; i++) {
    const startS = readWallClockS();
    candidate.run();
    times.push(readWallClockS() - startS);
  }
  return times.sort((a, b) => a - b)[NUM_TIMED_RUNS >> 1]!;
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0]!;
}
