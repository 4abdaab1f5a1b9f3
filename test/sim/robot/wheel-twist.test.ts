import { describe, expect, it } from 'vitest';
import { loadRobot } from '../../../sim/robot/load.ts';
import { WheelTwist } from '../../../sim/robot/wheel-twist.ts';

/** Wheels of 0.03575 m radius, 0.233 m apart. */
const turtlebot = loadRobot('turtlebot');

function compute(left: number, right: number): readonly number[] {
  const out = new Float64Array(2);
  const names = turtlebot.actuatedJointNames;
  const joint = names.map((name) => (name.startsWith('left') ? left : right));
  new WheelTwist(turtlebot).write(out, joint);
  return [...out];
}

describe('the twist that wheels make', () => {
  it('is straight ahead where both turn forward alike', () => {
    // 4 rad/s · 0.03575 m = 0.143 m/s.
    const [speed, turnRate] = compute(4, 4);
    expect(speed).toBeCloseTo(0.143, 12);
    expect(turnRate).toBe(0);
  });

  it('turns counterclockwise where the right wheel is the faster one', () => {
    // (2 + 6) / 2 · 0.03575 = 0.143 m/s; (6 − 2) · 0.03575 / 0.233 = 0.61373 rad/s.
    const [speed, turnRate] = compute(2, 6);
    expect(speed).toBeCloseTo(0.143, 12);
    expect(turnRate).toBeCloseTo(0.143 / 0.233, 12);
  });

  it('is 0 for a robot that stands', () => {
    expect(compute(0, 0)).toEqual([0, 0]);
  });

  it('is nothing that a robot without wheels has', () => {
    expect(() => new WheelTwist(loadRobot('go2'))).toThrow(/go2.*no drive/);
  });
});
