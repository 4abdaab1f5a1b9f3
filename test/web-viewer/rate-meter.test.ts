import { describe, expect, it } from 'vitest';
import { RateMeter } from '../../web-viewer/src/rate-meter.ts';

describe('the rate meter', () => {
  it('does not know before it has seen a tenth of a second', () => {
    const meter = new RateMeter();
    meter.mark(0, 0);
    meter.mark(50, 1);
    expect(meter.perSecond).toBeNaN();
  });

  it('divides what was counted by the time it took', () => {
    const meter = new RateMeter();
    for (let i = 0; i <= 30; i++) meter.mark(20 * i, i);
    // One per 20 ms.
    expect(meter.perSecond).toBeCloseTo(50, 9);
  });

  it('forgets what is older than its window', () => {
    const meter = new RateMeter(1000);
    for (let t = 0; t <= 2000; t += 100) meter.mark(t, t < 1000 ? 0 : (t - 1000) / 100);
    // In the last second: ten counts.
    expect(meter.perSecond).toBeCloseTo(10, 9);
  });

  it('starts afresh when the count shrinks', () => {
    const meter = new RateMeter();
    meter.mark(0, 100);
    meter.mark(500, 200);
    meter.mark(1000, 0);
    expect(meter.perSecond).toBeNaN();
  });
});
