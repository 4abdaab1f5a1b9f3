import { z } from 'zod';
import { makeOdometryMessage, writeOdometry } from '../../nodes/convert/base.ts';
import { makeJointStateMessage, writeJointState } from '../../nodes/convert/joints.ts';
import { toTime } from '../../nodes/convert/stamp.ts';
import type { RecordedMessage, Recording } from '../../nodes/recording/mcap-reader.ts';
import { writeCdr } from '../../nodes/ros/cdr.ts';
import { getSchemaText } from '../../nodes/ros/definitions.ts';
import { getFrameId, TOPICS } from '../../nodes/topics.ts';
import { UserError } from '../../sim/errors.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { openRobot } from '../../sim/robot/open.ts';
import { makeStateBatch, type StateBatch } from '../../sim/robot/state.ts';

/** What the robot of an episode is called on its topics. */
export const EPISODE_ROBOT = 'robot';

const POSE_TOPIC = '/pose';

const Axes = { x: z.number(), y: z.number(), z: z.number() };
const Pose = z.object({
  position: z.object(Axes),
  orientation: z.object({ ...Axes, w: z.number() }),
  jointPosition: z.record(z.string(), z.number()),
});

/**
 * The robot of an episode, by its name.
 * @param robot instead of the name: its description, which need not be in the box
 * @throws UserError for one that is not there, or is described otherwise than it was
 */
export async function openEpisodeRobot(
  { path, metadata }: Recording,
  robot: string | undefined,
): Promise<RobotModel> {
  const { robot: name = '', robotSha256 } = metadata.episode ?? {};
  const model = await openRobot(robot ?? name);
  if (model.sha256 === robotSha256) return model;
  throw new UserError({
    where: `${path}: robot '${name}'`,
    problem: 'its description is another one than when the episode was simulated',
    expected: `sha256 ${robotSha256}`,
    got: model.sha256,
    remedy: 'Give the description that it had with --robot, or simulate the episode again.',
  });
}

/**
 * An episode of a dataset as a recording of topics: where the robot truly was. Speeds are not in it.
 * @throws UserError for one that an older version has written, without poses
 */
export function makeEpisodeRecording(episode: Recording, model: RobotModel): Recording {
  if (!episode.topics.some(({ topic }) => topic === POSE_TOPIC)) {
    throw new UserError({
      where: episode.path,
      problem: 'the episode does not say where the robot was',
      expected: `a topic ${POSE_TOPIC}`,
      got: episode.topics.map(({ topic }) => topic).join(', '),
      remedy: 'Simulate it again with this version.',
    });
  }
  const channels = Object.values(PLAYED).map((played) => describeChannel(played));
  const numFrames = episode.topics.find(({ topic }) => topic === POSE_TOPIC)?.numMessages ?? 0;
  const topics = channels.map(({ topic, type }) => ({ topic, type, numMessages: numFrames }));
  return { ...episode, topics, channels, messages: () => convertPoses(episode, model) };
}

/** The topics of the robot that an episode is played on. */
const PLAYED = {
  clock: TOPICS.clock,
  joints: { ...TOPICS.jointStates, name: own(TOPICS.jointStates.name) },
  odom: { ...TOPICS.odom, name: own(TOPICS.odom.name) },
  groundTruth: { ...TOPICS.groundTruth, name: own(TOPICS.groundTruth.name) },
} as const;

function own(name: string): string {
  return `/${EPISODE_ROBOT}/${name}`;
}

function describeChannel({ name, type, qos }: (typeof PLAYED)[keyof typeof PLAYED]) {
  const schema = { encoding: 'ros2msg', text: getSchemaText(type) };
  return { topic: name, type, encoding: 'cdr', schema, offers: [qos] };
}

async function* convertPoses(
  episode: Recording,
  model: RobotModel,
): AsyncGenerator<RecordedMessage, void, void> {
  const state = makeStateBatch(1, model.jointNames.length);
  const decoder = new TextDecoder();
  for await (const message of episode.messages()) {
    if (message.topic !== POSE_TOPIC) continue;
    readPose(state, decoder.decode(message.bytes), { where: episode.path, model });
    const { logTimeNs } = message;
    for (const { topic, type, content } of listMessages(state, logTimeNs, model)) {
      yield { ...message, topic, type, bytes: writeCdr(type, content), decode: () => content };
    }
  }
}

/** @throws UserError for a message that is no pose of this robot */
function readPose(
  state: StateBatch,
  text: string,
  { where, model }: { readonly where: string; readonly model: RobotModel },
): void {
  const parsed = Pose.safeParse(JSON.parse(text));
  const joints = parsed.data?.jointPosition;
  if (!parsed.success || model.jointNames.some((name) => joints?.[name] === undefined)) {
    throw new UserError({
      where: `${where}, ${POSE_TOPIC}`,
      problem: 'this is no pose of the robot',
      expected: `position, orientation and joints ${model.jointNames.join(', ')}`,
      got: text.slice(0, 200),
      remedy: 'The file is damaged: simulate the episode again.',
    });
  }
  const { position, orientation, jointPosition } = parsed.data;
  state.position.set([position.x, position.y, position.z]);
  state.orientation.set([orientation.x, orientation.y, orientation.z, orientation.w]);
  state.jointPosition.set(model.jointNames.map((name) => jointPosition[name]!));
}

const MEASURED = {
  position: true,
  orientation: true,
  linearVelocity: false,
  angularVelocity: false,
} as const;

/** What the page draws a robot from, whether it is drawn where it is measured or where it truly is. */
function listMessages(state: StateBatch, stampNs: bigint, model: RobotModel) {
  const frames = ['odom', 'base_link'].map((frame) =>
    getFrameId(EPISODE_ROBOT, frame as 'odom' | 'base_link'),
  ) as [string, string];
  const pose = makeOdometryMessage(...frames, MEASURED);
  writeOdometry(pose, stampNs, state, 0);
  const joints = makeJointStateMessage(model);
  writeJointState(joints, stampNs, state, 0);
  const { clock, odom, groundTruth } = PLAYED;
  return [
    { topic: clock.name, type: clock.type, content: { clock: toTime(stampNs) } },
    {
      ...{ topic: PLAYED.joints.name, type: PLAYED.joints.type },
      content: { ...joints, ...NO_SPEEDS },
    },
    { topic: odom.name, type: odom.type, content: pose },
    { topic: groundTruth.name, type: groundTruth.type, content: pose },
  ];
}

/** As sensor_msgs says: empty lists of what is not known. */
const NO_SPEEDS = { velocity: new Float64Array(0), effort: new Float64Array(0) };
