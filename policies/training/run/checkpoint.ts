import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import {
  makeFolders,
  onDisk,
  publish,
  replaceFile,
  STAGED_SUFFIX,
} from '../../../sim/dataset/files.ts';
import { UserError } from '../../../sim/errors.ts';
import type { LearnerState } from '../learner.ts';
import type { HealthState } from './health.ts';

export const CHECKPOINT_SCHEMA = 'zerogap.checkpoint/1';

/** Of an evaluation that was the best so far. */
export interface BestSoFar {
  readonly round: number;
  readonly successRate: number;
  /** 95 % interval of the success rate. */
  readonly interval: readonly [lower: number, upper: number];
  readonly meanReturn: number;
}

/** What a run has to know to go on, besides what its learner knows. */
export interface RunState {
  /** [1] rounds that are done */
  readonly round: number;
  /** [1] steps of single environments */
  readonly steps: number;
  /** Names the episodes that follow, see Learner.restart. */
  readonly era: number;
  /** [s] of all processes that have worked on it */
  readonly wallS: number;
  readonly rollbacks: number;
  readonly health: HealthState;
  readonly best: BestSoFar | null;
}

export interface Checkpoint {
  /** Of the run: tasks of one robot may look alike, and a policy says which it has learnt. Absent of an old one. */
  readonly task?: string | undefined;
  readonly run: RunState;
  readonly learner: LearnerState;
  /** The file of the best policy so far. */
  readonly best: Uint8Array | undefined;
}

type NumberArray = LearnerState['arrays'][string];
const KINDS = { float32: Float32Array, float64: Float64Array, int32: Int32Array } as const;
type Kind = keyof typeof KINDS;

interface Index {
  readonly schema: typeof CHECKPOINT_SCHEMA;
  readonly task?: string | undefined;
  readonly run: RunState;
  readonly scalars: LearnerState['scalars'];
  /** One after the other in the file of numbers, little endian, each from a multiple of 8 bytes on. */
  readonly arrays: readonly {
    readonly name: string;
    readonly kind: Kind;
    readonly length: number;
    readonly offset: number;
  }[];
  readonly bytes: number;
  /** Of the file of numbers. */
  readonly sha256: string;
  /** Of the best policy; null where there is none. Absent of an old one, as the next. */
  readonly bestSha256?: string | null;
  /** Of all that stands above it. */
  readonly seal?: string;
}

const INDEX = 'state.json';
const NUMBERS = 'state.bin';
const BEST = 'best.onnx';
/** Of a checkpoint that is about to be replaced. */
const OLD_SUFFIX = `.old${STAGED_SUFFIX}`;

/** Folders of checkpoints: a number of six digits is a complete one, whatever happened while it was written. */
export class CheckpointStore {
  readonly #folder: string;

  /** @param folder `checkpoints/` of a run */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Rounds of which there is one, ascending. */
  list(): readonly number[] {
    if (!existsSync(this.#folder)) return [];
    return onDisk(this.#folder, 'cannot be read', () => readdirSync(this.#folder))
      .filter((name) => /^\d{6,}$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
  }

  /** Writes it in the place of the one of the same round, if there is one. */
  write(checkpoint: Checkpoint): void {
    writeCheckpoint(this.#locate(checkpoint.run.round), checkpoint);
  }

  /** @throws UserError if it is missing or damaged */
  read(round: number): Checkpoint {
    return readCheckpoint(this.#locate(round));
  }

  /** The latest one that is whole, and what is wrong with later ones. @throws UserError if there is none */
  readLatest(): { readonly checkpoint: Checkpoint; readonly damaged: readonly UserError[] } {
    const damaged: UserError[] = [];
    for (const round of [...this.list()].reverse()) {
      try {
        return { checkpoint: this.read(round), damaged };
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        damaged.push(error);
      }
    }
    throw new UserError({
      where: this.#folder,
      problem: 'there is no checkpoint to go on from',
      expected: 'one that is as it was written',
      got: damaged.map(({ parts: { where, got } }) => `${where}: ${got}`).join('; ') || 'none',
      remedy: 'Put one back from a copy of the run, or begin a new run',
    });
  }

  /** Removes all but the latest, the first ones to go being the oldest. @param spare a round that stays */
  prune(keep: number, spare: number | undefined): void {
    const rounds = this.list();
    for (const round of rounds.slice(0, Math.max(0, rounds.length - keep))) {
      if (round !== spare) this.#remove(round);
    }
  }

  /** Removes those of later rounds. */
  removeAfter(round: number): void {
    for (const later of this.list()) if (later > round) this.#remove(later);
  }

  /** Clears up what a killed process has left: half of a new one, or an old one that a new one was to replace. */
  recover(): void {
    makeFolders(this.#folder);
    for (const name of readdirSync(this.#folder)) {
      if (!name.endsWith(STAGED_SUFFIX)) continue;
      const staged = path.join(this.#folder, name);
      const replaced = staged.slice(0, -OLD_SUFFIX.length);
      if (name.endsWith(OLD_SUFFIX) && !existsSync(replaced)) renameSync(staged, replaced);
      else rmSync(staged, { recursive: true, force: true });
    }
  }

  #locate(round: number): string {
    return path.join(this.#folder, String(round).padStart(6, '0'));
  }

  /** Under another name first, so that one that is half removed does not count. */
  #remove(round: number): void {
    const folder = this.#locate(round);
    const staged = `${folder}.gone${STAGED_SUFFIX}`;
    onDisk(folder, 'cannot be removed', () => {
      renameSync(folder, staged);
      rmSync(staged, { recursive: true, force: true });
    });
  }
}

/** Writes a learner's state and a run's into a folder, whole or not at all. */
export function writeCheckpoint(folder: string, { task, run, learner, best }: Checkpoint): void {
  const staged = `${folder}${STAGED_SUFFIX}`;
  rmSync(staged, { recursive: true, force: true });
  makeFolders(staged);
  const { index, bytes } = packArrays(learner.arrays);
  const content: Index = {
    schema: CHECKPOINT_SCHEMA,
    task,
    run,
    scalars: learner.scalars,
    arrays: index,
    bytes: bytes.length,
    sha256: hash(bytes),
    bestSha256: best === undefined ? null : hash(best),
  };
  const whole: Index = { ...content, seal: hash(JSON.stringify(content)) };
  replaceFile(path.join(staged, NUMBERS), bytes);
  if (best !== undefined) replaceFile(path.join(staged, BEST), best);
  replaceFile(path.join(staged, INDEX), `${JSON.stringify(whole, undefined, 2)}\n`);
  // A folder cannot be renamed onto one that holds something.
  const old = `${folder}${OLD_SUFFIX}`;
  rmSync(old, { recursive: true, force: true });
  onDisk(folder, 'cannot be replaced', () => {
    try {
      renameSync(folder, old);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  });
  publish(folder);
  rmSync(old, { recursive: true, force: true });
}

/** @throws UserError for files that are missing or not as they were written */
export function readCheckpoint(folder: string): Checkpoint {
  let index: Index;
  let bytes: Uint8Array;
  let best: Uint8Array | undefined;
  try {
    index = JSON.parse(readFileSync(path.join(folder, INDEX), 'utf8')) as Index;
    bytes = readFileSync(path.join(folder, NUMBERS));
    if (index.run.best !== null) best = readFileSync(path.join(folder, BEST));
  } catch (cause) {
    throw describeDamage(folder, cause instanceof Error ? cause.message : String(cause), cause);
  }
  if (index.schema !== CHECKPOINT_SCHEMA) {
    throw describeDamage(folder, `the schema ${JSON.stringify(index.schema)}`);
  }
  if (bytes.length !== index.bytes) {
    throw describeDamage(folder, `${NUMBERS} of ${bytes.length} bytes instead of ${index.bytes}`);
  }
  const { seal, ...content } = index;
  if (seal !== undefined && hash(JSON.stringify(content)) !== seal) {
    throw describeDamage(folder, `${INDEX} with other contents`);
  }
  for (const [name, file, wanted] of [
    [NUMBERS, bytes, index.sha256],
    [BEST, best, index.bestSha256],
  ] as const) {
    if (file === undefined || typeof wanted !== 'string') continue;
    const sha256 = hash(file);
    if (sha256 !== wanted) throw describeDamage(folder, `${name} with sha256 ${sha256}`);
  }
  return {
    task: index.task,
    run: index.run,
    learner: { arrays: unpackArrays(index.arrays, bytes), scalars: index.scalars },
    best,
  };
}

function hash(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** @throws UserError for one of another task than the run in whose folder it lies */
export function checkTask(checkpoint: Checkpoint, task: string, folder: string): void {
  if (checkpoint.task === undefined || checkpoint.task === task) return;
  throw new UserError({
    where: `run ${folder}`,
    problem: 'its checkpoint is of another run than its config.json says',
    expected: `one of '${task}'`,
    got: `one of '${checkpoint.task}'`,
    remedy: 'Put back the config.json that the run was begun with, or begin a new run',
  });
}

function packArrays(arrays: LearnerState['arrays']) {
  let offset = 0;
  const index: Index['arrays'][number][] = [];
  for (const [name, array] of Object.entries(arrays)) {
    index.push({ name, kind: getKind(array), length: array.length, offset });
    offset = Math.ceil((offset + array.byteLength) / 8) * 8;
  }
  const bytes = new Uint8Array(offset);
  for (const { name, offset } of index) {
    const array = arrays[name]!;
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), offset);
  }
  return { index, bytes };
}

function unpackArrays(index: Index['arrays'], bytes: Uint8Array): LearnerState['arrays'] {
  return Object.fromEntries(
    index.map(({ name, kind, length, offset }) => {
      const Kind = KINDS[kind];
      // A copy, which begins where numbers may begin.
      const own = bytes.slice(offset, offset + length * Kind.BYTES_PER_ELEMENT);
      return [name, new Kind(own.buffer, own.byteOffset, length)];
    }),
  );
}

function getKind(array: NumberArray): Kind {
  if (array instanceof Float32Array) return 'float32';
  return array instanceof Float64Array ? 'float64' : 'int32';
}

function describeDamage(folder: string, got: string, cause?: unknown): UserError {
  return new UserError({
    where: `checkpoint ${folder}`,
    problem: 'it is not as it was written',
    expected: `${INDEX}, ${NUMBERS} and ${BEST} of a complete checkpoint`,
    got,
    remedy: 'Put it back from a copy of the run',
    ...(cause === undefined ? {} : { cause }),
  });
}
