import { describe, expect, it } from 'vitest';
import { WheelMixer } from '../../../policies/classical/wheel-mixer.ts';
import { WHEEL_TRACKER_GAINS, WheelTracker } from '../../../policies/classical/wheel-tracker.ts';
import { writeFromRollPitchYaw } from '../../../sim/math/quat.ts';
import { writeTwist } from '../../../sim/robot/differential-drive.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { makeFullRangeAction } from '../../../sim/task/action.ts';
import { makeCourse } from '../../../sim/task/course.ts';
import { makeReferenceBatch, type RobotView } from '../../../sim/task/robot-view.ts';

const turtlebot = loadRobot('turtlebot');
const drive = turtlebot.drive!;
const action = makeFullRangeAction(turtlebot);
const PERIOD_S = 0.04;

describe('WheelMixer', () => {
  it('slows the whole robot down where a wheel would be too fast, so that its curve stays', () => {
    const mixer = new WheelMixer(turtlebot);
    const wheels = [0, 0];
    mixer.writeSpeeds(wheels, 0.46, 1);
    // 12.867 + 3.259 > 12.87: both wheels by 12.87 / 16.126.
    expect(wheels[1]).toBeCloseTo(12.87, 9);
    const twist = [0, 0];
    writeTwist(twist, drive, wheels[0]!, wheels[1]!);
    expect(twist[1]! / twist[0]!).toBeCloseTo(1 / 0.46, 9);
  });

  it('turns a wheel whose axis points to the right backwards to roll forwards', () => {
    const joints = turtlebot.joints.map((joint) =>
      drive.right.includes(joint.name)
        ? { ...joint, axis: joint.axis.map((x) => -x) as [number, number, number] }
        : joint,
    );
    const wheels = [0, 0];
    new WheelMixer({ ...turtlebot, joints }).writeSpeeds(wheels, 0.2, 0);
    const right = turtlebot.actuatedJointNames.indexOf(drive.right[0]!);
    // 0.2 m/s over the radius, on both sides.
    expect(wheels[1 - right]).toBeCloseTo(0.2 / drive.wheelRadius, 9);
    expect(wheels[right]).toBeCloseTo(-0.2 / drive.wheelRadius, 9);
  });

  it('refuses a drive whose sides are exchanged, which would turn the wrong way', () => {
    const exchanged = { ...drive, left: drive.right, right: drive.left };
    expect(() => new WheelMixer({ ...turtlebot, drive: exchanged })).toThrow(/Exchange left/);
  });

  it('refuses a robot that does not drive on wheels', () => {
    expect(() => new WheelMixer(loadRobot('go2'))).toThrow(/robot 'go2' has no drive/);
  });
});

/** A robot that does as its wheels say, without slip, lag or noise. */
function makeIdealDrive(start: { x: number; y: number; yaw: number }) {
  const pose = { ...start };
  const twist = [0, 0];
  const state = makeStateBatch(1, 2);
  const memory = {
    lastAction: new Float32Array(2),
    laggedAction: new Float32Array(2),
    timeS: new Float64Array(1),
    positionErrorIntegralW: new Float64Array(3),
  };
  const reference = makeReferenceBatch(1);
  const view: RobotView = { state, reference, memory, scans: new Map() };
  const write = () => {
    state.position[0] = pose.x;
    state.position[1] = pose.y;
    writeFromRollPitchYaw(state.orientation, 0, 0, 0, pose.yaw);
  };
  write();
  return {
    view,
    pose,
    move(raw: Float32Array, dt: number) {
      const [left, right] = [0, 1].map((k) => raw[k]! * action.scale[k]! + action.offset[k]!);
      writeTwist(twist, drive, left!, right!);
      const [speed, turnRate] = twist as [number, number];
      pose.yaw += (turnRate * dt) / 2;
      pose.x += speed * dt * Math.cos(pose.yaw);
      pose.y += speed * dt * Math.sin(pose.yaw);
      pose.yaw += (turnRate * dt) / 2;
      memory.lastAction.set(raw);
      write();
    },
  };
}

describe('WheelTracker', () => {
  const raw = new Float32Array(2);

  it('drives ahead when its reference is ahead, and turns left when it is on the left', () => {
    const tracker = new WheelTracker(turtlebot, action, PERIOD_S);
    const { view } = makeIdealDrive({ x: 0, y: 0, yaw: 0 });
    view.reference.position.set([0.1, 0, 0]);
    tracker.compute(raw, view, 0);
    expect(raw[0]).toBeGreaterThan(0);
    expect(raw[1]).toBeCloseTo(raw[0]!, 6);
    view.reference.position.set([0, 0.1, 0]);
    tracker.compute(raw, view, 0);
    expect(raw[1]).toBeGreaterThan(0);
    expect(raw[0]).toBeLessThan(0);
  });

  it('speeds its wheels up no faster than the robot allows', () => {
    const tracker = new WheelTracker(turtlebot, action, PERIOD_S);
    const { view } = makeIdealDrive({ x: 0, y: 0, yaw: 0 });
    view.reference.position.set([5, 0, 0]);
    tracker.compute(raw, view, 0);
    // From rest: 25.2 rad/s² · 0.04 s = 1.008 rad/s of 12.87.
    expect(raw[0]).toBeCloseTo(1.008 / 12.87, 6);
  });

  it('follows a figure-eight that it starts beside and turned away from', () => {
    const tracker = new WheelTracker(turtlebot, action, PERIOD_S);
    const robot = makeIdealDrive({ x: -0.1, y: 0.1, yaw: -0.8 });
    const course = makeCourse({
      kind: 'figure_eight',
      centre: [0, 0, 0],
      halfLength: 0.8,
      halfWidth: 0.8,
      speed: 0.25,
    });
    let worst = 0;
    for (let step = 0; step * PERIOD_S < 40; step++) {
      course.writeReference(robot.view.reference, 0, step * PERIOD_S);
      tracker.compute(raw, robot.view, 0);
      robot.move(raw, PERIOD_S);
      const [x, y] = robot.view.reference.position;
      if (step * PERIOD_S > 5) {
        worst = Math.max(worst, Math.hypot(robot.pose.x - x!, robot.pose.y - y!));
      }
    }
    // The tightest curve of this eight turns at ω < 0.8 rad/s: the point ahead of the reference moves by
    // ahead · ω = 0.093 m/s more than the tracker is told, and so lags by that / 2 1/s = 47 mm.
    const bound = (WHEEL_TRACKER_GAINS.ahead * 0.8) / WHEEL_TRACKER_GAINS.position;
    expect(worst).toBeLessThan(bound + 0.01);
    expect(worst).toBeGreaterThan(0.005);
  });

  it('comes to rest beside a reference that stands still', () => {
    const tracker = new WheelTracker(turtlebot, action, PERIOD_S);
    const robot = makeIdealDrive({ x: 0.3, y: 0, yaw: 2 });
    for (let step = 0; step < 500; step++) {
      tracker.compute(raw, robot.view, 0);
      robot.move(raw, PERIOD_S);
    }
    expect(Math.hypot(robot.pose.x, robot.pose.y)).toBeLessThan(WHEEL_TRACKER_GAINS.arrived);
    expect([...raw]).toEqual([0, 0]);
  });
});
