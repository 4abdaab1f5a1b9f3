import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  computeSlipSpeed,
  limitWheelSpeeds,
  writeTwist,
  writeWheelSpeeds,
} from '../../../sim/robot/differential-drive.ts';

/** Wheels of 5 cm radius, 40 cm apart. */
const DRIVE = { wheelRadius: 0.05, wheelSeparation: 0.4 };

function computeWheelSpeeds(forwardSpeed: number, yawRate: number): number[] {
  const out = [0, 0];
  writeWheelSpeeds(out, DRIVE, forwardSpeed, yawRate);
  return out;
}

describe('a differential drive', () => {
  it('goes straight on equal wheels, and turns left on the spot with the right wheel forward', () => {
    // 0.5 m/s / 0.05 m = 10 rad/s; 1 rad/s · 0.2 m / 0.05 m = 4 rad/s.
    expect(computeWheelSpeeds(0.5, 0)).toEqual([10, 10]);
    expect(computeWheelSpeeds(0, 1)).toEqual([-4, 4]);
  });

  it('drives a circle of radius v/ω: 0.5 m/s and 0.25 rad/s make 2 m', () => {
    // Wheels on circles of 1.8 m and 2.2 m: 0.25·1.8/0.05 = 9 and 11 rad/s.
    const wheels = computeWheelSpeeds(0.5, 0.25);
    expect(wheels[0]).toBeCloseTo(9, 12);
    expect(wheels[1]).toBeCloseTo(11, 12);
    const twist = [0, 0];
    writeTwist(twist, DRIVE, 9, 11);
    expect(twist[0]! / twist[1]!).toBeCloseTo(2, 12);
  });

  it('gets back the twist that it was told', () => {
    const speed = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(speed, speed, (forward, yawRate) => {
        const twist = [0, 0];
        const [left, right] = computeWheelSpeeds(forward, yawRate);
        writeTwist(twist, DRIVE, left!, right!);
        expect(twist[0]).toBeCloseTo(forward, 12);
        expect(twist[1]).toBeCloseTo(yawRate, 12);
      }),
    );
  });

  it('stays on its curve when a wheel is too slow for the speed', () => {
    const wheels = computeWheelSpeeds(0.5, 0.25);
    limitWheelSpeeds(wheels, 5.5);
    // 11 → 5.5 rad/s, so 9 → 4.5.
    expect(wheels[0]).toBeCloseTo(4.5, 12);
    expect(wheels[1]).toBeCloseTo(5.5, 12);
    limitWheelSpeeds(wheels, 100);
    expect(wheels[1]).toBeCloseTo(5.5, 12);
  });

  it('slips by what a wheel turns more than it rolls', () => {
    expect(computeSlipSpeed(DRIVE, 10, 0.5)).toBe(0);
    expect(computeSlipSpeed(DRIVE, 10, 0.3)).toBeCloseTo(0.2, 12);
    expect(computeSlipSpeed(DRIVE, 0, 0.3)).toBeCloseTo(-0.3, 12);
  });
});
