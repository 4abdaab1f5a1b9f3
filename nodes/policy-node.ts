import type { RuntimeConfig } from '../policies/config.ts';
import type { ClassicalPolicy } from '../policies/runtime/classical-policy.ts';
import { SimClock } from '../policies/runtime/clock.ts';
import { type ControlInStep, startControlInStep } from '../policies/runtime/control-in-step.ts';
import type { ControlManifest } from '../policies/runtime/control-manifest.ts';
import { startControlThread } from '../policies/runtime/control-thread.ts';
import type { Controller, ControllerOptions } from '../policies/runtime/controller.ts';
import type { ProviderReport } from '../policies/runtime/provider.ts';
import type { TimingSnapshot } from '../policies/runtime/timing.ts';
import type { RobotModel } from '../sim/robot/model.ts';
import { listLidars } from '../sim/task/lidar-sectors.ts';
import { readsPlace } from '../sim/task/reads-place.ts';
import { makeReferenceBatch } from '../sim/task/robot-view.ts';
import { makeJointCommandMessage, writeJointCommand } from './convert/joints.ts';
import { assertFrame } from './convert/parts.ts';
import { readScan } from './convert/ranges.ts';
import { readReference } from './convert/reference.ts';
import { toNs } from './convert/stamp.ts';
import { makeDiagnosticArray, makeTimingStatus } from './diagnostics.ts';
import { followEpisodes } from './episodes.ts';
import { type ManagedOptions, manageNode } from './managed-node.ts';
import { makeWallTime, type PolicyTime, SimTime, shiftInputs } from './policy-time.ts';
import { readVelocityCommand } from './reference-by-hand.ts';
import { Rehearsals } from './rehearsals.ts';
import { followRobotState } from './robot-state.ts';
import type { Twist } from './ros/messages.ts';
import type { RosContext, RosNode } from './ros/port.ts';
import {
  getFrameId,
  getRobotTopic,
  getSensorFrameId,
  getSensorTopic,
  SENSOR_TOPICS,
  TOPICS,
} from './topics.ts';

export interface PolicyNodeOptions {
  /** Path of the .onnx file, or its bytes; or a controller made by hand. */
  readonly policy: string | Uint8Array | ClassicalPolicy;
  readonly model: RobotModel;
  /** Namespaces; the policy runs as one batch over all of them. */
  readonly robots: readonly string[];
  readonly runtime: RuntimeConfig;
  /**
   * `ros`: ticks follow `/clock`, in lockstep with a simulator; `wall`: the machine's clock, as on
   * a robot.
   */
  readonly clock: 'ros' | 'wall';
  /** [s] the policy's period, known from its manifest */
  readonly periodS: number;
  /** Others may start and stop it: while it is not active it says nothing. Absent: it always speaks. */
  readonly lifecycle?: ManagedOptions;
}

export interface PolicyNode {
  readonly manifest: ControlManifest;
  readonly provider: ProviderReport;
  readonly warnings: readonly string[];
  /** Control periods in which the policy made commands. */
  readonly numTicks: number;
  timing(): TimingSnapshot;
  /** Told once, when the policy ends by itself. */
  onFault(callback: (message: string) => void): void;
  close(): Promise<void>;
}

/**
 * Measured state and reference in, unchecked joint command out. By the machine's clock, observation, inference and action
 * run in a thread of their own, so that nothing in this one can delay them; by `/clock` they run here, for a simulator
 * that waits.
 * @throws UserErrors as loadPolicy does
 */
export async function makePolicyNode(
  context: RosContext,
  options: PolicyNodeOptions,
): Promise<PolicyNode> {
  const { policy, model, robots, runtime, periodS } = options;
  // One period early: the first tick, at the start, is then over before there is anything to do.
  const simClock = options.clock === 'ros' ? new SimClock(-periodS) : undefined;
  const node = context.createNode('policy', {
    parameters: { use_sim_time: simClock !== undefined },
    isClockFixed: true,
  });
  const { provider: wanted, onMiss, spinS, rehearse } = runtime;
  const work: ControllerOptions = {
    ...{ policy, model, numRobots: robots.length, provider: wanted, onMiss, rehearse },
  };
  const inStep = simClock && (await startControlInStep({ ...work, clock: simClock }));
  const control = inStep ?? (await startControlThread({ ...work, spinS }));
  for (const warning of control.warnings) node.logger.warn(warning);
  const { provider } = control;
  if (provider.fallbackReason !== undefined) {
    node.logger.warn(
      `provider ${provider.requested} is not used, ${provider.used} is: ${provider.fallbackReason}`,
    );
  }
  const time = simClock === undefined ? makeWallTime(node) : followClock(node, simClock, periodS);
  const { manifest } = control;
  connectInputs(node, { manifest, inputs: shiftInputs(control.inputs, time) }, model, robots);
  const counter = connectOutputs(node, control, time, model, robots);
  // In one process with the simulator nobody waits for a message.
  const rehearses = rehearse && context.backend !== 'embedded';
  const stopRehearsals = inStep && rehearses ? rehearseBetween(inStep) : () => {};
  if (options.lifecycle !== undefined) {
    manageNode(node, options.lifecycle, {
      activate: () => {
        // What it remembers is of a robot that did something else meanwhile.
        for (const robot of robots.keys()) control.inputs.reset(robot);
        counter.setVoice('on');
      },
      deactivate: () => counter.setVoice('off'),
    });
  }
  return {
    manifest,
    provider,
    warnings: control.warnings,
    get numTicks() {
      return counter.numTicks;
    },
    timing: () => control.stats(),
    onFault: (callback) => control.onFault(callback),
    async close() {
      counter.stop();
      stopRehearsals();
      await control.stop();
      node.destroy();
    },
  };
}

/**
 * Ticks with /clock, once all that was measured or asked for at that instant is heard. In one process that comes after the
 * time. On a graph it comes before (simulator-node.ts), and what came with the time is heard with it.
 */
function followClock(node: RosNode, simClock: SimClock, periodS: number): PolicyTime {
  const time = new SimTime();
  let hasClock = false;
  const begin = () => time.begin(node.nowNs(), simClock.nowS + periodS);
  node.onTimeBack(begin);
  node.onTime(() => {
    if (!hasClock) begin();
    hasClock = true;
    const timeS = time.readClock(node.nowNs());
    node.whenHeard(() => {
      if (timeS >= simClock.nowS) simClock.advanceTo(timeS);
    });
  });
  return time;
}

/** @returns what ends it */
function rehearseBetween(control: ControlInStep): () => void {
  const rehearsals = new Rehearsals(() => control.rehearse());
  const stopTicks = control.onTick(() => rehearsals.noteTick());
  return () => {
    stopTicks();
    rehearsals.stop();
  };
}

/** What the messages that come in need. */
type Inlet = Pick<Controller, 'inputs' | 'manifest'>;

function connectInputs(
  node: RosNode,
  control: Inlet,
  model: RobotModel,
  robots: readonly string[],
): void {
  const write = (robot: number) =>
    control.inputs.writeState(robot, followed.state, robot, followed.stampS[robot]!);
  const followed = followRobotState(node, model, robots, write);
  connectScans(node, control, model, robots);
  followEpisodes(node, robots, (robot) => control.inputs.reset(robot));
  // What was measured at the first instant of the new time may be here already.
  node.onTimeBack(() => {
    const nowS = Number(node.nowNs()) / 1e9;
    for (const robot of robots.keys()) if (followed.stampS[robot]! <= nowS) write(robot);
  });
  const { observations } = control.manifest;
  if (readsPlace(observations, model, 'policy')) followReferences(node, control, robots);
  else obeyVelocities(node, control, robots);
}

/** Where to be, for policies that observe it. */
function followReferences(node: RosNode, control: Inlet, robots: readonly string[]): void {
  const reference = makeReferenceBatch(robots.length);
  robots.forEach((robot, index) => {
    const { type, qos } = TOPICS.reference;
    const frame = getFrameId(robot, 'odom');
    node.createSubscription(type, getRobotTopic(robot, TOPICS.reference), qos, (message) => {
      readReference(reference, index, message, frame);
      const stampS = Number(toNs(message.header.stamp)) / 1e9;
      control.inputs.writeReference(index, reference, index, stampS);
    });
  });
}

/**
 * How fast to go, for policies that need no place for it: `cmd_vel` from somebody's hand, or `command/velocity` from a
 * node, which heeds that hand too. Neither says anything once it is no longer sent.
 */
function obeyVelocities(node: RosNode, control: Inlet, robots: readonly string[]): void {
  const reference = makeReferenceBatch(robots.length);
  const { commandRanges } = control.manifest;
  robots.forEach((robot, index) => {
    const { cmdVel, velocityReference } = TOPICS;
    const obey = (twist: Twist, stampS: number): void => {
      readVelocityCommand(reference, index, twist, commandRanges);
      control.inputs.writeReference(index, reference, index, stampS);
    };
    node.createSubscription(cmdVel.type, getRobotTopic(robot, cmdVel), cmdVel.qos, (twist) =>
      obey(twist, Number(node.nowNs()) / 1e9),
    );
    node.createSubscription(
      velocityReference.type,
      getRobotTopic(robot, velocityReference),
      velocityReference.qos,
      ({ header, twist }) => obey(twist, Number(toNs(header.stamp)) / 1e9),
    );
  });
}

/** Scans of the lidars that the policy looks at. */
function connectScans(
  node: RosNode,
  control: Inlet,
  model: RobotModel,
  robots: readonly string[],
): void {
  const { type, qos } = SENSOR_TOPICS.scan;
  const wanted = new Set(control.manifest.observations.map(({ sensor }) => sensor));
  for (const lidar of listLidars(model).filter(({ name }) => wanted.has(name))) {
    const range = new Float64Array(robots.length * lidar.numAzimuths);
    robots.forEach((robot, index) => {
      const topic = getSensorTopic(robot, SENSOR_TOPICS.scan, lidar.name);
      const frame = getSensorFrameId(robot, lidar);
      node.createSubscription(type, topic, qos, (message) => {
        assertFrame('LaserScan, header.frame_id', frame, message.header.frame_id);
        readScan(range, index, message, lidar);
        const stampS = Number(toNs(message.header.stamp)) / 1e9;
        control.inputs.writeScan(index, lidar.name, range, index, stampS);
      });
    });
  }
}

function connectOutputs(
  node: RosNode,
  control: Controller,
  time: PolicyTime,
  model: RobotModel,
  robots: readonly string[],
): { readonly numTicks: number; setVoice(voice: 'on' | 'off'): void; stop(): void } {
  const { type, qos } = TOPICS.policyCommand;
  const publishers = robots.map((robot) =>
    node.createPublisher(type, getRobotTopic(robot, TOPICS.policyCommand), qos),
  );
  const diagnostics = node.createPublisher(
    TOPICS.diagnostics.type,
    TOPICS.diagnostics.name,
    TOPICS.diagnostics.qos,
  );
  const tellTiming = () => {
    const status = makeTimingStatus('policy', control.stats());
    diagnostics.publish(makeDiagnosticArray(node.nowNs(), [status]));
  };
  // Not before the tick that is due at the same instant: it would be late by the time that takes.
  const timer = node.createTimer(1, () => node.whenHeard(tellTiming));
  const message = makeJointCommandMessage(model);
  let numTicks = 0;
  let isSpeaking = true;
  const stopTicks = control.onTick(() => {
    if (!isSpeaking) return;
    let hasCommand = false;
    for (let robot = 0; robot < robots.length; robot++) {
      const command = control.receiveCommand(robot);
      const stampNs = command && time.fromLoop(command.stampS);
      if (command === undefined || stampNs === undefined) continue;
      hasCommand = true;
      writeJointCommand(message, stampNs, model.commandKind, command.joint);
      publishers[robot]!.publish(message);
    }
    if (hasCommand) numTicks++;
  });
  return {
    get numTicks() {
      return numTicks;
    },
    setVoice(voice) {
      isSpeaking = voice === 'on';
    },
    stop() {
      stopTicks();
      timer.cancel();
    },
  };
}
