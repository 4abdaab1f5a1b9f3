import { computeYaw } from '../math/quat.ts';
import type { Numbers } from '../math/vec3.ts';
import type { RobotModel } from '../robot/model.ts';
import type { LidarSensor } from '../robot/sensor-model.ts';
import { isPoseKnown, LatestScans } from './latest-scans.ts';
import { LidarSectors, readRange } from './lidar-sectors.ts';
import type { RobotView } from './robot-view.ts';
import { ScanPoints } from './scan-points.ts';

/** The latest scans of one robot. */
interface Trail {
  /** [numScans] of [numPoints, 2] m [@frame odom]; a ring */
  readonly points: readonly Float64Array[];
  /** [numScans] */
  readonly numPoints: Int32Array;
  /** In the ring. */
  newest: number;
}

/**
 * The latest scans of a lidar as they lie around the robot now: what was hit is kept in odom, by the pose that was
 * measured when the scan came, and looked at from where the robot is. What stands is then at one place in all of them,
 * however the robot turns meanwhile, and what walks is not.
 */
export class ScanTrail {
  readonly sensor: LidarSensor;
  readonly #sensorName: string;
  readonly #numScans: number;
  readonly #scan: ScanPoints;
  readonly #sectors: LidarSectors;
  readonly #latest: LatestScans;
  /** [s] nominal, from a scan to its arrival */
  readonly #latencyS: number;
  /** By robot. */
  readonly #trails: (Trail | undefined)[] = [];
  /** [numSectors] valid rays of the scan that is being taken */
  readonly #numValid: Int32Array;

  /** @param sensorName a lidar that {@link checkLidarSectors} has nothing against */
  constructor(model: RobotModel, sensorName: string, numSectors: number, numScans: number) {
    this.#sensorName = sensorName;
    this.#numScans = numScans;
    this.#scan = new ScanPoints(model, sensorName);
    this.#sectors = new LidarSectors(model, sensorName, numSectors);
    this.#latest = new LatestScans(this.#sectors.azimuth.length);
    this.sensor = this.#sectors.sensor;
    this.#latencyS = this.sensor.latencyS;
    this.#numValid = new Int32Array(numSectors);
  }

  /** Every scan again as the first one that comes. */
  reset(robot: number): void {
    this.#trails[robot] = undefined;
    this.#latest.reset(robot);
  }

  /** Looks whether a scan has come that is not the last one, and keeps it if it is known where. */
  take(view: RobotView, robot: number): void {
    if (!isPoseKnown(view, robot)) return;
    const taken = this.#latest.take(view.scans.get(this.#sensorName)!, robot);
    if (taken === undefined) return;
    const first = this.#trails[robot] === undefined;
    const trail = this.#trails[robot] ?? this.#makeTrail();
    this.#trails[robot] = trail;
    this.#scan.take(taken, 0);
    trail.newest = (trail.newest + 1) % this.#numScans;
    this.#keep(trail, taken, view, robot);
    if (!first) return;
    for (let k = 0; k < this.#numScans; k++) {
      trail.points[k]!.set(trail.points[trail.newest]!);
      trail.numPoints[k] = trail.numPoints[trail.newest]!;
    }
  }

  /**
   * Writes [numScans, numSectors], oldest first: the distance from base_link of the nearest point in each sector. [m]
   * +Infinity where there is none; NaN everywhere if the robot's pose is not known.
   */
  write(out: Float32Array, offset: number, view: RobotView, robot: number): void {
    const count = this.#sectors.numSectors;
    const end = offset + this.#numScans * count;
    const trail = this.#trails[robot];
    if (trail === undefined || !isPoseKnown(view, robot)) {
      out.fill(Number.NaN, offset, end);
      return;
    }
    out.fill(Infinity, offset, end);
    const { position, orientation } = view.state;
    const [x, y] = [position[3 * robot]!, position[3 * robot + 1]!];
    const yaw = computeYaw(orientation, 4 * robot);
    for (let k = 0; k < this.#numScans; k++) {
      const slot = (trail.newest + 1 + k) % this.#numScans;
      const points = trail.points[slot]!;
      const at = offset + k * count;
      for (let p = 0; p < 2 * trail.numPoints[slot]!; p += 2) {
        const [dx, dy] = [points[p]! - x, points[p + 1]! - y];
        const distance = Math.sqrt(dx * dx + dy * dy);
        const sector = this.#sectors.findSectorAt(Math.atan2(dy, dx) - yaw);
        if (distance < out[at + sector]!) out[at + sector] = distance;
      }
    }
  }

  #makeTrail(): Trail {
    const { maxPoints } = this.#scan;
    const room = 2 * (maxPoints + this.#sectors.numSectors);
    return {
      points: Array.from({ length: this.#numScans }, () => new Float64Array(room)),
      numPoints: new Int32Array(this.#numScans),
      newest: 0,
    };
  }

  /** The scan as it was when it was taken, into odom. */
  #keep(trail: Trail, taken: Numbers, view: RobotView, robot: number): void {
    const slot = trail.newest;
    const { position, orientation, linearVelocityW, angularVelocityB } = view.state;
    const yaw = computeYaw(orientation, 4 * robot);
    const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)];
    const i = 3 * robot;
    const speed = cos * linearVelocityW[i]! + sin * linearVelocityW[i + 1]!;
    this.#scan.driveOn(speed, angularVelocityB[i + 2]!, this.#latencyS);
    const out = trail.points[slot]!;
    let at = 0;
    const add = (x: number, y: number) => {
      out[at++] = position[i]! + cos * x - sin * y;
      out[at++] = position[i + 1]! + sin * x + cos * y;
    };
    const { points, numPoints } = this.#scan;
    for (let p = 0; p < 2 * numPoints; p += 2) add(points[p]!, points[p + 1]!);
    this.#countValid(taken);
    const { minRange } = this.#sectors.sensor;
    // Blind is not free: something may stand right there.
    for (let s = 0; s < this.#numValid.length; s++) {
      if (this.#numValid[s]! > 0) continue;
      const azimuth = this.#sectors.getMiddle(s);
      add(minRange * Math.cos(azimuth), minRange * Math.sin(azimuth));
    }
    trail.numPoints[slot] = at / 2;
  }

  #countValid(range: Numbers): void {
    const { minRange, maxRange } = this.#sectors.sensor;
    this.#numValid.fill(0);
    for (let r = 0; r < range.length; r++) {
      if (readRange(range[r]!, minRange, maxRange) < 0) continue;
      this.#numValid[this.#sectors.findSector(r)]!++;
    }
  }
}
