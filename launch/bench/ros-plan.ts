import { listMeasuredJoints } from '../../nodes/robot-state.ts';
import { TOPICS } from '../../nodes/topics.ts';
import type { PolicyManifest } from '../../policies/manifest.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { readsPlace } from '../../sim/task/reads-place.ts';

/** What a process of `zerogap bench ros` is told. */
export interface ChildTask {
  readonly role: 'policy' | 'echo' | 'echoObjects' | 'publish' | 'publishNaively';
  /** Name of an ONNX file, and of the robot that it is for. */
  readonly policy: string;
  readonly robot: string;
  /** [s] */
  readonly periodS: number;
  readonly inputs: PolicyInputs;
  /** Of the publishers. */
  readonly rateHz: number;
}

/** What a policy must be told, by its robot and its observations. */
export interface PolicyInputs {
  /** Where the base is, if it can move. */
  readonly odom: boolean;
  /** If joints have encoders. */
  readonly joints: boolean;
  /** Where to be; told ahead of the question. */
  readonly place: boolean;
}

export function findInputs(model: RobotModel, manifest: PolicyManifest): PolicyInputs {
  return {
    odom: model.base === 'floating',
    joints: listMeasuredJoints(model).includes(true),
    place: readsPlace(manifest.observations, model, manifest.name),
  };
}

export const POLICY_ROBOT = 'bench';
/** Where both publishers of joint states publish. */
export const STATE_TOPIC = '/bench_state';

/** One contender: where it hears, where it answers. */
export interface Contender {
  readonly namespace: string;
  /** Of the time, which is the last part of a question. */
  readonly clockTopic: string;
}
export const ECHO: Contender = { namespace: '/bench_echo', clockTopic: '/bench_echo/clock' };
export const ECHO_OBJECTS: Contender = {
  namespace: '/bench_echo_objects',
  clockTopic: '/bench_echo_objects/clock',
};
/** In C++, see rclcpp-echo. */
export const ECHO_RCLCPP: Contender = {
  namespace: '/bench_echo_rclcpp',
  clockTopic: '/bench_echo_rclcpp/clock',
};
export const POLICY: Contender = {
  namespace: `/${POLICY_ROBOT}`,
  clockTopic: TOPICS.clock.name,
};

type Topic = Pick<(typeof TOPICS)[keyof typeof TOPICS], 'type' | 'qos'> & {
  readonly topic: string;
};

/** The parts of a question in the order in which they are sent; the last one is answered. */
export function listQuestionTopics(
  { namespace, clockTopic }: Contender,
  { odom, joints }: Pick<PolicyInputs, 'odom' | 'joints'>,
): readonly Topic[] {
  const sensors = [...(odom ? [TOPICS.odom] : []), ...(joints ? [TOPICS.jointStates] : [])];
  return [
    ...sensors.map(({ type, qos, name }) => ({ type, qos, topic: `${namespace}/${name}` })),
    { type: TOPICS.clock.type, qos: TOPICS.clock.qos, topic: clockTopic },
  ];
}

export function getAnswerTopic({ namespace }: Contender): Topic {
  const { type, qos, name } = TOPICS.policyCommand;
  return { type, qos, topic: `${namespace}/${name}` };
}

/** Where a policy is told where to be. */
export function getPlaceTopic({ namespace }: Contender): Topic {
  const { type, qos, name } = TOPICS.reference;
  return { type, qos, topic: `${namespace}/${name}` };
}

/** [1] joints of a humanoid, by which the cost of a state is told */
const NUM_JOINTS = 29;

/** As much of a robot as a message of its joints needs. */
export function makeWideRobot(): Pick<RobotModel, 'jointNames'> {
  const jointNames = Array.from({ length: NUM_JOINTS }, (_, k) => `left_hip_pitch_joint_${k}`);
  return { jointNames };
}
