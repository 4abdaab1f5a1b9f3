import type { RobotModel } from '../sim/robot/model.ts';
import { makeStateBatch, type StateBatch } from '../sim/robot/state.ts';
import { readOdometry } from './convert/base.ts';
import { readJointState } from './convert/joints.ts';
import { toNs } from './convert/stamp.ts';
import type { Time } from './ros/messages.ts';
import type { RosNode } from './ros/port.ts';
import { getFrameId, getRobotTopic, TOPICS } from './topics.ts';

export interface FollowedState {
  /** One row per robot, as measured last. */
  readonly state: StateBatch;
  /**
   * [numRobots] s [@invalid NaN until every source has been heard] when the row was measured: the stamp
   * of its oldest source, for a state is no fresher than its stalest part. Write NaN to wait for all
   * sources anew.
   */
  readonly stampS: Float64Array;
}

/**
 * Keeps the measured state of each robot as its topics tell it: the base from `odom`, or from its mount
 * where it cannot move; joints with an encoder from `joint_states`. Joints that nobody measures stay
 * 0, as they do in training.
 * @param onUpdate told of every message once all sources have been heard
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
    const addSource = makeSourceStamps(stampS, index);
    if (model.base === 'floating') {
      const frames = { odom: getFrameId(robot, 'odom'), base: getFrameId(robot, 'base_link') };
      const take = addSource();
      const { type, qos } = TOPICS.odom;
      node.createSubscription(type, getRobotTopic(robot, TOPICS.odom), qos, (message) => {
        readOdometry(state, index, message, frames);
        if (take(message.header.stamp)) onUpdate?.(index);
      });
    } else {
      placeOnMount(state, index, model);
    }
    if (!hasEncoders) return;
    const take = addSource();
    const { type, qos } = TOPICS.jointStates;
    node.createSubscription(type, getRobotTopic(robot, TOPICS.jointStates), qos, (message) => {
      readJointState(state, index, message, model);
      clearUnmeasured(state, index, isMeasured);
      if (take(message.header.stamp)) onUpdate?.(index);
    });
  });
  return { state, stampS };
}

/**
 * Keeps `stampS[robot]` at the oldest stamp of the sources that are added. What each of them gets back
 * takes the stamp of its message and says whether all have been heard.
 */
function makeSourceStamps(stampS: Float64Array, robot: number): () => (stamp: Time) => boolean {
  /** [numSources] s [@invalid NaN] */
  const heardS: number[] = [];
  let writtenS = Number.NaN;
  return () => {
    const source = heardS.push(Number.NaN) - 1;
    return (stamp) => {
      const isForgotten = Number.isNaN(stampS[robot]!) && !Number.isNaN(writtenS);
      if (isForgotten) heardS.fill(Number.NaN);
      heardS[source] = Number(toNs(stamp)) / 1e9;
      // NaN where one of them is.
      writtenS = Math.min(...heardS);
      stampS[robot] = writtenS;
      return !Number.isNaN(writtenS);
    };
  };
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
