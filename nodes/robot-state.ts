import type { RobotModel } from '../sim/robot/model.ts';
import { makeStateBatch, type StateBatch } from '../sim/robot/state.ts';
import { readJointState, readOdometry, toNs } from './convert.ts';
import type { RosNode } from './ros/port.ts';
import { getFrameId, getRobotTopic, TOPICS } from './topics.ts';

export interface FollowedState {
  /** One row per robot, as measured last. */
  readonly state: StateBatch;
  /** [numRobots] s [@invalid NaN before the first message] stamp of the newest message */
  readonly stampS: Float64Array;
}

/**
 * Keeps the measured state of each robot as its topics tell it: the base from `odom`, or from its mount
 * where it cannot move; joints with an encoder from `joint_states`. Joints that nobody measures stay
 * 0, as they do in training.
 */
export function followRobotState(
  node: RosNode,
  model: RobotModel,
  robots: readonly string[],
  onUpdate?: (robot: number) => void,
): FollowedState {
  const state = makeStateBatch(robots.length, model.jointNames.length);
  const stampS = new Float64Array(robots.length).fill(Number.NaN);
  const isMeasured = listMeasuredJoints(model);
  const hasEncoders = isMeasured.includes(true);
  robots.forEach((robot, index) => {
    const update = (stampNs: bigint) => {
      stampS[index] = Number(stampNs) / 1e9;
      onUpdate?.(index);
    };
    const frames = { odom: getFrameId(robot, 'odom'), base: getFrameId(robot, 'base_link') };
    if (model.base === 'floating') {
      const { type, qos } = TOPICS.odom;
      node.createSubscription(type, getRobotTopic(robot, TOPICS.odom), qos, (message) => {
        readOdometry(state, index, message, frames);
        update(toNs(message.header.stamp));
      });
    } else {
      placeOnMount(state, index, model);
    }
    if (!hasEncoders) return;
    const { type, qos } = TOPICS.jointStates;
    node.createSubscription(type, getRobotTopic(robot, TOPICS.jointStates), qos, (message) => {
      readJointState(state, index, message, model);
      clearUnmeasured(state, index, isMeasured);
      if (model.base === 'fixed') update(toNs(message.header.stamp));
    });
  });
  return { state, stampS };
}

/** [numJoints] whether an encoder measures the joint */
export function listMeasuredJoints(model: RobotModel): readonly boolean[] {
  const encoded = new Set(
    model.sensors.flatMap((sensor) => (sensor.kind === 'encoder' ? sensor.joints : [])),
  );
  return model.jointNames.map((name) => encoded.has(name));
}

function placeOnMount(state: StateBatch, row: number, model: RobotModel): void {
  state.position.set(model.home.position, 3 * row);
  state.orientation.set(model.home.orientation, 4 * row);
}

function clearUnmeasured(state: StateBatch, row: number, isMeasured: readonly boolean[]): void {
  isMeasured.forEach((measured, joint) => {
    const k = row * state.numJoints + joint;
    state.jointEffort[k] = 0;
    if (measured) return;
    state.jointPosition[k] = 0;
    state.jointVelocity[k] = 0;
  });
}
