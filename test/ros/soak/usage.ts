import { readFileSync } from 'node:fs';

/** [B] a page of Linux on x86-64 and arm64 */
const PAGE_BYTES = 4096;

/** Memory of a process that is resident now. [B] [@invalid NaN once it has ended] Linux only. */
export function readResidentBytes(pid: number): number {
  try {
    // Second field of statm: resident pages, see proc(5).
    const [, pages] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
    return Number(pages) * PAGE_BYTES;
  } catch {
    return Number.NaN;
  }
}

/** [1/s] clock ticks in which Linux counts processor time, on every machine of today */
const TICKS_PER_S = 100;

/** Processor time of a process so far, all of its threads. [s] [@invalid NaN once it has ended] Linux only. */
export function readProcessorS(pid: number): number {
  try {
    // Fields 14 and 15 of stat, user and system; the name in brackets before may hold spaces. See proc(5).
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
  } catch {
    return Number.NaN;
  }
}

/** One look at a value. */
export interface Sample {
  /** [s] */
  readonly timeS: number;
  readonly value: number;
}

/** Slope of the least-squares line through the samples, and its standard error, per second. */
export function fitSlope(samples: readonly Sample[]): { slope: number; error: number } {
  const n = samples.length;
  if (n < 3) return { slope: Number.NaN, error: Number.NaN };
  const mean = (pick: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + pick(sample), 0) / n;
  const [meanS, meanValue] = [mean(({ timeS }) => timeS), mean(({ value }) => value)];
  const squares = n * mean(({ timeS }) => (timeS - meanS) ** 2);
  const slope = (n * mean((s) => (s.timeS - meanS) * (s.value - meanValue))) / squares;
  const rest = n * mean((s) => (s.value - meanValue - slope * (s.timeS - meanS)) ** 2);
  return { slope, error: Math.sqrt(rest / (n - 2) / squares) };
}
