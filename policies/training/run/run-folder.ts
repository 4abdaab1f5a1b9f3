import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { makeFolders, onDisk, replaceFile, STAGED_SUFFIX } from '../../../sim/dataset/files.ts';
import { UserError } from '../../../sim/errors.ts';
import { type FolderLock, lockFolder } from '../../../sim/folder-lock.ts';
import { CheckpointStore } from './checkpoint.ts';
import { MetricsFile } from './metrics-file.ts';
import { type FoundRunConfig, parseRunConfig, type RunConfig } from './run-config.ts';

const CONFIG = 'config.json';
/** There while a process works on the run. */
const LOCK = 'lock';

/** Where everything of a run lies. */
export class RunFolder {
  readonly path: string;
  readonly checkpoints: CheckpointStore;
  readonly metrics: MetricsFile;

  constructor(folder: string) {
    this.path = path.resolve(folder);
    this.checkpoints = new CheckpointStore(this.locate('checkpoints'));
    this.metrics = new MetricsFile(this.locate('metrics.jsonl'));
  }

  locate(...names: readonly string[]): string {
    return path.join(this.path, ...names);
  }

  /** Whether somebody has begun a run in it. */
  get isRun(): boolean {
    return existsSync(this.locate(CONFIG));
  }

  /** @throws UserError if there is no run in it, or one that this version cannot read */
  readConfig(): FoundRunConfig {
    const file = this.locate(CONFIG);
    if (!this.isRun) {
      throw new UserError({
        where: this.path,
        problem: 'there is no run in it',
        expected: `a folder with a ${CONFIG}, as \`zerogap train --out\` makes it`,
        got: existsSync(this.path) ? 'a folder without' : 'no such folder',
        remedy: 'Check the path; a new run begins without --resume',
      });
    }
    const text = onDisk(file, 'cannot be read', () => readFileSync(file, 'utf8'));
    return parseRunConfig(text, file);
  }

  writeConfig(config: RunConfig): void {
    replaceFile(this.locate(CONFIG), `${JSON.stringify(config, undefined, 2)}\n`);
  }

  /** Keeps a policy that the run learns with. */
  keepPolicy(name: string, bytes: Uint8Array): void {
    replaceFile(this.locate(`${name}.onnx`), bytes);
  }

  /** The file of one that it has kept. */
  findPolicy(name: string): string | undefined {
    const file = this.locate(`${name}.onnx`);
    return existsSync(file) ? file : undefined;
  }

  /** Until it is released, no other process works on the run. @throws UserError that names the one that does */
  lock(): FolderLock {
    return lockFolder({ folder: this.path, lockFile: LOCK, what: 'run' });
  }

  /** Makes it, and shows that it can be written. @throws UserError if it cannot, or holds something */
  begin(): void {
    this.assertFree();
    makeFolders(this.path);
    replaceFile(this.locate('metrics.jsonl'), '');
  }

  /** @throws UserError if there is a run, or anything else, in it */
  assertFree(): void {
    const got = this.#findObstacle();
    if (got === undefined) return;
    throw new UserError({
      where: this.path,
      problem: this.isRun ? 'there is a run in it already' : 'there is something else in it',
      expected: 'a new or an empty folder',
      got,
      remedy: this.isRun
        ? `Go on with it by --resume ${this.path}, or choose another`
        : 'Choose another',
    });
  }

  #findObstacle(): string | undefined {
    const stat = statSync(this.path, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    if (!stat.isDirectory()) return 'a file';
    const names = onDisk(this.path, 'cannot be read', () => readdirSync(this.path));
    const others = names.filter((name) => !name.endsWith(STAGED_SUFFIX));
    // What a process has left that was refused before it had begun.
    const isLeft = (name: string) => name === 'metrics.jsonl' || name.startsWith(LOCK);
    if (others.every(isLeft)) return undefined;
    return others.slice(0, 5).join(', ');
  }
}
