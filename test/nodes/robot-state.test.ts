import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeOdometryMessage } from '../../nodes/convert/base.ts';
import { makeJointStateMessage } from '../../nodes/convert/joints.ts';
import { toTime } from '../../nodes/convert/stamp.ts';
import { type FollowedState, followRobotState } from '../../nodes/robot-state.ts';
import { makeEmbeddedContext } from '../../nodes/ros/embedded.ts';
import type { RosContext, RosNode } from '../../nodes/ros/port.ts';
import { TOPICS } from '../../nodes/topics.ts';
import { loadRobot } from '../../sim/robot/load.ts';
import type { RobotModel } from '../../sim/robot/model.ts';

const crazyflie = loadRobot('crazyflie');
/** A flying robot whose first joint has an encoder: its state comes from two topics. */
const encoded: RobotModel = {
  ...crazyflie,
  sensors: [
    ...crazyflie.sensors,
    {
      kind: 'encoder',
      name: 'encoder',
      joints: [crazyflie.jointNames[0]!],
      rateHz: 500,
      latencyS: 0,
      position: { noise: 0, bias: 0 },
      velocity: { noise: 0, bias: 0 },
    },
  ],
};

let context: RosContext;
let world: RosNode;
let logs: string[];

beforeEach(() => {
  logs = [];
  context = makeEmbeddedContext({ log: (_level, _node, message) => logs.push(message) });
  world = context.createNode('world');
});

afterEach(() => context.shutdown());

/** Follows one robot `r` and tells its two topics apart. */
function follow(model: RobotModel) {
  const updates: number[] = [];
  const followed: FollowedState = followRobotState(
    context.createNode('follower'),
    model,
    ['r'],
    () => updates.push(followed.stampS[0]!),
  );
  const { odom, jointStates } = TOPICS;
  const odometry = makeOdometryMessage('r/odom', 'r/base_link');
  const joints = makeJointStateMessage(model);
  const toOdom = world.createPublisher(odom.type, '/r/odom', odom.qos);
  const toJoints = world.createPublisher(jointStates.type, '/r/joint_states', jointStates.qos);
  const toStamp = (timeS: number) => toTime(BigInt(Math.round(timeS * 1e9)));
  return {
    ...{ followed, updates },
    async sayOdometry(timeS: number, x = 0): Promise<void> {
      odometry.header.stamp = toStamp(timeS);
      odometry.pose.pose.position.x = x;
      toOdom.publish(odometry);
      await context.settled();
    },
    async sayJoints(timeS: number, change: object = {}): Promise<void> {
      toJoints.publish({ ...joints, ...change, header: { stamp: toStamp(timeS), frame_id: '' } });
      await context.settled();
    },
  };
}

describe('the stamp of a followed robot', () => {
  it('is that of its oldest source: fresh odometry does not hide joints that have fallen silent', async () => {
    const { followed, sayOdometry, sayJoints } = follow(encoded);
    await sayJoints(1);
    for (const timeS of [1, 2, 3]) await sayOdometry(timeS);
    expect(followed.stampS[0]).toBe(1);
    await sayJoints(2.5);
    expect(followed.stampS[0]).toBe(2.5);
  });

  it('is unknown, and nobody is told, until every source has been heard', async () => {
    const { followed, updates, sayOdometry, sayJoints } = follow(encoded);
    await sayOdometry(1);
    expect(followed.stampS[0]).toBeNaN();
    expect(updates).toEqual([]);
    await sayJoints(1.5);
    await sayOdometry(2);
    expect(updates).toEqual([1, 1.5]);
  });

  it('waits for all sources anew after somebody wrote NaN', async () => {
    const { followed, updates, sayOdometry, sayJoints } = follow(encoded);
    await sayOdometry(1);
    await sayJoints(1);
    followed.stampS[0] = Number.NaN;
    await sayJoints(2);
    // The position is still that of before.
    expect(followed.stampS[0]).toBeNaN();
    await sayOdometry(2, 5);
    expect(followed.stampS[0]).toBe(2);
    expect(followed.state.position[0]).toBe(5);
    expect(updates).toEqual([1, 2]);
  });

  it('stays where it was when a message is refused', async () => {
    const { followed, sayOdometry, sayJoints } = follow(encoded);
    await sayJoints(1);
    await sayOdometry(1);
    await sayJoints(2, { name: ['other'] });
    await sayOdometry(2);
    expect(followed.stampS[0]).toBe(1);
    expect(logs).toHaveLength(1);
  });

  it('is the odometry’s alone where no joint is measured', async () => {
    const { followed, updates, sayOdometry } = follow(crazyflie);
    await sayOdometry(1);
    expect(followed.stampS[0]).toBe(1);
    expect(updates).toEqual([1]);
  });
});
