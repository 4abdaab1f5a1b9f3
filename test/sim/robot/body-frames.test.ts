import { describe, expect, it } from 'vitest';
import { writeIntegrated, writeInverseRotated } from '../../../sim/math/quat.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { BodyFrames } from '../../../sim/robot/body-frames.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import { computeRigidBodies } from '../../../sim/robot/rigid-bodies.ts';
import { makeStateBatch, type StateBatch } from '../../../sim/robot/state.ts';
import { makeTestRobot } from '../../kit/robots.ts';

/** Half the time between two states whose difference stands for a velocity. [s] */
const DT = 1e-5;
/** [m/s] or [rad/s] third order of the motion times DT², and rounding over DT */
const DIFFERENCE = 1e-6;

/** Some state in full motion. */
function makeMoving(model: RobotModel): StateBatch {
  const rng = new Rng(3, model.name);
  const state = makeStateBatch(1, model.jointNames.length);
  const draw = (values: Float64Array, size: number) => {
    for (let k = 0; k < values.length; k++) values[k] = rng.uniform(-size, size);
  };
  draw(state.position, 1);
  draw(state.linearVelocityW, 1);
  draw(state.angularVelocityB, 2);
  draw(state.jointPosition, 1);
  draw(state.jointVelocity, 2);
  writeIntegrated(state.orientation, 0, state.orientation, 0, [0.7, -0.4, 1.1], 0, 1);
  return state;
}

/** The same state a little later, at constant velocities and rates. */
function move(state: StateBatch, dt: number): StateBatch {
  const moved = makeStateBatch(1, state.numJoints);
  for (let k = 0; k < 3; k++) {
    moved.position[k] = state.position[k]! + state.linearVelocityW[k]! * dt;
  }
  for (let j = 0; j < state.numJoints; j++) {
    moved.jointPosition[j] = state.jointPosition[j]! + state.jointVelocity[j]! * dt;
  }
  writeIntegrated(moved.orientation, 0, state.orientation, 0, state.angularVelocityB, 0, dt);
  return moved;
}

function computeFrames(model: RobotModel, state: StateBatch): BodyFrames {
  const frames = new BodyFrames(computeRigidBodies(model));
  frames.compute(state, 0);
  return frames;
}

describe.each([
  ['a crane that slews and slides', makeTestRobot('crane')],
  ['a quadruped', loadRobot('go2')],
] as const)('the frames of %s', (_name, model) => {
  const state = makeMoving(model);
  const frames = computeFrames(model, state);
  const before = computeFrames(model, move(state, -DT));
  const after = computeFrames(model, move(state, DT));

  it('have velocities that are what their positions do', () => {
    for (const [i, velocity] of frames.linearVelocityW.entries()) {
      const difference = (after.position[i]! - before.position[i]!) / (2 * DT);
      expect(Math.abs(velocity - difference)).toBeLessThan(DIFFERENCE);
    }
  });

  it('have rates that are what their orientations do', () => {
    for (const body of frames.bodies.keys()) {
      const rateB = [0, 0, 0];
      writeInverseRotated(
        rateB,
        0,
        frames.orientation,
        4 * body,
        frames.angularVelocityW,
        3 * body,
      );
      const turned = new Float64Array(4);
      writeIntegrated(turned, 0, before.orientation, 4 * body, rateB, 0, 2 * DT);
      for (let k = 0; k < 4; k++) {
        expect(Math.abs(turned[k]! - after.orientation[4 * body + k]!)).toBeLessThan(
          DIFFERENCE * DT,
        );
      }
    }
  });

  it('have orientations that may be asked for alone', () => {
    const alone = new BodyFrames(computeRigidBodies(model));
    alone.computeOrientations(state, 0);
    expect([...alone.orientation]).toEqual([...frames.orientation]);
  });
});

describe('the frames of a crane', () => {
  it('are where its joints put them', () => {
    // Boom slewed by 90° to the left; the trolley's joint sits 0.5 + 0.25 m out, and its axis, −y of a frame turned
    // by 90°, points outwards: at 0.2 m it is 0.95 m along y.
    const model = makeTestRobot('crane');
    const state = makeStateBatch(1, 2);
    state.jointPosition[model.jointNames.indexOf('slew')] = Math.PI / 2;
    state.jointPosition[model.jointNames.indexOf('slide')] = 0.2;
    const frames = computeFrames(model, state);
    const [x, y, z] = frames.position.subarray(3 * frames.findBody('trolley'));
    expect(x).toBeCloseTo(0, 12);
    expect(y).toBeCloseTo(0.95, 12);
    expect(z).toBeCloseTo(0, 12);
    expect(frames.findBody('tip')).toBe(frames.findBody('boom'));
    expect(frames.findBody('hook')).toBe(-1);
  });
});
