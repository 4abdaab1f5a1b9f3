import { type ProgressView, showProgressView } from '../progress-view.ts';
import type { RunProgress } from './run.ts';

/**
 * Shows how far a run is, on stderr: a bar on a terminal, else a line every 5 s.
 * @param total episodes, those of earlier runs too
 * @param numBefore of them, done by earlier runs
 */
export function showProgress(
  total: number,
  numBefore: number,
  read: () => RunProgress,
): ProgressView {
  const describe = () => describeProgress(read(), total, numBefore);
  return showProgressView(() => read().episodes / total, describe);
}

/** `120/1000 episodes · 61,200 steps/s · success 98.3 % · 1 min 4 s left` */
export function describeProgress(
  { episodes, successes, steps, wallS }: RunProgress,
  total: number,
  numBefore: number,
): string {
  const parts = [`${episodes}/${total} episodes`];
  if (wallS > 0) parts.push(`${formatCount(steps / wallS)} steps/s`);
  if (episodes > 0) parts.push(`success ${((100 * successes) / episodes).toFixed(1)} %`);
  const numNow = episodes - numBefore;
  if (numNow > 0) {
    parts.push(`${formatDuration((wallS * (total - episodes)) / numNow)} left`);
  }
  return parts.join(' · ');
}

/** `61,200`; three digits are all that a speed is worth. */
export function formatCount(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en-US');
}

/** `42 s`, `3 min 5 s`, `2 h 10 min` */
export function formatDuration(durationS: number): string {
  const s = Math.round(durationS);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}
