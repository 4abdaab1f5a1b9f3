import path from 'node:path';
import { replaceFile } from '../../../sim/dataset/files.ts';
import { type EnvDump, NonFiniteError } from '../../../sim/env-guard.ts';
import { type Checkpoint, writeCheckpoint } from './checkpoint.ts';
import type { RunFolder } from './run-folder.ts';

/** What a learner or a simulation did that a run cannot go on with. */
export interface Trouble {
  readonly reason: string;
  readonly kind: 'not-finite' | 'collapse';
  readonly dump?: EnvDump;
}

/** @throws the error itself if it is of another kind */
export function describeTrouble(error: unknown): Trouble {
  if (!(error instanceof NonFiniteError)) throw error;
  return { kind: 'not-finite', reason: describeNonFinite(error.dump), dump: error.dump };
}

function describeNonFinite({ quantity, env, step, seed, episode }: EnvDump): string {
  return `${quantity} of environment ${env} is not finite in step ${step} of its episode ${episode} (seed ${seed})`;
}

/**
 * Keeps what went wrong: the state it went wrong in, and what led there since the last good checkpoint.
 * @param number of the roll-back, from 1 on
 * @returns the folder
 */
export function writeDump(
  { reason, kind, dump }: Trouble,
  number: number,
  checkpoint: Checkpoint,
  folder: RunFolder,
): string {
  const name = `${String(number).padStart(3, '0')}-round-${checkpoint.run.round}-${kind}`;
  const target = folder.locate('dumps', name);
  writeCheckpoint(path.join(target, 'state'), checkpoint);
  const lastGood = folder.checkpoints.list().at(-1)!;
  const facts = {
    reason,
    kind,
    run: checkpoint.run,
    environment: dump ?? null,
    roundsSinceCheckpoint: folder.metrics.read().filter((line) => line.round > lastGood),
  };
  replaceFile(path.join(target, 'dump.json'), `${JSON.stringify(facts, keepNonFinite, 2)}\n`);
  return target;
}

/** JSON has no word for them. */
function keepNonFinite(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
