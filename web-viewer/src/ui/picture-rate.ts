import { RateMeter } from '../rate-meter.ts';

const meter = new RateMeter();
let count = 0;

/** Counts the browser's own pictures: what the user sees, whoever draws. */
export function startPictureRate(): void {
  requestAnimationFrame(function tick(nowMs) {
    meter.mark(nowMs, ++count);
    requestAnimationFrame(tick);
  });
}

/** [1/s] */
export function getPictureRate(): number {
  return meter.perSecond;
}
