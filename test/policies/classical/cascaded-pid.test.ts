import { describe, expect, it } from 'vitest';
import { CascadedPid } from '../../../policies/classical/cascaded-pid.ts';
import { getClassicalController } from '../../../policies/classical/registry.ts';
import { RotorMixer } from '../../../policies/classical/rotor-mixer.ts';
import { writeFromRollPitchYaw } from '../../../sim/math/quat.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { makeReferenceBatch, type RobotView } from '../../../sim/task/robot-view.ts';
import { makeCrazyflieAction } from '../../../sim/tasks/crazyflie.ts';

const model = loadRobot('crazyflie');
const action = makeCrazyflieAction(model);
const KF = 2.218e-8;
const KM = 1.3229e-10;
const ARM = 0.0325;
const WEIGHT = 0.027 * 9.80665;

/** Front right, back right, back left, front left. Counterclockwise rotors push the body clockwise. */
const X = [ARM, -ARM, -ARM, ARM];
const Y = [-ARM, -ARM, ARM, ARM];
const YAW = [-1, 1, -1, 1];

/** What rotor speeds do to the body, by the definition of torque: r × F, and the air's reaction. */
function computeWrench(speeds: ArrayLike<number>) {
  const wrench = { thrust: 0, x: 0, y: 0, z: 0 };
  for (let i = 0; i < 4; i++) {
    const thrust = KF * speeds[i]! ** 2;
    wrench.thrust += thrust;
    wrench.x += Y[i]! * thrust;
    wrench.y -= X[i]! * thrust;
    wrench.z += YAW[i]! * KM * speeds[i]! ** 2;
  }
  return wrench;
}

function fly(change: (view: RobotView) => void) {
  const view: RobotView = {
    state: makeStateBatch(1, 4),
    reference: makeReferenceBatch(1),
    scans: new Map(),
    memory: {
      lastAction: new Float32Array(4),
      laggedAction: new Float32Array(4),
      timeS: new Float64Array(1),
      positionErrorIntegralW: new Float64Array(3),
    },
  };
  change(view);
  const raw = new Float32Array(4);
  new CascadedPid(model, action).compute(raw, view, 0);
  return computeWrench(raw.map((value, k) => value * action.scale[k]! + action.offset[k]!));
}

/** [N·m], far below any torque that these errors ask for, far above the rounding of 32 bits. */
const NOTHING = 1e-8;

describe('RotorMixer', () => {
  const mixer = new RotorMixer(model);
  const speeds = new Float64Array(4);

  it('gives exactly the wrench that is asked for', () => {
    mixer.writeSpeeds(speeds, 0.3, 2e-4, -3e-4, 1e-4);
    const wrench = computeWrench(speeds);
    expect(wrench.thrust).toBeCloseTo(0.3, 9);
    expect(wrench.x).toBeCloseTo(2e-4, 9);
    expect(wrench.y).toBeCloseTo(-3e-4, 9);
    expect(wrench.z).toBeCloseTo(1e-4, 9);
  });

  it('gives up yaw, then thrust, before tilt torque', () => {
    // Full thrust is 4 · 2.218e-8 · 2500² = 0.5545 N.
    mixer.writeSpeeds(speeds, 0.54, 2e-3, 0, 5e-3);
    const wrench = computeWrench(speeds);
    expect(Math.max(...speeds)).toBeLessThanOrEqual(2500 + 1e-9);
    expect(wrench.x).toBeCloseTo(2e-3, 9);
    expect(wrench.z).toBeCloseTo(0, 9);
    expect(wrench.thrust).toBeLessThan(0.54);
  });

  it('stays inside the range of the rotors whatever is asked', () => {
    mixer.writeSpeeds(speeds, -1, 1, 1, 1);
    for (const speed of speeds) {
      expect(speed).toBeGreaterThanOrEqual(0);
      expect(speed).toBeLessThanOrEqual(2500 + 1e-9);
    }
  });

  it('refuses robots without four rotors', () => {
    expect(() => new RotorMixer(loadRobot('cartpole'))).toThrow(/four upright rotors/);
  });
});

describe('CascadedPid', () => {
  it('carries the weight and turns nowhere when all is as it should be', () => {
    const wrench = fly(() => {});
    expect(wrench.thrust).toBeCloseTo(WEIGHT, 6);
    for (const axis of ['x', 'y', 'z'] as const) {
      expect(Math.abs(wrench[axis])).toBeLessThan(NOTHING);
    }
  });

  it('pitches the nose down (+y) to go ahead', () => {
    const wrench = fly(({ reference }) => {
      reference.position[0] = 0.1;
    });
    expect(wrench.y).toBeGreaterThan(1e-5);
    expect(Math.abs(wrench.x)).toBeLessThan(NOTHING);
  });

  it('rolls to the left (−x) to go left', () => {
    const wrench = fly(({ reference }) => {
      reference.position[1] = 0.1;
    });
    expect(wrench.x).toBeLessThan(-1e-5);
    expect(Math.abs(wrench.y)).toBeLessThan(NOTHING);
  });

  it('pushes up to go up', () => {
    const wrench = fly(({ reference }) => {
      reference.position[2] = 0.1;
    });
    expect(wrench.thrust).toBeGreaterThan(WEIGHT * 1.05);
  });

  it('turns counterclockwise (+z) to look left', () => {
    const wrench = fly(({ reference }) => {
      reference.yaw[0] = 0.3;
    });
    expect(wrench.z).toBeGreaterThan(1e-6);
  });

  it('brakes a velocity and a spin', () => {
    const drifting = fly(({ state }) => {
      state.linearVelocityW[0] = 0.1;
    });
    expect(drifting.y).toBeLessThan(-1e-5);
    const spinning = fly(({ state }) => {
      state.angularVelocityB.set([0.5, -0.5, 0.5]);
    });
    expect(spinning.x).toBeLessThan(-1e-5);
    expect(spinning.y).toBeGreaterThan(1e-5);
    expect(spinning.z).toBeLessThan(-1e-6);
  });

  it('levels itself when tipped', () => {
    const wrench = fly(({ state }) => writeFromRollPitchYaw(state.orientation, 0, 0.2, 0, 0));
    expect(wrench.x).toBeLessThan(-1e-5);
  });

  it('thinks in the frame of the body: looking left, odom +x is to the right', () => {
    const wrench = fly(({ state, reference }) => {
      writeFromRollPitchYaw(state.orientation, 0, 0, 0, Math.PI / 2);
      reference.yaw[0] = Math.PI / 2;
      reference.position[0] = 0.1;
    });
    expect(wrench.x).toBeGreaterThan(1e-5);
    expect(Math.abs(wrench.y)).toBeLessThan(NOTHING);
  });

  it('makes up a steady error by the integral', () => {
    const wrench = fly(({ memory }) => {
      memory.positionErrorIntegralW[2] = 0.2;
    });
    // 6 1/s³ · 0.2 m·s = 1.2 m/s² more than gravity, if the rotors were there at once; they are
    // led beyond it by 0.0647/0.02.
    expect(wrench.thrust).toBeGreaterThan(0.027 * (9.80665 + 1.2));
  });

  it('leads the lag of the rotors: what is believed too slow is driven faster', () => {
    const calm = fly(() => {});
    const behind = fly(({ memory }) => memory.laggedAction.fill(-0.1));
    expect(behind.thrust).toBeGreaterThan(calm.thrust * 1.05);
  });
});

describe('the registry of classical controllers', () => {
  it('has one for every task that it names, and lists them', () => {
    expect(getClassicalController('crazyflie-hover')(model, action, 0.01).name).toBe(
      'cascaded-pid',
    );
    expect(() => getClassicalController('walk')).toThrow(/cartpole-balance, crazyflie-hover/);
  });
});
