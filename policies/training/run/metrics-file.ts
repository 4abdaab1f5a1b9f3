import { existsSync, readFileSync } from 'node:fs';
import { appendLines, onDisk, replaceFile } from '../../../sim/dataset/files.ts';
import { UserError } from '../../../sim/errors.ts';

/** One line of metrics.jsonl; null where there is nothing to tell, such as a mean of no episodes. */
export type MetricsLine = { readonly round: number } & Readonly<
  Record<string, number | string | null>
>;

/** metrics.jsonl: one line for each round that counts, in their order. */
export class MetricsFile {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  append(line: MetricsLine): void {
    appendLines(this.#file, formatLine(line));
  }

  /** Adds to what the last line says. */
  amend(values: Readonly<Record<string, number>>): void {
    const lines = this.read();
    const last = lines.at(-1);
    if (last === undefined) throw new RangeError('MetricsFile.amend: there is no line');
    const text = [...lines.slice(0, -1), { ...last, ...values }].map(formatLine).join('');
    replaceFile(this.#file, text);
  }

  /** What a killed process has left of its last line is not read. */
  read(): readonly MetricsLine[] {
    if (!existsSync(this.#file)) return [];
    const text = onDisk(this.#file, 'cannot be read', () => readFileSync(this.#file, 'utf8'));
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    return whole
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as MetricsLine);
  }

  /** What is wrong with it if so many rounds are done: there is a line for each. */
  checkWhole(rounds: number): UserError[] {
    const told = new Set(this.read().map(({ round }) => round));
    const numMissing = Array.from({ length: rounds }, (_, k) => k + 1).filter(
      (round) => !told.has(round),
    ).length;
    if (numMissing === 0) return [];
    return [
      new UserError({
        where: this.#file,
        problem: 'rounds are missing in it',
        expected: `a line for each of the ${rounds} that are done`,
        got: `none for ${numMissing} of them`,
        remedy: 'Put it back from a copy of the run; without it curves have a gap',
      }),
    ];
  }

  /** Forgets the rounds after one. @returns their lines */
  cutAfter(round: number): readonly MetricsLine[] {
    const lines = this.read();
    const kept = lines.filter((line) => line.round <= round);
    const text = kept.map(formatLine).join('');
    if (existsSync(this.#file)) replaceFile(this.#file, text);
    return lines.slice(kept.length);
  }
}

function formatLine(line: MetricsLine): string {
  return `${JSON.stringify(line)}\n`;
}
