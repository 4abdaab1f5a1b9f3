import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeOdometryMessage } from '../../../nodes/convert/base.ts';
import { getTypeClosure, ROOT_TYPES } from '../../../nodes/ros/definitions.ts';
import { assertFits, copyChecked, findProblem, MessageError } from '../../../nodes/ros/validate.ts';
import { UserError } from '../../../sim/errors.ts';
import { anyMessage } from '../../kit/message-arbitrary.ts';

const TYPES = [...new Set(ROOT_TYPES.flatMap((type) => getTypeClosure(type)))];

function makeHeader() {
  return { stamp: { sec: 1, nanosec: 2 }, frame_id: 'odom' };
}

function makeTransform() {
  return {
    header: makeHeader(),
    child_frame_id: 'base_link',
    transform: { translation: { x: 0, y: 0, z: 0 }, rotation: { x: 0, y: 0, z: 0, w: 1 } },
  };
}

/** What both who copies it and who only looks at it say. */
function catchError(type: string, message: unknown): MessageError {
  const [ofCopy, ofLook] = [copyChecked, assertFits].map((check) => {
    try {
      check(type, message, '/topic');
    } catch (error) {
      if (error instanceof MessageError) return error;
      throw error;
    }
    throw new Error('the message was accepted');
  });
  expect(ofLook!.message).toBe(ofCopy!.message);
  return ofCopy!;
}

describe('a message that fits', () => {
  it('is copied, so that a later change of the original changes nothing', () => {
    const message = makeOdometryMessage('odom', 'base_link');
    const copy = copyChecked('nav_msgs/msg/Odometry', message, '/odom');
    expect(copy).toEqual(message);
    message.pose.pose.position.x = 1;
    message.pose.covariance[35] = 1;
    message.header.stamp.sec = 1;
    expect(copy).toEqual(makeOdometryMessage('odom', 'base_link'));
  });

  it('has its number lists copied into typed arrays', () => {
    const message = { header: makeHeader(), name: ['a'], position: [1], velocity: [], effort: [2] };
    const copy = copyChecked('sensor_msgs/msg/JointState', message, '/joint_states');
    expect(copy).toEqual({
      header: makeHeader(),
      name: ['a'],
      position: Float64Array.of(1),
      velocity: Float64Array.of(),
      effort: Float64Array.of(2),
    });
  });

  it('is accepted whatever values its types allow', () => {
    for (const type of TYPES) {
      fc.assert(
        fc.property(anyMessage(type), (message) => {
          expect(findProblem(type, message)).toBeUndefined();
          assertFits(type, message, '/topic');
          copyChecked(type, message, '/topic');
        }),
        { numRuns: 10 },
      );
    }
  });
});

describe('a message that does not fit', () => {
  const parameterValue = {
    type: 2,
    bool_value: false,
    integer_value: 1n,
    double_value: 0,
    string_value: '',
    byte_array_value: [],
    bool_array_value: [],
    integer_array_value: [],
    double_array_value: [],
    string_array_value: [],
  };
  const badTransform = { ...makeTransform(), transform: { translation: { x: 0, y: 0, z: 0 } } };
  const [imu, zeros] = [makeTransform().transform.rotation, { x: 0, y: 0, z: 0 }];
  const makeImu = (covariance: unknown) => ({
    header: makeHeader(),
    orientation: imu,
    orientation_covariance: covariance,
    angular_velocity: zeros,
    angular_velocity_covariance: new Float64Array(9),
    linear_acceleration: zeros,
    linear_acceleration_covariance: new Float64Array(9),
  });

  it.each([
    [
      'is missing a field',
      'tf2_msgs/msg/TFMessage',
      { transforms: [makeTransform(), badTransform] },
      'transforms[1].transform.rotation',
      'missing field',
    ],
    ['has a misspelt field', 'std_msgs/msg/String', { data: '', dta: '' }, 'dta', 'unknown field'],
    [
      'has undefined for a field',
      'std_msgs/msg/String',
      { data: undefined },
      'data',
      'missing field',
    ],
    [
      'has text for a number',
      'geometry_msgs/msg/Vector3',
      { x: 0, y: '1', z: 0 },
      'y',
      'wrong type',
    ],
    ['has a number for text', 'std_msgs/msg/String', { data: 1 }, 'data', 'wrong type'],
    ['has a number for a bool', 'std_msgs/msg/Bool', { data: 1 }, 'data', 'wrong type'],
    [
      'has a fraction for an integer',
      'builtin_interfaces/msg/Time',
      { sec: 0.5, nanosec: 0 },
      'sec',
      'wrong type',
    ],
    [
      'has a negative unsigned integer',
      'builtin_interfaces/msg/Time',
      { sec: 0, nanosec: -1 },
      'nanosec',
      'out of range',
    ],
    [
      'has 2^31 in an int32',
      'builtin_interfaces/msg/Time',
      { sec: 2 ** 31, nanosec: 0 },
      'sec',
      'out of range',
    ],
    ['has a number for an int64', 'std_msgs/msg/Int64', { data: 1 }, 'data', 'wrong type'],
    ['has 2^63 in an int64', 'std_msgs/msg/Int64', { data: 2n ** 63n }, 'data', 'out of range'],
    [
      'has a number in a list of int64',
      'rcl_interfaces/msg/ParameterValue',
      { ...parameterValue, integer_array_value: [1n, 2] },
      'integer_array_value[1]',
      'wrong type',
    ],
    [
      'has too few values in a fixed list',
      'sensor_msgs/msg/Imu',
      makeImu(new Float64Array(8)),
      'orientation_covariance',
      'wrong length',
    ],
    [
      'has too many plain values in a fixed list',
      'sensor_msgs/msg/Imu',
      makeImu(new Array(10).fill(0)),
      'orientation_covariance',
      'wrong length',
    ],
    [
      'has a typed array of another type',
      'sensor_msgs/msg/Imu',
      makeImu(new Float32Array(9)),
      'orientation_covariance',
      'wrong type',
    ],
    [
      'has an object for a list',
      'std_msgs/msg/Float64MultiArray',
      { layout: { dim: {}, data_offset: 0 }, data: [] },
      'layout.dim',
      'wrong type',
    ],
    [
      'has null for a message',
      'std_msgs/msg/Header',
      { stamp: null, frame_id: '' },
      'stamp',
      'wrong type',
    ],
    ['is no object', 'std_msgs/msg/String', 'hello', '', 'wrong type'],
  ])('%s: the error names the path', (_case, type, message, path, what) => {
    const error = catchError(type, message);
    expect(error).toBeInstanceOf(UserError);
    expect({ path: error.path, problem: error.parts.problem }).toEqual({ path, problem: what });
    expect(error.topic).toBe('/topic');
    expect(error.type).toBe(type);
  });

  it('says topic, type, path, what was expected and got, and what to do', () => {
    const rotation = { x: 0, y: 0, z: 0, w: '1' };
    const transform = { ...makeTransform(), transform: { translation: zeros, rotation } };
    const error = catchError('tf2_msgs/msg/TFMessage', {
      transforms: [makeTransform(), makeTransform(), transform],
    });
    expect(error.message).toBe(
      "/topic (tf2_msgs/msg/TFMessage), transforms[2].transform.rotation.w: wrong type (expected float64, got the string '1'). Give a number.",
    );
  });

  it('is refused by the fast check exactly when the plain walk finds a problem', () => {
    const junk = fc.constantFrom<unknown>(
      undefined,
      null,
      0.5,
      -1,
      2 ** 40,
      1n,
      'x',
      true,
      [],
      {},
      [0],
      new Float64Array(1),
    );
    const cases = fc
      .constantFrom(...TYPES)
      .chain((type) =>
        fc.tuple(fc.constant(type), anyMessage(type), junk, fc.infiniteStream(fc.nat({ max: 50 }))),
      );
    fc.assert(
      fc.property(cases, ([type, message, value, choices]) => {
        spoil(message, value, () => choices.next().value as number);
        const problem = findProblem(type, message);
        let refused = false;
        try {
          copyChecked(type, message, '/topic');
        } catch (error) {
          refused = error instanceof MessageError;
        }
        expect(refused).toBe(problem !== undefined);
      }),
      { numRuns: 500 },
    );
  });
});

/** Puts `value` at a random place inside the message. */
function spoil(container: Record<string, unknown>, value: unknown, choose: () => number): void {
  const keys = Object.keys(container);
  const key = keys[choose() % Math.max(1, keys.length)] ?? 'unknown';
  const inner = container[key];
  if (typeof inner === 'object' && inner !== null && choose() % 4 !== 0) {
    spoil(inner as Record<string, unknown>, value, choose);
  } else {
    container[key] = value;
  }
}
