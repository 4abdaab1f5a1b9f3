import { readFileSync } from 'node:fs';
import { makeOdometryMessage, writeOdometry } from '../../nodes/convert/base.ts';
import { makeJointStateMessage, writeJointState } from '../../nodes/convert/joints.ts';
import { makeReferenceMessage, writeReference } from '../../nodes/convert/reference.ts';
import { toTime } from '../../nodes/convert/stamp.ts';
import { writeCdr } from '../../nodes/ros/cdr.ts';
import { QOS, type RosContext, type RosNode } from '../../nodes/ros/port.ts';
import { makeRclContext } from '../../nodes/ros/rcl/context.ts';
import { findRcl, loadRcl } from '../../nodes/ros/rcl.ts';
import { getFrameId, TOPICS } from '../../nodes/topics.ts';
import { readManifest } from '../../policies/onnx/read-manifest.ts';
import { checkSeesMeasured } from '../../policies/privileged.ts';
import { throwIfAny, UserError } from '../../sim/errors.ts';
import { loadRobot } from '../../sim/robot/load.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { findPolicyFile } from '../paths.ts';
import type { BenchResult } from './loop.ts';
import { checkProgram, startAll, startChild, startRclcppEcho } from './ros-children.ts';
import {
  type ChildTask,
  type Contender,
  ECHO,
  ECHO_OBJECTS,
  ECHO_RCLCPP,
  findInputs,
  getAnswerTopic,
  getPlaceTopic,
  listQuestionTopics,
  POLICY,
  POLICY_ROBOT,
  STATE_TOPIC,
} from './ros-plan.ts';
import { makeBusyReference, makeBusyState } from './tick-bench.ts';

export interface BenchRosOptions {
  /** An ONNX policy that sees without a lidar. */
  readonly policy: string;
  /** The program of rclcpp-echo, built; absent: no echo in C++ */
  readonly rclcppEcho?: string | undefined;
  /** [1] round trips of each contender */
  readonly rounds: number;
  /** [Hz] at which it is asked; default: the policy's own rate, at which caches go cold between one tick and the next */
  readonly rateHz?: number | undefined;
  /** [s] of each publisher */
  readonly durationS: number;
  readonly onProgress?: (text: string) => void;
}

/** [1] rounds of one contender in a row */
const BLOCK = 50;
/** [1] until the compiler has seen what runs in every round: policies run for hours */
const WARM_UP_ROUNDS = 5000;
/** [Hz] of those rounds, which need not take as long as the ones that count */
const WARM_UP_RATE_HZ = 400;
/** [1] until who learns when to expect the next tick has learned it, at the rate that counts */
const SETTLING_ROUNDS = 20;
/** [ms] after which a question is lost */
const TIMEOUT_MS = 200;
/** [Hz] of the publishers */
const RATE_HZ = 500;

/**
 * Measures what ROS costs on this machine: sensor in → command out through the policy node in a process of its own, against
 * echoes by bare rclnodejs that get the same messages and send as much, as bytes that nobody reads, and as objects, and by
 * rclcpp, as its messages; and the share of a core that publishing the state of 29 joints at 500 Hz takes, against an object
 * made for every message.
 * @throws UserError where ROS 2 or the program cannot be had, with the remedy
 */
export async function benchRos(options: BenchRosOptions): Promise<readonly BenchResult[]> {
  const search = findRcl();
  if (!search.found) {
    throw new UserError({
      where: 'bench ros',
      problem: search.reason,
      expected: 'a sourced ROS 2 and a binary of rclnodejs',
      got: 'neither whole',
      remedy: search.remedy,
    });
  }
  if (options.rclcppEcho !== undefined) checkProgram(options.rclcppEcho);
  const file = findPolicyFile(options.policy, '--policy');
  const manifest = readManifest(readFileSync(file), file);
  throwIfAny(checkSeesMeasured(manifest, file));
  const { robot, periodS } = manifest;
  const model = loadRobot(robot);
  const scan = manifest.observations.find(({ sensor }) => sensor !== undefined);
  if (scan !== undefined) {
    throw new UserError({
      where: 'bench ros --policy',
      problem: 'the policy would wait for scans, which this benchmark does not send',
      expected: 'a policy that sees without a lidar',
      got: `'${options.policy}', which observes ${scan.name} of '${scan.sensor}'`,
      remedy: 'Choose another one, such as go2-velocity or cartpole-balance',
    });
  }
  const inputs = findInputs(model, manifest);
  const task = { policy: options.policy, robot, periodS, rateHz: RATE_HZ, inputs };
  const say = options.onProgress ?? (() => {});
  const context = await makeRclContext(await loadRcl(search));
  try {
    say('round trips');
    const trips = await measureTrips(context, model, task, options);
    say('publishing');
    return [...trips, ...(await measurePublishing(context, task, options.durationS))];
  } finally {
    await context.shutdown();
  }
}

type Task = Omit<ChildTask, 'role'>;

async function measureTrips(
  context: RosContext,
  model: RobotModel,
  task: Task,
  { rounds, rclcppEcho, rateHz = 1 / task.periodS }: BenchRosOptions,
): Promise<BenchResult[]> {
  const roles = ['echo', 'echoObjects', 'policy'] as const;
  const children = await startAll([
    ...roles.map((role) => startChild({ ...task, role })),
    ...(rclcppEcho === undefined ? [] : [startRclcppEcho(rclcppEcho, model)]),
  ]);
  const node = context.createNode('bench_driver');
  const make = (contender: Contender) => new Questioner(node, contender, model, task);
  const [echo, objects, policy] = [make(ECHO), make(ECHO_OBJECTS), make(POLICY)];
  const rclcpp = rclcppEcho === undefined ? undefined : make(ECHO_RCLCPP);
  const all = [echo, objects, ...(rclcpp === undefined ? [] : [rclcpp]), policy];
  try {
    for (const one of all) await one.warmUp(rateHz);
    for (let k = 0; k < rounds / BLOCK; k++) {
      // The order changes, so that nobody always runs on a warmer machine.
      for (const one of k % 2 === 0 ? all : all.toReversed()) await one.ask(BLOCK, rateHz);
    }
  } finally {
    node.destroy();
    for (const child of children) child.kill();
  }
  const compare = (against: string, baseline: Questioner): BenchResult[] => {
    const [values, others] = [policy.listQuantiles(), baseline.listQuantiles()];
    return (['p05', 'p50', 'p99'] as const).map((q) => ({
      name: `policy.trip.${q} / ${against}`,
      ...{ unit: 'µs', value: values[q], baseline: others[q], ratio: values[q] / others[q] },
    }));
  };
  return [
    ...compare('bytes', echo),
    ...compare('objects', objects),
    ...(rclcpp === undefined ? [] : compare('rclcpp', rclcpp)),
    { name: 'policy.lost', unit: '1', value: policy.numLost, baseline: echo.numLost },
  ];
}

/** Asks one contender again and again, and takes the time. */
class Questioner {
  numLost = 0;
  readonly #times: number[] = [];
  readonly #publish: (readonly [type: string, send: (bytes: Uint8Array) => void])[];
  /** Tells where to be. */
  readonly #lead: ((stampNs: bigint) => void) | undefined;
  readonly #model: RobotModel;
  readonly #periodS: number;
  #timeS = 0;
  #onAnswer: () => void = () => {};

  constructor(node: RosNode, contender: Contender, model: RobotModel, task: Task) {
    this.#model = model;
    this.#periodS = task.periodS;
    this.#publish = listQuestionTopics(contender, task.inputs).map(({ type, topic, qos }) => {
      const publisher = node.createRawPublisher(type, topic, qos);
      return [type, (bytes) => publisher.publish(bytes)] as const;
    });
    if (task.inputs.place) this.#lead = makeLead(node, contender, model);
    const { type, topic, qos } = getAnswerTopic(contender);
    node.createRawSubscription(type, topic, qos, () => this.#onAnswer());
  }

  async warmUp(rateHz: number): Promise<void> {
    // The first ones are lost for as long as the two ends look for each other.
    await this.ask(WARM_UP_ROUNDS, WARM_UP_RATE_HZ);
    await this.ask(SETTLING_ROUNDS, rateHz);
    this.numLost = 0;
    this.#times.length = 0;
  }

  async ask(rounds: number, rateHz: number): Promise<void> {
    let dueMs = performance.now();
    for (let k = 0; k < rounds; k++) {
      const question = this.#write();
      this.#lead?.(BigInt(Math.round(this.#timeS * 1e9)));
      dueMs += 1000 / rateHz;
      await new Promise((resolve) => setTimeout(resolve, dueMs - performance.now()));
      await this.#askOnce(question);
    }
  }

  listQuantiles(): Readonly<Record<'p05' | 'p50' | 'p99', number>> {
    const times = this.#times.toSorted((a, b) => a - b);
    const at = (share: number) => 1e3 * (times[Math.floor(share * times.length)] ?? Number.NaN);
    return { p05: at(0.05), p50: at(0.5), p99: at(0.99) };
  }

  #askOnce(question: readonly Uint8Array[]): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.numLost++;
        this.#onAnswer = () => {};
        resolve();
      }, TIMEOUT_MS);
      const startMs = performance.now();
      this.#onAnswer = () => {
        this.#times.push(performance.now() - startMs);
        this.#onAnswer = () => {};
        clearTimeout(timer);
        resolve();
      };
      this.#publish.forEach(([, send], k) => {
        send(question[k]!);
      });
    });
  }

  /** What a robot measures one period later. */
  #write(): readonly Uint8Array[] {
    this.#timeS += this.#periodS;
    const stampNs = BigInt(Math.round(this.#timeS * 1e9));
    const state = makeBusyState(this.#model);
    const odometry = makeOdometryMessage(
      getFrameId(POLICY_ROBOT, 'odom'),
      getFrameId(POLICY_ROBOT, 'base_link'),
    );
    writeOdometry(odometry, stampNs, state, 0);
    const joints = makeJointStateMessage(this.#model);
    writeJointState(joints, stampNs, state, 0);
    const messages: Readonly<Record<string, unknown>> = {
      [TOPICS.odom.type]: odometry,
      [TOPICS.jointStates.type]: joints,
      [TOPICS.clock.type]: { clock: toTime(stampNs) },
    };
    return this.#publish.map(([type]) => writeCdr(type, messages[type]));
  }
}

/** Somebody who leads a policy to where its robot is. */
function makeLead(
  node: RosNode,
  contender: Contender,
  model: RobotModel,
): (stampNs: bigint) => void {
  const { type, topic, qos } = getPlaceTopic(contender);
  const publisher = node.createRawPublisher(type, topic, qos);
  const message = makeReferenceMessage(getFrameId(POLICY_ROBOT, 'odom'));
  const reference = makeBusyReference(model);
  return (stampNs) => {
    writeReference(message, stampNs, reference, 0);
    publisher.publish(writeCdr(type, message));
  };
}

async function measurePublishing(
  context: RosContext,
  task: Task,
  durationS: number,
): Promise<BenchResult[]> {
  const node = context.createNode('bench_listener');
  // Somebody must hear it, or the middleware has nothing to do.
  let numHeard = 0;
  node.createRawSubscription('sensor_msgs/msg/JointState', STATE_TOPIC, QOS.sensorData, () => {
    numHeard++;
  });
  const measure = async (role: ChildTask['role']) => {
    const child = await startChild({ ...task, role });
    const loads: { share: number; rateHz: number }[] = [];
    child.on('message', (load) => loads.push(load as (typeof loads)[number]));
    // The first second is start-up and compilation.
    await new Promise((resolve) => setTimeout(resolve, 1000 * (durationS + 1.5)));
    child.kill();
    const told = loads.slice(1);
    const mean = (read: (load: (typeof loads)[number]) => number) =>
      told.reduce((sum, load) => sum + read(load), 0) / told.length;
    return { share: 100 * mean(({ share }) => share), rateHz: mean(({ rateHz }) => rateHz) };
  };
  const naive = await measure('publishNaively');
  const heardBefore = numHeard;
  const ours = await measure('publish');
  node.destroy();
  const name = 'state29x500Hz';
  return [
    {
      ...{ name: `${name}.cpu`, unit: '% of a core', value: ours.share, baseline: naive.share },
      ratio: ours.share / naive.share,
    },
    { name: `${name}.rate`, unit: 'Hz', value: ours.rateHz, baseline: naive.rateHz },
    { name: `${name}.heard`, unit: '1', value: numHeard - heardBefore },
  ];
}
