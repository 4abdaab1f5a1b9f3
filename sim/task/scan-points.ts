import type { MutableNumbers, Numbers } from '../math/vec3.ts';
import type { RobotModel } from '../robot/model.ts';
import { computeRigidBodies, getBodyFromLink } from '../robot/rigid-bodies.ts';
import { composeTransforms } from '../robot/transform.ts';
import { LidarSectors, listLidars, readRange } from './lidar-sectors.ts';

/** [1] the nearest ray of every 3° stands for all in it: 5 cm apart at 1 m */
const NUM_SECTORS = 120;

/** What a lidar has hit, as points around the robot: the nearest of each of {@link NUM_SECTORS} sectors. */
export class ScanPoints {
  readonly sensorName: string;
  /** [numPoints, 2] m x, y [@frame base_link where it was when the scan was taken] */
  readonly points = new Float64Array(2 * NUM_SECTORS);
  numPoints = 0;
  readonly maxPoints = NUM_SECTORS;
  /** Whether no ray at all says anything: then nobody knows what is there. */
  isBlind = true;
  readonly #sectors: LidarSectors;
  /** [m] [@frame base_link] of the lidar */
  readonly #mount: readonly [number, number];
  /** [numRays] of each ray's direction [@frame base_link] */
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  /** [NUM_SECTORS] ray that sees the nearest of its sector; −1 for none */
  readonly #nearest = new Int32Array(NUM_SECTORS);

  /** @param sensorName default: the first lidar @throws RangeError for a robot without that lidar */
  constructor(model: RobotModel, sensorName?: string) {
    const lidar = listLidars(model).find(({ name }) => name === (sensorName ?? name));
    if (lidar === undefined) {
      const which = sensorName === undefined ? '' : ` '${sensorName}'`;
      throw new RangeError(`robot '${model.name}' has no lidar${which}`);
    }
    this.sensorName = lidar.name;
    this.#sectors = new LidarSectors(model, lidar.name, NUM_SECTORS);
    const [root] = computeRigidBodies(model);
    const baseFromLink = getBodyFromLink(root!, lidar.link);
    const [x, y] = composeTransforms(baseFromLink, lidar.linkFromSensor).translation;
    this.#mount = [x, y];
    this.#cos = this.#sectors.azimuth.map(Math.cos);
    this.#sin = this.#sectors.azimuth.map(Math.sin);
  }

  /**
   * Takes the scan of one robot. What is too near to measure is a point at the lidar itself; rays at fault say nothing.
   * @param range [numRobots, numRays] m
   */
  take(range: Numbers, robot: number): void {
    const { minRange, maxRange } = this.#sectors.sensor;
    const numRays = this.#cos.length;
    const row = robot * numRays;
    this.#nearest.fill(-1);
    this.isBlind = true;
    for (let r = 0; r < numRays; r++) {
      const distance = readRange(range[row + r]!, minRange, maxRange);
      if (distance < 0) continue;
      this.isBlind = false;
      if (distance >= maxRange) continue;
      const sector = this.#sectors.findSector(r);
      const best = this.#nearest[sector]!;
      if (best < 0 || distance < readRange(range[row + best]!, minRange, maxRange)) {
        this.#nearest[sector] = r;
      }
    }
    this.numPoints = 0;
    for (let s = 0; s < NUM_SECTORS; s++) {
      const r = this.#nearest[s]!;
      if (r < 0) continue;
      const distance = readRange(range[row + r]!, minRange, maxRange);
      const o = 2 * this.numPoints++;
      this.points[o] = this.#mount[0] + distance * this.#cos[r]!;
      this.points[o + 1] = this.#mount[1] + distance * this.#sin[r]!;
    }
  }

  /** Moves the points into base_link as it is after driving on at a steady twist. @param speed [m/s] @param turnRate [rad/s] @param timeS [s] */
  driveOn(speed: number, turnRate: number, timeS: number): void {
    const angle = turnRate * timeS;
    // The chord of the arc, at half the angle.
    const x = speed * timeS * Math.cos(angle / 2);
    const y = speed * timeS * Math.sin(angle / 2);
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const out: MutableNumbers = this.points;
    for (let o = 0; o < 2 * this.numPoints; o += 2) {
      const [dx, dy] = [out[o]! - x, out[o + 1]! - y];
      out[o] = cos * dx + sin * dy;
      out[o + 1] = cos * dy - sin * dx;
    }
  }
}
