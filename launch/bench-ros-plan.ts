import { TOPICS } from '../nodes/topics.ts';
import type { RobotModel } from '../sim/robot/model.ts';

/** What a process of `zerogap bench ros` is told. */
export interface ChildTask {
  readonly role: 'policy' | 'echo' | 'publish' | 'publishNaively';
  /** Name of an ONNX file, and of the robot that it is for. */
  readonly policy: string;
  readonly robot: string;
  /** [s] */
  readonly periodS: number;
  /** Of the publishers. */
  readonly rateHz: number;
}

export const POLICY_ROBOT = 'bench';
/** Where both publishers of joint states publish. */
export const STATE_TOPIC = '/bench_state';

const { odom, jointStates, clock, policyCommand } = TOPICS;

/** The topics of one contender, sensors first; the last message is the one that is answered. */
function listTopics(namespace: string, clockTopic: string) {
  const input = ({ type, qos, name }: typeof odom | typeof jointStates) => ({
    ...{ type, qos, topic: `${namespace}/${name}`, isLast: false },
  });
  return {
    inputs: [
      input(odom),
      input(jointStates),
      { type: clock.type, qos: clock.qos, topic: clockTopic, isLast: true },
    ],
    answer: {
      ...{ type: policyCommand.type, qos: policyCommand.qos },
      topic: `${namespace}/${policyCommand.name}`,
    },
  };
}
export const ECHO = listTopics('/bench_echo', '/bench_echo/clock');
export const POLICY = listTopics(`/${POLICY_ROBOT}`, clock.name);

/** [1] joints of a humanoid, by which the cost of a state is told */
const NUM_JOINTS = 29;

/** As much of a robot as a message of its joints needs. */
export function makeWideRobot(): Pick<RobotModel, 'jointNames'> {
  const jointNames = Array.from({ length: NUM_JOINTS }, (_, k) => `left_hip_pitch_joint_${k}`);
  return { jointNames };
}
