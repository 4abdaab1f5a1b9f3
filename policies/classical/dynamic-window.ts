import { computeYaw, wrapAngle } from '../../sim/math/quat.ts';
import { clamp } from '../../sim/math/vec3.ts';
import { writeTwist } from '../../sim/robot/differential-drive.ts';
import type { DifferentialDrive, RobotModel } from '../../sim/robot/model.ts';
import { LocalMap } from '../../sim/task/local-map.ts';
import type { RobotView } from '../../sim/task/robot-view.ts';
import { ScanPoints } from '../../sim/task/scan-points.ts';
import type { ActionSpec } from '../../sim/task/task.ts';
import type { Controller } from './controller.ts';
import { WheelMixer } from './wheel-mixer.ts';

export interface DynamicWindowSettings {
  /** [m] around base_link */
  readonly robotRadius: number;
  /** [m/s] of either wheel, [rad/s] of the base */
  readonly maxSpeed: number;
  readonly maxTurnRate: number;
  /** [s] how old a scan is when it is read: half a turn of the lidar, its way, half the wait for the next */
  readonly scanAgeS: number;
  /** [s] how far a motion is looked at, and in which steps */
  readonly horizonS: number;
  readonly stepS: number;
  /** [1] speeds of each wheel that are tried */
  readonly numSpeeds: number;
  /** [m] beside the robot: nearer is a collision, and from where on nearness no longer counts */
  readonly touch: number;
  readonly shy: number;
  /** [s] from seeing to braking */
  readonly reactionS: number;
  /** [m] ahead on the way, where the robot faces */
  readonly ahead: number;
  /** What counts: [1/m] way to the goal that is left, [1/rad] facing away, [-] nearness, [-] collision, [s/m] backwards */
  readonly way: number;
  readonly facing: number;
  readonly nearness: number;
  readonly collision: number;
  readonly backwards: number;
}

/** [m] side of the map, and of a cell */
const MAP_SIZE = 7.1;
const CELL = 0.1;
/** [m] further from the goal than the robot, dear cells counted, that a motion may lead it */
const MARGIN = 2;
/** [m] from where it is led, within which it need not face it */
const ARRIVED = 0.15;

/** Limits: TurtleBot 4 User Manual, safe mode. Weights: by trial on seeds below 1000, none of which is judged. */
export const DYNAMIC_WINDOW_SETTINGS: DynamicWindowSettings = {
  robotRadius: 0.164,
  maxSpeed: 0.31,
  maxTurnRate: 1.9,
  scanAgeS: 0.2,
  horizonS: 1.6,
  stepS: 0.2,
  numSpeeds: 9,
  touch: 0.03,
  shy: 0.7,
  reactionS: 0.3,
  ahead: 0.6,
  way: 1,
  facing: 0.15,
  nearness: 1.5,
  collision: 0.5,
  backwards: 0.3,
};

/**
 * The dynamic window approach (D. Fox, W. Burgard, S. Thrun, IEEE Robotics & Automation Magazine 4(1), 1997): of all
 * motions that the wheels can reach within a period it follows for a while those on which the robot can still brake
 * before what the lidar sees, and takes the one that is best in way left, heading, clearance and speed. Way and
 * heading are those around the obstacles of the scan, see {@link LocalMap}, as planner and local planner share the work in
 * Nav2 (S. Macenski et al., "The Marathon 2", IROS 2020); speed is in the way left. What it sees it takes to
 * stand still. Where no motion is free it takes the least bad, backwards too; where it sees nothing it stands.
 */
export class DynamicWindow implements Controller {
  readonly name = 'dynamic-window';
  readonly #settings: DynamicWindowSettings;
  readonly #action: ActionSpec;
  readonly #drive: DifferentialDrive;
  readonly #mixer: WheelMixer;
  readonly #scan: ScanPoints;
  readonly #map: LocalMap;
  /** [m/s] largest change of a wheel's speed in one period, and braking [m/s²] */
  readonly #step: number;
  readonly #braking: number;
  /** Where a wheel of the left and one of the right lie in the action. */
  readonly #sides: readonly [number, number];
  readonly #wheels: Float64Array;
  readonly #twist = new Float64Array(2);
  /** [numNear, 2] m [@frame base_link] points that a motion can come near to */
  readonly #near: Float64Array;
  #numNear = 0;
  /** Whether the goal lies within the horizon: passing it is then as good as ending there. */
  #isArriving = false;

  /** @throws RangeError unless the robot drives on wheels of two sides that take speeds, and has a lidar */
  constructor(
    model: RobotModel,
    action: ActionSpec,
    periodS: number,
    settings: DynamicWindowSettings = DYNAMIC_WINDOW_SETTINGS,
  ) {
    this.#settings = settings;
    this.#action = action;
    this.#mixer = new WheelMixer(model);
    this.#drive = this.#mixer.drive;
    this.#scan = new ScanPoints(model);
    this.#near = new Float64Array(this.#scan.points.length);
    const { robotRadius, touch, shy } = settings;
    this.#map = new LocalMap({
      ...{ closed: robotRadius + touch, wide: robotRadius + shy },
      ...{ size: MAP_SIZE, cellSize: CELL, margin: MARGIN },
    });
    const { wheelRadius, left, right } = this.#drive;
    this.#braking = Math.min(...model.safety.maxCommandRate) * wheelRadius;
    this.#step = this.#braking * periodS;
    this.#sides = [
      model.actuatedJointNames.indexOf(left[0]!),
      model.actuatedJointNames.indexOf(right[0]!),
    ];
    this.#wheels = new Float64Array(model.actuatedJointNames.length);
  }

  compute(raw: Float32Array, view: RobotView, robot: number): void {
    const { scanAgeS, ahead } = this.#settings;
    this.#readTwist(view, robot);
    const [speed, turnRate] = [this.#twist[0]!, this.#twist[1]!];
    const scan = this.#scan;
    scan.take(view.scans.get(scan.sensorName)!, robot);
    if (scan.isBlind) {
      this.#twist.fill(0);
      this.#writeRaw(raw, robot);
      return;
    }
    scan.driveOn(speed, turnRate, scanAgeS);
    const { position } = view.reference;
    const dx = position[3 * robot]! - view.state.position[3 * robot]!;
    const dy = position[3 * robot + 1]! - view.state.position[3 * robot + 1]!;
    const yaw = computeYaw(view.state.orientation, 4 * robot);
    const goalX = Math.cos(yaw) * dx + Math.sin(yaw) * dy;
    const goalY = Math.cos(yaw) * dy - Math.sin(yaw) * dx;
    this.#map.update(scan.points, scan.numPoints, goalX, goalY);
    this.#map.findAhead(ahead);
    const { maxSpeed, horizonS } = this.#settings;
    this.#isArriving = Math.hypot(goalX, goalY) < maxSpeed * horizonS;
    this.#keepNear();
    this.#choose(speed, turnRate);
    this.#writeRaw(raw, robot);
  }

  /** How the robot was last told to move. */
  #readTwist({ memory }: RobotView, robot: number): void {
    const { scale, offset } = this.#action;
    const n = this.#wheels.length;
    const readWheel = (side: 0 | 1): number => {
      const k = this.#sides[side];
      return scale[k]! * memory.lastAction[robot * n + k]! + offset[k]!;
    };
    // The mixer's own wheels say which way a wheel rolls forward.
    this.#mixer.writeSpeeds(this.#wheels, this.#drive.wheelRadius, 0);
    const left = readWheel(0) * Math.sign(this.#wheels[this.#sides[0]]!);
    const right = readWheel(1) * Math.sign(this.#wheels[this.#sides[1]]!);
    writeTwist(this.#twist, this.#drive, left, right);
  }

  /** What no motion comes near to within the horizon need not be looked at again and again. */
  #keepNear(): void {
    const { maxSpeed, horizonS, robotRadius, shy } = this.#settings;
    const reach = maxSpeed * horizonS + robotRadius + shy;
    const { points, numPoints } = this.#scan;
    this.#numNear = 0;
    for (let o = 0; o < 2 * numPoints; o += 2) {
      if (points[o]! ** 2 + points[o + 1]! ** 2 > reach * reach) continue;
      this.#near[2 * this.#numNear] = points[o]!;
      this.#near[2 * this.#numNear + 1] = points[o + 1]!;
      this.#numNear++;
    }
  }

  /** Writes the best motion of the window into `#twist`. */
  #choose(speed: number, turnRate: number): void {
    const { maxSpeed, maxTurnRate, numSpeeds } = this.#settings;
    const half = this.#drive.wheelSeparation / 2;
    const turn = turnRate * half;
    const step = (2 * this.#step) / (numSpeeds - 1);
    const clearance = this.#computeClearance(0, 0);
    let best = Number.POSITIVE_INFINITY;
    for (let l = 0; l < numSpeeds; l++) {
      const left = clamp(speed - turn - this.#step + l * step, -maxSpeed, maxSpeed);
      for (let r = 0; r < numSpeeds; r++) {
        const right = clamp(speed + turn - this.#step + r * step, -maxSpeed, maxSpeed);
        const v = (left + right) / 2;
        const w = (right - left) / (2 * half);
        if (Math.abs(w) > maxTurnRate) continue;
        const cost = this.#rate(v, w, clearance);
        if (cost >= best) continue;
        best = cost;
        this.#twist[0] = v;
        this.#twist[1] = w;
      }
    }
  }

  /** What a motion costs. @param clearance [m] that there is now */
  #rate(v: number, w: number, clearance: number): number {
    const { horizonS, stepS, touch, shy, reactionS, ...weight } = this.#settings;
    // Where it touches already, whatever does not press on is free.
    const limit = Math.min(touch, clearance - 0.005);
    let [x, y, yaw, timeS] = [0, 0, 0, 0];
    let near = 0;
    let numSteps = 0;
    let way = Number.POSITIVE_INFINITY;
    let facing = 0;
    let hitS = Number.POSITIVE_INFINITY;
    while (timeS < horizonS - 1e-9) {
      const middle = yaw + (w * stepS) / 2;
      const nextX = x + v * stepS * Math.cos(middle);
      const nextY = y + v * stepS * Math.sin(middle);
      const here = this.#computeClearance(nextX, nextY);
      numSteps++;
      near += clamp((shy - here) / (shy - touch), 0, 1) ** 2;
      if (here < limit) {
        hitS = timeS;
        break;
      }
      timeS += stepS;
      x = nextX;
      y = nextY;
      yaw += w * stepS;
      if (!this.#isArriving) continue;
      const left = this.#map.computeWay(x, y);
      if (left >= way) continue;
      way = left;
      facing = this.#computeFacing(x, y, yaw);
    }
    if (way === Number.POSITIVE_INFINITY) {
      way = this.#map.computeWay(x, y);
      facing = this.#computeFacing(x, y, yaw);
    }
    const brakeS = reactionS + Math.abs(v) / (2 * this.#braking);
    // Not admissible: only where nothing else is left, the later the better.
    const isLost = hitS < brakeS && v !== 0;
    const lost = isLost ? 10 - hitS : 0;
    const soon = hitS < horizonS ? 1 - hitS / horizonS : 0;
    return (
      lost +
      weight.way * Math.min(way, 100) +
      weight.facing * facing +
      // On average, so that what is near already is a reason to go.
      (weight.nearness * near) / numSteps +
      weight.collision * soon +
      weight.backwards * Math.max(0, -v)
    );
  }

  /** By how much it would face away from where it is led; no matter where that is reached. [rad] */
  #computeFacing(x: number, y: number, yaw: number): number {
    const { ahead } = this.#map;
    const [dx, dy] = [ahead[0]! - x, ahead[1]! - y];
    if (dx * dx + dy * dy < ARRIVED * ARRIVED) return 0;
    return Math.abs(wrapAngle(Math.atan2(dy, dx) - yaw));
  }

  /** Beside the robot, were it there. [m] */
  #computeClearance(x: number, y: number): number {
    const near = this.#near;
    let square = Number.POSITIVE_INFINITY;
    for (let o = 0; o < 2 * this.#numNear; o += 2) {
      const dx = near[o]! - x;
      const dy = near[o + 1]! - y;
      const d = dx * dx + dy * dy;
      if (d < square) square = d;
    }
    return Math.sqrt(square) - this.#settings.robotRadius;
  }

  #writeRaw(raw: Float32Array, robot: number): void {
    const { scale, offset, clip } = this.#action;
    this.#mixer.writeSpeeds(this.#wheels, this.#twist[0]!, this.#twist[1]!);
    const n = this.#wheels.length;
    for (let k = 0; k < n; k++) {
      const wanted = (this.#wheels[k]! - offset[k]!) / scale[k]!;
      raw[robot * n + k] = clamp(wanted, clip[0], clip[1]);
    }
  }
}
