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
