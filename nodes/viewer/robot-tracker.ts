import { SAFETY_ACTIONS, SAFETY_RULES } from '../../policies/safety/verdict.ts';
import { computeTilt, computeYaw, writeQuatProduct, writeRotated } from '../../sim/math/quat.ts';
import { computeDistance, computeNorm, type MutableNumbers } from '../../sim/math/vec3.ts';
import type { Transform } from '../../sim/robot/geometry.ts';
import { computeKnownState } from '../../sim/robot/known-state.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { makeStateBatch, type StateBatch } from '../../sim/robot/state.ts';
import { makeReferenceBatch } from '../../sim/task/robot-view.ts';
import { readOdometry } from '../convert/base.ts';
import { readJointCommand, readJointState } from '../convert/joints.ts';
import { assertFrame } from '../convert/parts.ts';
import { readReference } from '../convert/reference.ts';
import { toNs } from '../convert/stamp.ts';
import type { Header, Path, PoseArray, WrenchStamped } from '../ros/messages.ts';
import type { RosNode } from '../ros/port.ts';
import { getFrameId, MAP_FRAME, TOPICS } from '../topics.ts';
import { PoseHistory } from './pose-history.ts';
import type { SafetyStatus } from './safety-status.ts';
import { ScanTracker } from './scan-tracker.ts';
import type { SurroundingsShown } from './signals.ts';

const DEGREES = 180 / Math.PI;

/**
 * Where a robot is drawn: where it is bolted to, where its sensors say, or, where no sensor tells, where it truly is,
 * which only a simulator publishes.
 */
export type PoseSource = 'mount' | 'measured' | 'truth';

export function choosePoseSource(model: RobotModel): PoseSource {
  if (model.base === 'fixed') return 'mount';
  const { position, orientation } = computeKnownState(model);
  return position && orientation ? 'measured' : 'truth';
}

/** Hears one robot's topics and keeps the latest of each; nothing here grows. */
export class RobotTracker {
  readonly #name: string;
  readonly #mapFromOdom: Transform;
  readonly #state;
  /** Where the base is drawn: as measured, or as it truly is where no sensor tells. */
  readonly #base: StateBatch;
  readonly #poseSource: PoseSource;
  readonly #history = new PoseHistory();
  readonly #reference = makeReferenceBatch(1);
  readonly #command: Float64Array;
  readonly #force = new Float64Array(3).fill(Number.NaN);
  #isForceInBase = false;
  #safety: SafetyStatus | undefined;
  /** [ms] wall time at which the robot was heard last */
  #heardMs = Number.NaN;
  readonly #surroundings: SurroundingsShown;
  /** [numPlaced, 4] m, rad [@frame odom] */
  readonly #obstacles: Float64Array;
  /** [1] which episode it is; NaN before the first is heard */
  #episode = Number.NaN;
  /** [s] node clock at which the obstacles began their ways; NaN before the first episode is heard */
  #sceneStartS = Number.NaN;
  /** [s] node clock at which the episode began */
  #episodeStartS = Number.NaN;

  constructor(
    node: RosNode,
    options: {
      readonly name: string;
      readonly model: RobotModel;
      readonly mapFromOdom: Transform;
      readonly surroundings: SurroundingsShown;
      /** [numPoints, 3] m [@frame map] */
      readonly onPath: (points: Float32Array) => void;
      /** @param lidar its number on the robot @param points [numPoints, 3] m [@frame map] */
      readonly onPoints: (lidar: number, points: Float32Array) => void;
    },
  ) {
    const { name, model } = options;
    this.#name = name;
    this.#mapFromOdom = options.mapFromOdom;
    this.#surroundings = options.surroundings;
    this.#obstacles = new Float64Array(4 * options.surroundings.numPlaced).fill(Number.NaN);
    this.#poseSource = choosePoseSource(model);
    this.#state = makeUnknownState(model.jointNames.length);
    this.#base = this.#poseSource === 'truth' ? makeUnknownState(0) : this.#state;
    this.#command = new Float64Array(model.actuatedJointNames.length).fill(Number.NaN);
    this.#reference.position.fill(Number.NaN);
    this.#reference.yaw.fill(Number.NaN);
    if (this.#poseSource === 'mount') {
      this.#state.position.set(model.home.position);
      this.#state.orientation.set(model.home.orientation);
      this.#state.linearVelocityW.fill(0);
      this.#state.angularVelocityB.fill(0);
      this.#history.push(0, model.home.position, model.home.orientation);
    }
    // Before what is seen from there.
    this.#subscribe(node, model, options.onPath);
    new ScanTracker(node, {
      ...{ robot: name, model, mapFromOdom: options.mapFromOdom, onPoints: options.onPoints },
      ...{ history: this.#history, jointPosition: this.#state.jointPosition },
    });
  }

  setSafety(status: SafetyStatus): void {
    this.#safety = status;
  }

  /** An episode began. @param obstacleTimeS how far the obstacles were on their ways then */
  setEpisode(startS: number, obstacleTimeS: number): void {
    const sceneStartS = startS - obstacleTimeS;
    if (startS !== this.#episodeStartS) this.#episode = (this.#episode || 0) + 1;
    this.#episodeStartS = startS;
    this.#sceneStartS = sceneStartS;
  }

  get safety(): SafetyStatus | undefined {
    return this.#safety;
  }

  /**
   * Writes the fields of `makeFields`, in their order, from `start`; returns where they end.
   * @param nowMs wall time @param nowS node clock
   */
  write(out: MutableNumbers, start: number, nowMs: number, nowS: number): number {
    const { position, orientation, linearVelocityW } = this.#base;
    const { angularVelocityB } = this.#state;
    let o = this.#writeInMap(out, start, position);
    writeQuatProduct(out, o, this.#mapFromOdom.rotation, 0, orientation, 0);
    o += 4;
    o = copy(out, o, angularVelocityB);
    o = copy(out, o, this.#state.jointPosition);
    o = copy(out, o, this.#state.jointVelocity);
    o = copy(out, o, this.#command);
    o = this.#writeInMap(out, o, this.#reference.position);
    out[o++] = this.#reference.yaw[0]! + computeYaw(this.#mapFromOdom.rotation);
    o = this.#writeForce(out, o);
    const { action, rule } = this.#safety ?? {};
    out[o++] = action === undefined ? Number.NaN : SAFETY_ACTIONS.indexOf(action);
    out[o++] = rule === undefined ? Number.NaN : SAFETY_RULES.indexOf(rule);
    out[o++] = (nowMs - this.#heardMs) / 1000;
    out[o++] = computeDistance(position, 0, this.#reference.position, 0);
    out[o++] = Number.isNaN(position[0]!) ? Number.NaN : computeNorm(linearVelocityW);
    out[o++] = computeTilt(orientation) * DEGREES;
    out[o++] = this.#episode;
    if (this.#surroundings.hasWays) out[o++] = nowS - this.#sceneStartS;
    return copy(out, o, this.#obstacles);
  }

  #subscribe(node: RosNode, model: RobotModel, onPath: (points: Float32Array) => void): void {
    const ns = `/${this.#name}/`;
    const odom = getFrameId(this.#name, 'odom');
    const base = getFrameId(this.#name, 'base_link');
    const { jointStates, jointCommand, reference, path, disturbance } = TOPICS;
    this.#followBase(node, { odom, base });
    node.createSubscription(jointStates.type, ns + jointStates.name, jointStates.qos, (message) => {
      readJointState(this.#state, 0, message, model);
      if (this.#poseSource === 'mount') this.#heardMs = performance.now();
    });
    node.createSubscription(jointCommand.type, ns + jointCommand.name, jointCommand.qos, (m) =>
      readJointCommand(this.#command, m, model),
    );
    node.createSubscription(reference.type, ns + reference.name, reference.qos, (message) =>
      readReference(this.#reference, 0, message, odom),
    );
    node.createSubscription(path.type, ns + path.name, path.qos, (message) =>
      onPath(this.#readPath(message)),
    );
    node.createSubscription(disturbance.type, ns + disturbance.name, disturbance.qos, (message) =>
      this.#readForce(message, base),
    );
    const { obstacles } = TOPICS;
    node.createSubscription(obstacles.type, ns + obstacles.name, obstacles.qos, (message) => {
      assertFrame('PoseArray, header.frame_id', odom, message.header.frame_id);
      this.#readObstacles(message);
    });
  }

  #followBase(node: RosNode, frames: { readonly odom: string; readonly base: string }): void {
    const { odom, groundTruth } = TOPICS;
    const ns = `/${this.#name}/`;
    node.createSubscription(odom.type, ns + odom.name, odom.qos, (message) => {
      readOdometry(this.#state, 0, message, frames);
      this.#heardMs = performance.now();
      if (this.#poseSource === 'measured') this.#keepPose(message.header);
    });
    if (this.#poseSource !== 'truth') return;
    const { type, name, qos } = groundTruth;
    node.createSubscription(type, ns + name, qos, (message) => {
      readOdometry(this.#base, 0, message, frames);
      this.#keepPose(message.header);
    });
  }

  #keepPose({ stamp }: Header): void {
    const { position, orientation } = this.#base;
    this.#history.push(Number(toNs(stamp)) / 1e9, position, orientation);
  }

  #readPath(message: Path): Float32Array {
    const points = new Float32Array(3 * message.poses.length);
    const isInMap = message.header.frame_id === MAP_FRAME;
    message.poses.forEach(({ pose }, i) => {
      const { x, y, z } = pose.position;
      if (isInMap) points.set([x, y, z], 3 * i);
      else this.#writeInMap(points, 3 * i, [x, y, z]);
    });
    return points;
  }

  /** Of another number of obstacles than the scene has, nobody knows which they are. */
  #readObstacles({ poses }: PoseArray): void {
    if (4 * poses.length !== this.#obstacles.length) return;
    poses.forEach(({ position, orientation }, k) => {
      const { x, y, z, w } = orientation;
      this.#obstacles.set([position.x, position.y, position.z, computeYaw([x, y, z, w])], 4 * k);
    });
  }

  #readForce({ header, wrench }: WrenchStamped, base: string): void {
    this.#isForceInBase = header.frame_id === base;
    this.#force[0] = wrench.force.x;
    this.#force[1] = wrench.force.y;
    this.#force[2] = wrench.force.z;
  }

  #writeForce(out: MutableNumbers, o: number): number {
    if (this.#isForceInBase) writeRotated(out, o, this.#base.orientation, 0, this.#force, 0);
    else copy(out, o, this.#force);
    writeRotated(out, o, this.#mapFromOdom.rotation, 0, out, o);
    return o + 3;
  }

  #writeInMap(out: MutableNumbers, o: number, positionOdom: ArrayLike<number>): number {
    const { translation, rotation } = this.#mapFromOdom;
    writeRotated(out, o, rotation, 0, positionOdom, 0);
    for (let k = 0; k < 3; k++) out[o + k] = out[o + k]! + translation[k]!;
    return o + 3;
  }
}

/** Not heard yet is not zero. */
function makeUnknownState(numJoints: number): StateBatch {
  const state = makeStateBatch(1, numJoints);
  const { position, orientation, linearVelocityW, angularVelocityB } = state;
  const { jointPosition, jointVelocity } = state;
  for (const array of [position, orientation, linearVelocityW, angularVelocityB]) {
    array.fill(Number.NaN);
  }
  for (const array of [jointPosition, jointVelocity]) array.fill(Number.NaN);
  return state;
}

function copy(out: MutableNumbers, o: number, source: ArrayLike<number>): number {
  for (let k = 0; k < source.length; k++) out[o + k] = source[k]!;
  return o + source.length;
}
