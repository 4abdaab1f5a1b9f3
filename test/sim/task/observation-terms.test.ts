import { describe, expect, it } from 'vitest';
import { writeFromRollPitchYaw } from '../../../sim/math/quat.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import {
  findObservationTermKind,
  listTermColumns,
  OBSERVATION_TERM_NAMES,
  OBSERVATION_TERMS,
  type ObservationTermName,
} from '../../../sim/task/observation-terms.ts';
import { makeReferenceBatch, type RobotView } from '../../../sim/task/robot-view.ts';

const crazyflie = loadRobot('crazyflie');
const cartpole = loadRobot('cartpole');
/** Terms are kept in 32 bits: relative step 6e-8, numbers here below 10. */
const FLOAT32 = 1e-6;

/** Two robots, so that a term that forgets its row reads the wrong one. Robot 1 is looked at. */
function makeView(numJoints = 4): RobotView {
  const state = makeStateBatch(2, numJoints);
  const reference = makeReferenceBatch(2);
  state.position.fill(99, 0, 3);
  state.linearVelocityW.fill(99, 0, 3);
  reference.position.fill(-99, 0, 3);
  return {
    state,
    reference,
    scans: new Map(),
    memory: {
      lastAction: Float32Array.of(9, 9, 9, 9, 0.1, 0.2, 0.3, 0.4),
      laggedAction: Float32Array.of(9, 9, 9, 9, -0.1, -0.2, -0.3, -0.4),
      timeS: Float64Array.of(9, 0.1),
      positionErrorIntegralW: Float64Array.of(9, 9, 9, 0.1, 0.2, 0.3),
    },
  };
}

function look(
  name: ObservationTermName,
  view: RobotView,
  joints: readonly string[] = [],
): number[] {
  const model = joints.length > 0 ? cartpole : crazyflie;
  const kind = findObservationTermKind(name)!;
  const width = listTermColumns(kind, model, joints).length;
  const out = new Float32Array(width + 2).fill(7);
  kind.make(model, joints)(out, 1, view, 1);
  expect([out[0], out[width + 1]], 'writes outside its place').toEqual([7, 7]);
  return [...out.subarray(1, width + 1)];
}

function expectNear(got: number[], wanted: number[]): void {
  expect(got.length).toBe(wanted.length);
  wanted.forEach((value, k) => {
    expect(Math.abs(got[k]! - value), `[${got}] against [${wanted}]`).toBeLessThan(FLOAT32);
  });
}

/** Nose to the left: base_link's x is odom's y, base_link's y is odom's −x. */
function yawLeft(view: RobotView): RobotView {
  writeFromRollPitchYaw(view.state.orientation, 4, 0, 0, Math.PI / 2);
  return view;
}

describe('observation terms', () => {
  it('give the way to the reference in the frame of the body', () => {
    const view = yawLeft(makeView());
    view.reference.position.set([3, 5, 2], 3);
    view.state.position.set([1, 1, 1], 3);
    // In odom: (2, 4, 1). Ahead is odom's y: 4; to the left is −x: −2.
    expectNear(look('positionErrorB', view), [4, -2, 1]);
  });

  it('turn the integral into the frame of the body', () => {
    // (0.1, 0.2, 0.3) in odom: ahead 0.2, left −0.1.
    expectNear(look('positionErrorIntegralB', yawLeft(makeView())), [0.2, -0.1, 0.3]);
  });

  it('turn velocities into the frame of the body', () => {
    const view = yawLeft(makeView());
    view.state.linearVelocityW.set([1, 2, 3], 3);
    view.reference.linearVelocityW.set([0, 5, 0], 3);
    expectNear(look('linearVelocityB', view), [2, -1, 3]);
    expectNear(look('referenceVelocityB', view), [5, 0, 0]);
    // Reference minus measured: odom (−1, 3, −3).
    expectNear(look('velocityErrorB', view), [3, 1, -3]);
  });

  it('see gravity along −z when level and along +x with the nose straight down', () => {
    const view = makeView();
    expectNear(look('projectedGravityB', view), [0, 0, -1]);
    // Pitch +90° about y, to the left: the nose points down.
    writeFromRollPitchYaw(view.state.orientation, 4, 0, Math.PI / 2, 0);
    expectNear(look('projectedGravityB', view), [1, 0, 0]);
    // Roll +90° about x: the left side points up, the right side (−y) down.
    writeFromRollPitchYaw(view.state.orientation, 4, Math.PI / 2, 0, 0);
    expectNear(look('projectedGravityB', view), [0, -1, 0]);
  });

  it('write the rotation matrix row by row', () => {
    expectNear(look('rotationMatrixW', yawLeft(makeView())), [0, -1, 0, 1, 0, 0, 0, 0, 1]);
  });

  it('take the short way round in yaw', () => {
    const view = makeView();
    view.reference.yaw[1] = -3;
    writeFromRollPitchYaw(view.state.orientation, 4, 0, 0, 3);
    // −3 − 3 = −6, one turn more: 2π − 6 = 0.2832.
    expectNear(look('yawError', view), [2 * Math.PI - 6]);
  });

  it('go round with the time since the first observation', () => {
    const out = new Float32Array(2);
    const clock = findObservationTermKind('gaitClock')!.make(crazyflie, [], {
      ...{ sensor: undefined, width: 2, periodS: 0.4 },
    });
    // 0.1 s of 0.4 s: a quarter of a lap.
    clock(out, 0, makeView(), 1);
    expectNear([...out], [1, 0]);
  });

  it('hand through angular velocity and actions', () => {
    const view = makeView();
    view.state.angularVelocityB.set([1, -2, 3], 3);
    expectNear(look('angularVelocityB', view), [1, -2, 3]);
    expectNear(look('lastAction', view), [0.1, 0.2, 0.3, 0.4]);
    expectNear(look('laggedAction', view), [-0.1, -0.2, -0.3, -0.4]);
  });

  it('tell robot and goal each by itself, in odom', () => {
    const view = makeView();
    view.state.position.set([1, -2, 3], 3);
    view.reference.position.set([0.5, 4, 9], 3);
    // Nose 120° to the left, and down: cos 120° = −1/2, sin 120° = √3/2.
    writeFromRollPitchYaw(view.state.orientation, 4, 0, 0.3, (2 * Math.PI) / 3);
    expectNear(look('placeW', view), [1, -2]);
    expectNear(look('headingW', view), [-0.5, Math.sqrt(3) / 2]);
    expectNear(look('goalPlaceW', view), [0.5, 4]);
  });

  it('find joints by name, in the order that is asked for', () => {
    const view = makeView(2);
    const row = (cart: number, pole: number) =>
      cartpole.jointNames.map((name) => (name === 'cart_joint' ? cart : pole));
    view.state.jointPosition.set(row(0.5, 0.1), 2);
    view.state.jointVelocity.set(row(-1, 2), 2);
    view.reference.position[3] = 0.75;
    expectNear(look('jointPosition', view, ['pole_joint', 'cart_joint']), [0.1, 0.5]);
    expectNear(look('jointVelocity', view, ['pole_joint']), [2]);
    // 0.75 − 0.5
    expectNear(look('jointPositionError', view, ['cart_joint']), [0.25]);
  });

  it('are all described, and unknown names are not found', () => {
    for (const name of OBSERVATION_TERM_NAMES) {
      expect(OBSERVATION_TERMS[name].description).not.toBe('');
    }
    expect(findObservationTermKind('toString')).toBeUndefined();
  });
});
