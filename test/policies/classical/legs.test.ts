import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  computeCentreOfMass,
  computeHoldingEfforts,
} from '../../../policies/classical/holding-effort.ts';
import {
  computeLegs,
  writeFootPosition,
  writeLegJoints,
} from '../../../policies/classical/leg-kinematics.ts';
import { computeFootLoads, LegTargets } from '../../../policies/classical/leg-targets.ts';
import { TROT_GAIT, TrotInPlace } from '../../../policies/classical/trot.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { computeTotalMass } from '../../../sim/robot/model.ts';

const go2 = loadRobot('go2');
const legs = computeLegs(go2);
const WEIGHT = computeTotalMass(go2) * 9.80665;
/** [m] arithmetic of a dozen sines */
const EXACT = 1e-12;

describe('computeLegs', () => {
  it('finds the four legs of the go2 in joint order, left ones with a positive offset', () => {
    expect(legs.map((leg) => leg.footShape)).toEqual(['FL_foot', 'FR_foot', 'RL_foot', 'RR_foot']);
    expect(legs.map((leg) => leg.hipOffset)).toEqual([0.0955, -0.0955, 0.0955, -0.0955]);
    expect(legs[2]!.hip).toEqual([-0.1934, 0.0465, 0]);
    expect(legs[3]!.jointIndices).toEqual([9, 10, 11]);
  });

  it('refuses a robot without legs, by name', () => {
    expect(() => computeLegs(loadRobot('turtlebot'))).toThrow(/robot 'turtlebot', leg at/);
    expect(() => computeLegs(loadRobot('crazyflie'))).toThrow(/robot 'crazyflie' has no legs/);
  });
});

describe('leg kinematics', () => {
  it('puts the foot straight down at zero: 0.213 + 0.213 below, 2 mm behind, 0.0955 to the side', () => {
    const foot = [0, 0, 0];
    writeFootPosition(foot, 0, legs[0]!, [0, 0, 0], 0);
    expect(foot[0]).toBeCloseTo(0.1934 - 0.002, 12);
    expect(foot[1]).toBeCloseTo(0.0465 + 0.0955, 12);
    expect(foot[2]).toBeCloseTo(-0.426, 12);
  });

  it('swings the foot backwards with positive thighs, to the left with positive hips', () => {
    const foot = [0, 0, 0];
    // A quarter turn of the thigh: 0.426 behind the hip joint, and the ball 2 mm above the line.
    writeFootPosition(foot, 0, legs[1]!, [0, Math.PI / 2, 0], 0);
    expect(foot[0]).toBeCloseTo(0.1934 - 0.426, 12);
    expect(foot[2]).toBeCloseTo(0.002, 12);
    // A quarter turn of the hip: what hung 0.426 down points left, what pointed right hangs down.
    writeFootPosition(foot, 0, legs[1]!, [Math.PI / 2, 0, 0], 0);
    expect(foot[1]).toBeCloseTo(-0.0465 + 0.426, 12);
    expect(foot[2]).toBeCloseTo(-0.0955, 12);
  });

  it('finds the joints that it started from, for every leg and any bent knee', () => {
    const angles = fc.tuple(
      fc.integer({ min: 0, max: 3 }),
      fc.double({ min: -1.04, max: 1.04, noNaN: true }),
      fc.double({ min: -0.5, max: 1.4, noNaN: true }),
      fc.double({ min: -2.7, max: -0.84, noNaN: true }),
    );
    fc.assert(
      fc.property(angles, ([i, hip, thigh, calf]) => {
        const leg = legs[i]!;
        const foot = [0, 0, 0];
        const joints = [0, 0, 0];
        const again = [0, 0, 0];
        writeFootPosition(foot, 0, leg, [hip, thigh, calf], 0);
        writeLegJoints(joints, 0, leg, foot, 0);
        writeFootPosition(again, 0, leg, joints, 0);
        for (let axis = 0; axis < 3; axis++) {
          expect(Math.abs(again[axis]! - foot[axis]!)).toBeLessThan(EXACT);
        }
        // Where the foot hangs below the hip there is one way to bend the knee backwards.
        const down = 0.213 * Math.cos(thigh) + 0.213 * Math.cos(thigh + calf);
        if (down < 0.01) return;
        expect(joints[0]).toBeCloseTo(hip, 9);
        expect(joints[1]).toBeCloseTo(thigh, 7);
        expect(joints[2]).toBeCloseTo(calf, 7);
      }),
    );
  });

  it('stretches towards a place out of reach instead of giving NaN', () => {
    const joints = [0, 0, 0];
    const foot = [0, 0, 0];
    const leg = legs[0]!;
    writeLegJoints(joints, 0, leg, [leg.hip[0] + 3, leg.hip[1] + leg.hipOffset, -3], 0);
    writeFootPosition(foot, 0, leg, joints, 0);
    // 45° ahead, at thigh plus shank: 0.213 + √(0.213² + 0.002²) = 0.42601.
    expect(foot[0]! - leg.hip[0]).toBeCloseTo(0.42601 * Math.SQRT1_2, 5);
    expect(foot[2]).toBeCloseTo(-0.42601 * Math.SQRT1_2, 5);
    writeLegJoints(joints, 0, leg, [leg.hip[0], leg.hip[1], 0], 0);
    for (const angle of joints) expect(Number.isFinite(angle)).toBe(true);
  });
});

describe('computeHoldingEfforts', () => {
  it('is the slope of the potential energy, joint by joint', () => {
    const q = Float64Array.from(go2.home.jointPosition, (home, k) => home + 0.03 * ((k % 5) - 2));
    const efforts = computeHoldingEfforts(go2, q, []);
    const h = 1e-5;
    for (let joint = 0; joint < q.length; joint++) {
      const energy = [h, -h].map((step) => {
        const moved = Float64Array.from(q, (value, k) => value + (k === joint ? step : 0));
        return WEIGHT * computeCentreOfMass(go2, moved)[2];
      });
      const slope = (energy[0]! - energy[1]!) / (2 * h);
      // Central differences: h² and rounding, 1e-8 N·m.
      expect(Math.abs(efforts[joint]! - slope)).toBeLessThan(1e-7);
    }
  });

  it('holds a foot with its force times its lever', () => {
    const home = go2.home.jointPosition;
    const foot = [0, 0, 0];
    writeFootPosition(foot, 0, legs[0]!, [home[0]!, home[1]!, home[2]!], 0);
    const pointB = [foot[0]!, foot[1]!, foot[2]!] as const;
    const own = computeHoldingEfforts(go2, home, []);
    const held = computeHoldingEfforts(go2, home, [
      { link: 'FL_foot', pointB, forceB: [0, 0, 40] },
    ]);
    // About the hip: 40 N pushing up at 0.0955 to the left turn it by +x · 3.82, so it must hold −3.82.
    expect(held[0]! - own[0]!).toBeCloseTo(-40 * 0.0955, 9);
    // The knee is 0.213 sin(0.9) = 0.1668 behind the hip, the foot 0.0012 behind the hip, so 0.1656 ahead of the knee.
    const lever = 0.213 * Math.sin(0.9) - (legs[0]!.hip[0] - foot[0]!);
    expect(held[2]! - own[2]!).toBeCloseTo(40 * lever, 9);
    expect(held[3]).toBe(own[3]);
  });
});

describe('computeFootLoads', () => {
  it('gives the pair of feet nearer to the centre of mass the larger share', () => {
    const feet = Float64Array.from([0.2, 0.1, 0, 0.2, -0.1, 0, -0.2, 0.1, 0, -0.2, -0.1, 0]);
    // 100 N at x = 0.04: front and rear pair f + r = 100, 0.2 (f − r) = 4: f = 60, r = 40, halved left and right.
    const loads = computeFootLoads(feet, [0.04, 0, 0.3], 100);
    for (const [i, load] of [30, 30, 20, 20].entries()) expect(loads[i]).toBeCloseTo(load, 9);
  });
});

describe('LegTargets', () => {
  it('leads each joint by effort over stiffness, so that the joint ends where it should', () => {
    const targets = new LegTargets(go2);
    const command = new Float64Array(12);
    for (let leg = 0; leg < 4; leg++) {
      targets.writeLeg(command, leg, targets.homeFeet, 3 * leg, targets.homeLoads[leg]!);
    }
    const supports = legs.map((leg, i) => {
      const at = targets.homeFeet.subarray(3 * i, 3 * i + 3);
      const pointB = [at[0]!, at[1]!, at[2]!] as const;
      return { link: leg.footLink, pointB, forceB: [0, 0, targets.homeLoads[i]!] as const };
    });
    const efforts = computeHoldingEfforts(go2, go2.home.jointPosition, supports);
    go2.home.jointPosition.forEach((home, k) => {
      expect(command[k]).toBeCloseTo(home + efforts[k]! / 60, 9);
    });
    // Nothing turns the robot: its weight is what its feet carry.
    expect(targets.homeLoads.reduce((sum, load) => sum + load, 0)).toBeCloseTo(WEIGHT, 9);
  });

  it('refuses a robot whose legs have no position drives', () => {
    const limp = {
      ...go2,
      actuators: go2.actuators.map((a) => ({
        kind: 'effort' as const,
        joint: a.joint,
        maxEffort: 1,
      })),
    };
    expect(() => new LegTargets(limp)).toThrow(/'FL_hip_joint' needs a position drive .* effort/);
  });
});

describe('TrotInPlace', () => {
  const trot = new TrotInPlace(go2);
  const { periodS, duty, clearance, rampS } = TROT_GAIT;
  /** After the ramp, so that steps are full; a whole number of periods. */
  const STEADY_S = Math.ceil(rampS / periodS) * periodS;

  it('lifts diagonal feet together and the two pairs half a period apart', () => {
    for (let k = 0; k < 20; k++) {
      const timeS = STEADY_S + (k / 20) * periodS + 1e-3;
      expect(trot.isStance(3, timeS)).toBe(trot.isStance(0, timeS));
      expect(trot.isStance(1, timeS)).toBe(trot.isStance(2, timeS));
      expect(trot.isStance(1, timeS)).toBe(trot.isStance(0, timeS + periodS / 2));
      expect(trot.isStance(0, timeS) || trot.isStance(1, timeS)).toBe(true);
    }
  });

  it('brings a foot up to its clearance in the middle of its swing, unloaded', () => {
    const command = new Float64Array(12);
    // Front left: on the floor for duty · period, then up; halfway through the rest it is highest.
    const timeS = STEADY_S + periodS * (duty + (1 - duty) / 2);
    trot.writeCommand(command, timeS);
    const foot = [0, 0, 0];
    const own = computeHoldingEfforts(go2, go2.home.jointPosition, []);
    const joints = [0, 1, 2].map((k) => command[k]! - own[k]! / 60);
    writeFootPosition(foot, 0, legs[0]!, joints, 0);
    expect(foot[2]).toBeCloseTo(trot.targets.homeFeet[2]! + clearance, 9);
    expect(foot[0]).toBeCloseTo(trot.targets.homeFeet[0]!, 9);
  });

  it('begins as a stand and never jumps', () => {
    const targets = trot.targets;
    const stand = new Float64Array(12);
    for (let leg = 0; leg < 4; leg++) {
      targets.writeLeg(stand, leg, targets.homeFeet, 3 * leg, targets.homeLoads[leg]!);
    }
    const before = new Float64Array(12);
    const command = new Float64Array(12);
    trot.writeCommand(before, 0);
    for (const [k, value] of before.entries()) expect(value).toBeCloseTo(stand[k]!, 9);
    for (let step = 1; step <= 3000; step++) {
      trot.writeCommand(command, step * 1e-3);
      // Taking up half the weight within 30 ms leads the knee by 73.6 N · 0.166 m / 60 = 0.20 rad: at most 10 rad/s.
      for (const [k, value] of command.entries()) {
        expect(Math.abs(value - before[k]!)).toBeLessThan(0.02);
      }
      before.set(command);
    }
  });

  it('refuses a gait that would leave nobody on the floor', () => {
    expect(() => new TrotInPlace(go2, { ...TROT_GAIT, duty: 0.5 })).toThrow(/duty must lie/);
  });
});
