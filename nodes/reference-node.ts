import { computeYaw } from '../sim/math/quat.ts';
import { computeDistance } from '../sim/math/vec3.ts';
import type { RobotModel } from '../sim/robot/model.ts';
import { isRowFinite } from '../sim/robot/state.ts';
import { type Bounds, type HeadingVelocity, moveReference } from '../sim/task/command.ts';
import type { CourseConfig } from '../sim/task/course.ts';
import { type Course, makeCourse } from '../sim/task/course.ts';
import { makeReferenceBatch, type ReferenceBatch } from '../sim/task/robot-view.ts';
import { makePoseMessage, writePose } from './convert/base.ts';
import { makeReferenceMessage, writeReference } from './convert/reference.ts';
import { toTime } from './convert/stamp.ts';
import { LEVEL, makeSafetyName } from './diagnostics.ts';
import { followEpisodes } from './episodes.ts';
import { CMD_VEL_TIMEOUT_S, computeHandBounds, readWish } from './reference-by-hand.ts';
import { type FollowedState, followRobotState } from './robot-state.ts';
import type { RosContext, RosNode } from './ros/port.ts';
import { getFrameId, getRobotTopic, TOPICS } from './topics.ts';

export interface ReferenceNodeOptions {
  readonly model: RobotModel;
  readonly robots: readonly string[];
  /** One per robot. */
  readonly courses: readonly CourseConfig[];
  /** [s] between two references */
  readonly periodS: number;
  /** [m] [@frame odom] what the safety filter keeps the robots in; absent where the base cannot move */
  readonly geofence: Bounds | undefined;
  /** [m/s] fastest reference by hand: what the policy was taught to follow */
  readonly maxSpeed: number;
  readonly clock: 'ros' | 'wall';
}

export interface ReferenceNode {
  /** [m] mean over robots and time of |measured − reference| while on course; NaN before */
  readonly meanPositionError: number;
}

/** [m] A robot that is further off (stopped, fallen, held) is not waited for: its way to the course begins anew. */
const MAX_LEAD = 1;
/** [1] points of a path that is shown */
const NUM_PATH_POINTS = 200;

/**
 * Says where each robot should be: first from where it stands to the beginning of its course, then
 * along the course. `cmd_vel` takes a robot's reference by hand for as long as it keeps coming; when
 * it ends the robot goes back to its course.
 */
export function makeReferenceNode(
  context: RosContext,
  options: ReferenceNodeOptions,
): ReferenceNode {
  return new ReferenceSource(context, options);
}

interface Guide {
  readonly robot: string;
  readonly row: number;
  readonly course: Course;
  /** On the way to the course, on it, or led by hand. */
  mode: 'waiting' | 'approach' | 'course' | 'manual';
  approach: Course | undefined;
  /** Whether the safety node holds its motors still. */
  isStopped: boolean;
  /** [s] when the mode began */
  sinceS: number;
  wish: HeadingVelocity;
  /** [s] [@invalid NaN] when the wish was heard last */
  wishS: number;
}

class ReferenceSource implements ReferenceNode {
  readonly #options: ReferenceNodeOptions;
  readonly #node: RosNode;
  readonly #followed: FollowedState;
  readonly #reference: ReferenceBatch;
  readonly #guides: readonly Guide[];
  readonly #bounds: Bounds;
  readonly #publish: readonly ((stampNs: bigint) => void)[];
  #errorSum = 0;
  #errorCount = 0;

  constructor(context: RosContext, options: ReferenceNodeOptions) {
    const { model, robots, courses } = options;
    this.#options = options;
    this.#node = context.createNode('reference', {
      parameters: { use_sim_time: options.clock === 'ros' },
      isClockFixed: true,
    });
    const { maxSpeed } = options;
    this.#node.declareParameter({
      name: 'max_speed',
      default: maxSpeed,
      description: 'Fastest reference by hand; no more than the policy was taught.',
      unit: 'm/s',
      range: [0, maxSpeed],
    });
    this.#followed = followRobotState(this.#node, model, robots, (row) => this.#greet(row));
    this.#reference = makeReferenceBatch(robots.length);
    this.#bounds = computeHandBounds(options.geofence);
    this.#guides = robots.map((robot, row) => makeGuide(robot, row, courses[row]!));
    this.#publish = this.#guides.map((guide) => this.#advertise(guide));
    this.#followStops();
    this.#node.createTimer(options.periodS, () => {
      for (const guide of this.#guides) this.#guide(guide);
    });
    followEpisodes(this.#node, robots, (row) => this.#startAgain(this.#guides[row]!));
  }

  get meanPositionError(): number {
    return this.#errorCount === 0 ? Number.NaN : this.#errorSum / this.#errorCount;
  }

  #advertise(guide: Guide): (stampNs: bigint) => void {
    const { robot, row } = guide;
    const frame = getFrameId(robot, 'odom');
    publishPath(this.#node, robot, frame, guide.course);
    const { type, qos } = TOPICS.cmdVel;
    this.#node.createSubscription(type, getRobotTopic(robot, TOPICS.cmdVel), qos, (twist) => {
      guide.wish = readWish(twist, Number(this.#node.getParameter('max_speed')));
      guide.wishS = this.#nowS();
    });
    const publisher = this.#node.createPublisher(
      TOPICS.reference.type,
      getRobotTopic(robot, TOPICS.reference),
      TOPICS.reference.qos,
    );
    const message = makeReferenceMessage(frame);
    return (stampNs) => {
      writeReference(message, stampNs, this.#reference, row);
      publisher.publish(message);
    };
  }

  /** While a robot is stopped its reference waits where it stands, so that it goes on from there. */
  #followStops(): void {
    const { type, name, qos } = TOPICS.diagnostics;
    const depth = Math.max(qos.depth, 2 * this.#guides.length);
    const guides = new Map(this.#guides.map((guide) => [makeSafetyName(guide.robot), guide]));
    this.#node.createSubscription(type, name, { ...qos, depth }, ({ status }) => {
      for (const entry of status) {
        const guide = guides.get(entry.name);
        if (guide !== undefined) guide.isStopped = entry.level >= LEVEL.error;
      }
    });
  }

  /** A robot that shows up is told where to be at once, not at the next tick. */
  #greet(row: number): void {
    const guide = this.#guides[row]!;
    if (guide.mode === 'waiting') this.#guide(guide);
    else this.#judge(guide);
  }

  /** Compares a robot with its reference of the same instant; one that has lost it is fetched anew. */
  #judge(guide: Guide): void {
    const { row } = guide;
    const { position } = this.#followed.state;
    const error = computeDistance(position, 3 * row, this.#reference.position, 3 * row);
    if (error > MAX_LEAD) {
      guide.mode = 'waiting';
      this.#guide(guide);
    } else if (guide.mode === 'course') {
      this.#errorSum += error;
      this.#errorCount++;
    }
  }

  #guide(guide: Guide): void {
    const nowS = this.#nowS();
    this.#chooseMode(guide, nowS);
    const { row } = guide;
    if (guide.mode === 'waiting') {
      if (guide.isStopped && this.#isPlaceKnown(row)) this.#publish[row]!(this.#node.nowNs());
      return;
    }
    const sinceS = nowS - guide.sinceS;
    if (guide.mode === 'manual') {
      moveReference(this.#reference, row, guide.wish, this.#options.periodS, this.#bounds);
    } else if (guide.mode === 'approach') {
      guide.approach!.writeReference(this.#reference, row, sinceS);
    } else {
      guide.course.writeReference(this.#reference, row, sinceS);
    }
    this.#publish[row]!(this.#node.nowNs());
  }

  #chooseMode(guide: Guide, nowS: number): void {
    if (Number.isNaN(this.#followed.stampS[guide.row]!)) return;
    // From a place that is not known nobody is led anywhere; the safety node stops a robot that should know it.
    if (guide.mode === 'waiting' && !this.#isPlaceKnown(guide.row)) return;
    if (guide.isStopped) {
      guide.mode = 'waiting';
      if (this.#isPlaceKnown(guide.row)) this.#placeOnRobot(guide.row);
      return;
    }
    const isByHand = nowS - guide.wishS <= CMD_VEL_TIMEOUT_S;
    if (isByHand) this.#enter(guide, 'manual', nowS);
    else if (guide.mode === 'waiting' || guide.mode === 'manual') this.#beginApproach(guide, nowS);
    else if (guide.mode === 'approach' && nowS - guide.sinceS >= guide.approach!.lapS) {
      this.#enter(guide, 'course', nowS);
    }
  }

  #enter(guide: Guide, mode: Guide['mode'], nowS: number): void {
    if (guide.mode === mode) return;
    if (mode === 'manual' && guide.mode === 'waiting') this.#placeOnRobot(guide.row);
    guide.mode = mode;
    guide.sinceS = nowS;
  }

  /** A straight line from where the reference is, or the robot, to the course's first point. */
  #beginApproach(guide: Guide, nowS: number): void {
    const { row } = guide;
    if (guide.mode === 'waiting') this.#placeOnRobot(row);
    const from = readPoint(this.#reference, row);
    const first = makeReferenceBatch(1);
    guide.course.writeReference(first, 0, 0);
    const { speed, yaw } = guide.course.config;
    guide.approach = makeCourse({
      kind: 'waypoints',
      points: [from, readPoint(first, 0)],
      speed,
      acceleration: speed,
      dwellS: APPROACH_DWELL_S,
      after: 'hold',
      yaw,
      rampS: 0,
    });
    guide.mode = 'approach';
    guide.sinceS = nowS;
  }

  #isPlaceKnown(row: number): boolean {
    const { position, orientation } = this.#followed.state;
    return isRowFinite(position, row, 3) && isRowFinite(orientation, row, 4);
  }

  /** The reference stands where the robot is, and does not move. */
  #placeOnRobot(row: number): void {
    const { position, orientation } = this.#followed.state;
    this.#reference.yaw[row] = computeYaw(orientation, 4 * row);
    for (let axis = 0; axis < 3; axis++) {
      this.#reference.position[3 * row + axis] = position[3 * row + axis]!;
      this.#reference.linearVelocityW[3 * row + axis] = 0;
    }
  }

  #startAgain(guide: Guide): void {
    guide.mode = 'waiting';
    guide.wishS = Number.NaN;
    this.#followed.stampS[guide.row] = Number.NaN;
  }

  #nowS(): number {
    return Number(this.#node.nowNs()) / 1e9;
  }
}

/** [s] at the beginning and the end of the way to the course */
const APPROACH_DWELL_S = 0.5;

function makeGuide(robot: string, row: number, config: CourseConfig): Guide {
  return {
    robot,
    row,
    course: makeCourse(config),
    mode: 'waiting',
    approach: undefined,
    isStopped: false,
    sinceS: 0,
    wish: { x: 0, y: 0, z: 0, yawRate: 0 },
    wishS: Number.NaN,
  };
}

function readPoint(reference: ReferenceBatch, row: number): [number, number, number] {
  const { position } = reference;
  return [position[3 * row]!, position[3 * row + 1]!, position[3 * row + 2]!];
}

function publishPath(node: RosNode, robot: string, frame: string, course: Course): void {
  const { type, qos } = TOPICS.path;
  const points = course.samplePath(NUM_PATH_POINTS);
  const level = new Float64Array([0, 0, 0, 1]);
  const poses = Array.from({ length: NUM_PATH_POINTS }, (_, k) => {
    const message = makePoseMessage(frame);
    writePose(message, 0n, 0, points.subarray(3 * k, 3 * k + 3), level);
    return message;
  });
  node
    .createPublisher(type, getRobotTopic(robot, TOPICS.path), qos)
    .publish({ header: { stamp: toTime(0n), frame_id: frame }, poses });
}
