import { describe, expect, it } from 'vitest';
import {
  makeImuMessage,
  makeOdometryMessage,
  makePoseMessage,
  makeTransformMessage,
  readImu,
  readOdometry,
  readPose,
  writeImu,
  writeOdometry,
  writePose,
  writeTransform,
} from '../../nodes/convert/base.ts';
import {
  makeJointCommandMessage,
  makeJointStateMessage,
  readJointCommand,
  readJointState,
  writeJointCommand,
  writeJointState,
} from '../../nodes/convert/joints.ts';
import {
  makeReferenceMessage,
  readReference,
  writeReference,
} from '../../nodes/convert/reference.ts';
import { toNs, toTime } from '../../nodes/convert/stamp.ts';
import { copyChecked } from '../../nodes/ros/validate.ts';
import { UserError } from '../../sim/errors.ts';
import { writeFromRollPitchYaw } from '../../sim/math/quat.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { makeStateBatch } from '../../sim/robot/state.ts';
import { makeReferenceBatch } from '../../sim/task/robot-view.ts';

/** Three movable joints of which two can be commanded; converters look at nothing else. */
const model = {
  jointNames: ['hip', 'knee', 'tail'],
  actuatedJointNames: ['hip', 'knee'],
  commandKind: 'velocity',
} as unknown as RobotModel;

/** [-] rounding of a rotation there and back: a few dozen operations at 2⁻⁵³ */
const ROTATION_ROUNDING = 12;

describe('stamps', () => {
  it('keep every nanosecond', () => {
    const stampNs = 1_795_209_845_742_363_536n;
    expect(toTime(stampNs)).toEqual({ sec: 1_795_209_845, nanosec: 742_363_536 });
    expect(toNs(toTime(stampNs))).toBe(stampNs);
    expect(toNs(toTime(0n))).toBe(0n);
  });
});

describe('joint states', () => {
  function makeState() {
    const state = makeStateBatch(2, 3);
    state.jointPosition.set([1, 2, 3], 3);
    state.jointVelocity.set([4, 5, 6], 3);
    state.jointEffort.set([7, 8, 9], 3);
    return state;
  }

  it('carry one row by name and come back the same', () => {
    const message = makeJointStateMessage(model);
    writeJointState(message, 1_500_000_000n, makeState(), 1);
    expect(copyChecked('sensor_msgs/msg/JointState', message, '/t')).toEqual({
      header: { stamp: { sec: 1, nanosec: 500_000_000 }, frame_id: '' },
      name: ['hip', 'knee', 'tail'],
      position: Float64Array.of(1, 2, 3),
      velocity: Float64Array.of(4, 5, 6),
      effort: Float64Array.of(7, 8, 9),
    });
    const out = makeStateBatch(2, 3);
    readJointState(out, 1, message, model);
    expect(out).toEqual(makeState());
  });

  it('are put into joint order whatever the order of the message', () => {
    const message = {
      ...makeJointStateMessage(model),
      name: ['tail', 'hip', 'knee'],
      position: [3, 1, 2],
      velocity: [6, 4, 5],
      effort: [9, 7, 8],
    };
    const out = makeStateBatch(2, 3);
    readJointState(out, 1, message, model);
    expect(out).toEqual(makeState());
  });

  it('that leave out velocities and efforts give NaN, not zero', () => {
    const out = makeStateBatch(1, 3);
    readJointState(out, 0, { ...makeJointStateMessage(model), velocity: [], effort: [] }, model);
    expect([...out.jointVelocity, ...out.jointEffort].every(Number.isNaN)).toBe(true);
  });

  it.each([
    [
      'a joint is missing',
      { name: ['hip', 'knee'], position: [0, 0], velocity: [], effort: [] },
      /missing tail/,
    ],
    [
      'a joint is unknown',
      { name: ['hip', 'knee', 'tail', 'fin'], position: [0, 0, 0, 0] },
      /unknown fin/,
    ],
    ['a joint is misspelt', { name: ['hip', 'nee', 'tail'] }, /missing knee; unknown nee/],
    [
      'a joint comes twice',
      { name: ['hip', 'knee', 'tail', 'hip'], position: [0, 0, 0, 0] },
      /twice hip/,
    ],
    ['positions are missing', { position: [] }, /expected 3 values in 'position', got 0/],
    [
      'there are too few velocities',
      { velocity: [1, 2] },
      /expected 3 values in 'velocity', got 2/,
    ],
  ])('are refused when %s', (_case, change, problem) => {
    const message = { ...makeJointStateMessage(model), ...change };
    const read = () => readJointState(makeStateBatch(1, 3), 0, message, model);
    expect(read).toThrow(UserError);
    expect(read).toThrow(problem);
  });
});

describe('joint commands', () => {
  it('fill the list of the robot’s command kind alone and come back the same', () => {
    const message = makeJointCommandMessage(model);
    writeJointCommand(message, 7n, 'velocity', [10, 20]);
    expect(message).toEqual({
      header: { stamp: { sec: 0, nanosec: 7 }, frame_id: '' },
      name: ['hip', 'knee'],
      position: new Float64Array(0),
      velocity: Float64Array.of(10, 20),
      effort: new Float64Array(0),
    });
    const out = new Float64Array(2);
    readJointCommand(out, { ...message, name: ['knee', 'hip'] }, model);
    expect([...out]).toEqual([20, 10]);
  });

  it('of another kind are refused', () => {
    const effort = { ...makeJointCommandMessage(model), velocity: [], effort: [1, 2] };
    expect(() => readJointCommand(new Float64Array(2), effort, model)).toThrow(
      /expected 2 values in 'velocity', got 0/,
    );
  });
});

describe('odometry', () => {
  function makeMovingState() {
    const state = makeStateBatch(2, 0);
    state.position.set([1, 2, 3], 3);
    writeFromRollPitchYaw(state.orientation, 4, 0, 0, Math.PI / 2);
    state.linearVelocityW.set([0, 2, 1], 3);
    state.angularVelocityB.set([0.1, 0.2, 0.3], 3);
    return state;
  }

  it('states the velocity in base_link: facing +y, moving +y is moving forward', () => {
    const message = makeOdometryMessage('cf0/odom', 'cf0/base_link');
    writeOdometry(message, 1n, makeMovingState(), 1);
    expect(message.header.frame_id).toBe('cf0/odom');
    expect(message.child_frame_id).toBe('cf0/base_link');
    expect(message.pose.pose.position).toEqual({ x: 1, y: 2, z: 3 });
    const { linear, angular } = message.twist.twist;
    expect(linear.x).toBeCloseTo(2, ROTATION_ROUNDING);
    expect(linear.y).toBeCloseTo(0, ROTATION_ROUNDING);
    expect(linear.z).toBeCloseTo(1, ROTATION_ROUNDING);
    expect(angular).toEqual({ x: 0.1, y: 0.2, z: 0.3 });
  });

  it('comes back the same, in the frame odom', () => {
    const message = makeOdometryMessage('odom', 'base_link');
    writeOdometry(message, 1n, makeMovingState(), 1);
    const out = makeStateBatch(2, 0);
    readOdometry(out, 1, message, { odom: 'odom', base: 'base_link' });
    const expected = makeMovingState();
    expect(out.position).toEqual(expected.position);
    expect(out.orientation).toEqual(expected.orientation);
    expect(out.angularVelocityB).toEqual(expected.angularVelocityB);
    out.linearVelocityW.forEach((v, i) => {
      expect(v).toBeCloseTo(expected.linearVelocityW[i] ?? Number.NaN, ROTATION_ROUNDING);
    });
  });

  it('says what nobody measures by its variance and not by NaN, and is read back as NaN', () => {
    const message = makeOdometryMessage('odom', 'base_link', {
      ...{ position: false, linearVelocity: false },
      ...{ orientation: true, angularVelocity: true },
    });
    const state = makeMovingState();
    state.position.fill(Number.NaN);
    state.linearVelocityW.fill(Number.NaN);
    writeOdometry(message, 1n, state, 1);
    expect(message.pose.pose.position).toEqual({ x: 0, y: 0, z: 0 });
    expect(message.twist.twist.linear).toEqual({ x: 0, y: 0, z: 0 });
    // Along the diagonal of [6, 6]: three axes along, three about.
    const listVariances = (covariance: ArrayLike<number>) =>
      [0, 7, 14, 21, 28, 35].map((k) => covariance[k]);
    expect(listVariances(message.pose.covariance)).toEqual([1e6, 1e6, 1e6, 0, 0, 0]);
    expect(listVariances(message.twist.covariance)).toEqual([1e6, 1e6, 1e6, 0, 0, 0]);
    const out = makeStateBatch(2, 0);
    readOdometry(out, 1, message, { odom: 'odom', base: 'base_link' });
    expect([...out.position.subarray(3)]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect([...out.linearVelocityW.subarray(3)]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect(out.orientation.subarray(4)).toEqual(state.orientation.subarray(4));
    expect([...out.angularVelocityB.subarray(3)]).toEqual([0.1, 0.2, 0.3]);
  });

  it('of wheels that answer for x, y and yaw alone is a measurement', () => {
    const message = makeOdometryMessage('odom', 'base_link');
    // As drivers of wheels publish it: nothing is said of height, roll and pitch.
    for (const k of [14, 21, 28]) message.pose.covariance[k] = 1e6;
    const out = makeStateBatch(1, 0);
    readOdometry(out, 0, message, { odom: 'odom', base: 'base_link' });
    expect([...out.position, ...out.orientation]).toEqual([0, 0, 0, 0, 0, 0, 1]);
  });

  it('in other frames, or with a quaternion that is no rotation, is refused', () => {
    const read = (change: (message: ReturnType<typeof makeOdometryMessage>) => void) => () => {
      const message = makeOdometryMessage('odom', 'base_link');
      change(message);
      readOdometry(makeStateBatch(1, 0), 0, message, { odom: 'odom', base: 'base_link' });
    };
    expect(read(() => {})).not.toThrow();
    expect(
      read((m) => {
        m.header.frame_id = 'map';
      }),
    ).toThrow(/header.frame_id: .*expected 'odom', got 'map'/);
    expect(
      read((m) => {
        m.child_frame_id = 'camera';
      }),
    ).toThrow(/child_frame_id/);
    expect(
      read((m) => {
        m.pose.pose.orientation.w = 0;
      }),
    ).toThrow(/length 0/);
  });
});

describe('a message that is refused', () => {
  /** Every number of the object's arrays, to see whether any has changed. */
  const listNumbers = (batch: object) =>
    Object.values(batch).flatMap((value) =>
      ArrayBuffer.isView(value) ? [...(value as Float64Array)] : [],
    );

  it.each([
    ['velocity', [1]],
    ['effort', [1, 2]],
  ] as const)('for its %s list leaves the joints as they were', (kind, values) => {
    const out = makeStateBatch(1, 3);
    const message = { ...makeJointStateMessage(model), position: [7, 8, 9], [kind]: values };
    expect(() => readJointState(out, 0, message, model)).toThrow(UserError);
    expect(listNumbers(out)).toEqual(listNumbers(makeStateBatch(1, 3)));
  });

  it('for its quaternion leaves odometry, pose and reference as they were', () => {
    const state = makeStateBatch(1, 0);
    const odometry = makeOdometryMessage('odom', 'base_link');
    odometry.pose.pose.position.x = 7;
    odometry.pose.pose.orientation.w = 2;
    const frames = { odom: 'odom', base: 'base_link' };
    expect(() => readOdometry(state, 0, odometry, frames)).toThrow(/length 2/);
    expect(listNumbers(state)).toEqual(listNumbers(makeStateBatch(1, 0)));

    const [position, orientation] = [new Float64Array(3), new Float64Array(4)];
    const pose = makePoseMessage('odom');
    pose.pose.position.x = 7;
    pose.pose.orientation.w = 2;
    expect(() => readPose(position, orientation, 0, pose, 'odom')).toThrow(/length 2/);
    expect([...position, ...orientation]).toEqual([0, 0, 0, 0, 0, 0, 0]);

    const reference = makeReferenceBatch(1);
    const point = makeReferenceMessage('odom');
    point.points[0]!.transforms[0]!.translation.x = 7;
    point.points[0]!.transforms[0]!.rotation.w = 2;
    expect(() => readReference(reference, 0, point, 'odom')).toThrow(/length 2/);
    expect(listNumbers(reference)).toEqual(listNumbers(makeReferenceBatch(1)));
  });
});

describe('numbers that are not finite', () => {
  it('pass in what is measured, so that the safety filter sees them', () => {
    const state = makeStateBatch(1, 3);
    const odometry = makeOdometryMessage('odom', 'base_link');
    odometry.pose.pose.position.z = Number.NaN;
    odometry.pose.pose.orientation.w = Number.POSITIVE_INFINITY;
    odometry.twist.twist.angular.x = Number.NaN;
    readOdometry(state, 0, odometry, { odom: 'odom', base: 'base_link' });
    expect(state.position[2]).toBeNaN();
    expect(state.orientation[3]).toBe(Number.POSITIVE_INFINITY);
    expect(state.angularVelocityB[0]).toBeNaN();
    const joints = { ...makeJointStateMessage(model), position: [1, Number.NaN, 3] };
    readJointState(state, 0, joints, model);
    expect([...state.jointPosition]).toEqual([1, Number.NaN, 3]);
  });

  it.each([
    ['position', /translation: .*got y NaN/, 'translation'],
    ['yaw', /rotation: .*got y NaN/, 'rotation'],
    ['velocity', /linear: .*got y NaN/, 'linear'],
  ] as const)(
    'are refused in the %s of a reference, which stays as it was',
    (_name, problem, part) => {
      const out = makeReferenceBatch(1);
      const message = makeReferenceMessage('odom');
      const { transforms, velocities } = message.points[0]!;
      transforms[0]!.translation.x = 7;
      ({ ...transforms[0]!, ...velocities[0]! })[part].y = Number.NaN;
      const read = () => readReference(out, 0, message, 'odom');
      expect(read).toThrow(UserError);
      expect(read).toThrow(problem);
      expect(out).toEqual(makeReferenceBatch(1));
    },
  );
});

describe('poses, transforms and IMU samples', () => {
  const position = Float64Array.of(0, 0, 0, 1, 2, 3);
  const orientation = Float64Array.of(0, 0, 0, 1, 0.5, 0.5, 0.5, 0.5);

  it('a pose carries row 1 and comes back the same', () => {
    const message = makePoseMessage('odom');
    writePose(message, 5n, 1, position, orientation);
    expect(copyChecked('geometry_msgs/msg/PoseStamped', message, '/t')).toEqual({
      header: { stamp: { sec: 0, nanosec: 5 }, frame_id: 'odom' },
      pose: { position: { x: 1, y: 2, z: 3 }, orientation: { x: 0.5, y: 0.5, z: 0.5, w: 0.5 } },
    });
    const [p, q] = [new Float64Array(6), new Float64Array(8)];
    readPose(p, q, 1, message, 'odom');
    expect([...p.subarray(3), ...q.subarray(4)]).toEqual([1, 2, 3, 0.5, 0.5, 0.5, 0.5]);
    expect(() => readPose(p, q, 1, message, 'map')).toThrow(UserError);
  });

  it('a transform goes from child to parent', () => {
    const message = makeTransformMessage('odom', 'base_link');
    writeTransform(message, 0n, 1, position, orientation);
    expect(copyChecked('geometry_msgs/msg/TransformStamped', message, '/t')).toMatchObject({
      header: { frame_id: 'odom' },
      child_frame_id: 'base_link',
      transform: { translation: { x: 1, y: 2, z: 3 }, rotation: { x: 0.5, w: 0.5 } },
    });
  });

  it('an IMU sample says that it has no orientation, and comes back the same', () => {
    const message = makeImuMessage('base_link');
    writeImu(
      message,
      0n,
      1,
      Float64Array.of(0, 0, 0, 1, 2, 3),
      Float64Array.of(0, 0, 0, 0, 0, 9.81),
    );
    expect(copyChecked('sensor_msgs/msg/Imu', message, '/t').orientation_covariance[0]).toBe(-1);
    const [rate, force] = [new Float64Array(6), new Float64Array(6)];
    readImu(rate, force, 1, message, 'base_link');
    expect([...rate.subarray(3), ...force.subarray(3)]).toEqual([1, 2, 3, 0, 0, 9.81]);
  });
});

describe('references', () => {
  it('carry position, velocity and yaw of one row and come back the same', () => {
    const reference = makeReferenceBatch(2);
    reference.position.set([1, 2, 3], 3);
    reference.linearVelocityW.set([4, 5, 6], 3);
    reference.yaw[1] = -2;
    const message = makeReferenceMessage('odom');
    writeReference(message, 0n, reference, 1);
    copyChecked('trajectory_msgs/msg/MultiDOFJointTrajectory', message, '/t');
    const out = makeReferenceBatch(2);
    readReference(out, 1, message, 'odom');
    expect(out.position).toEqual(reference.position);
    expect(out.linearVelocityW).toEqual(reference.linearVelocityW);
    expect(out.yaw[1]).toBeCloseTo(-2, ROTATION_ROUNDING);
  });

  it('that are a whole trajectory are refused', () => {
    const message = makeReferenceMessage('odom');
    message.points = [];
    expect(() => readReference(makeReferenceBatch(1), 0, message, 'odom')).toThrow(/got 0 points/);
  });
});
