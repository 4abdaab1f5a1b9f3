import { UserError } from '../errors.ts';
import { writeRotated } from '../math/quat.ts';
import type { RobotModel } from '../robot/model.ts';
import { makeLidarDirections } from '../robot/ray-directions.ts';
import { computeRigidBodies, getBodyFromLink } from '../robot/rigid-bodies.ts';
import type { LidarSensor } from '../robot/sensor-model.ts';
import { composeTransforms } from '../robot/transform.ts';

/** Every lidar of a robot, in the order of robot.yaml. */
export function listLidars({ sensors }: Pick<RobotModel, 'sensors'>): readonly LidarSensor[] {
  return sensors.flatMap((sensor) => (sensor.kind === 'lidar' ? [sensor] : []));
}

/** [1] rays of one scan */
export function countRays({ numAzimuths, elevations }: LidarSensor): number {
  return numAzimuths * elevations.length;
}

/** [rad] by which rounding may miss the border of a sector */
const BORDER = 1e-9;
/** [-] height gained along a ray, above which a lidar does not look around it in a plane: 3° */
const LEVEL = 0.05;

/**
 * The surroundings in equal sectors, as planners and small networks want them: the nearest that any ray of a sector
 * sees, from the lidar's own axis. Sectors go counterclockwise in base_link (REP-103), whichever way the lidar is
 * mounted and turns: the first begins behind the robot, at −π; a ray on a border belongs to the sector on its left.
 *
 * What is no distance (REP-117): +Infinity, and anything beyond `maxRange`, counts as `maxRange`; −Infinity, too near
 * to measure, as 0. NaN, and what lies below `minRange` without being −Infinity, is a fault of that ray and left out.
 * A sector without a valid ray is 0: blind is not free.
 */
export class LidarSectors {
  readonly sensor: LidarSensor;
  readonly numSectors: number;
  /** [numRays] rad in [−π, π] of each ray [@frame base_link] */
  readonly azimuth: Float64Array;
  readonly #numRays: number;
  readonly #minRange: number;
  readonly #maxRange: number;
  /** [numRays] */
  readonly #sector: Int32Array;

  /** @param sensorName a lidar that {@link checkLidarSectors} has nothing against */
  constructor(model: RobotModel, sensorName: string, numSectors: number) {
    const sensor = listLidars(model).find(({ name }) => name === sensorName);
    if (sensor === undefined) throw new RangeError(`LidarSectors: no lidar '${sensorName}'`);
    this.sensor = sensor;
    this.numSectors = numSectors;
    const directions = computeBaseDirections(model, sensor);
    this.#numRays = directions.length / 3;
    this.#minRange = sensor.minRange;
    this.#maxRange = sensor.maxRange;
    this.azimuth = new Float64Array(this.#numRays);
    this.#sector = new Int32Array(this.#numRays);
    for (let r = 0; r < this.#numRays; r++) {
      const azimuth = Math.atan2(directions[3 * r + 1]!, directions[3 * r]!);
      this.azimuth[r] = azimuth;
      this.#sector[r] = this.findSectorAt(azimuth);
    }
  }

  /** Which sector an azimuth is in. [rad] [@frame base_link] */
  findSectorAt(azimuth: number): number {
    const share = (azimuth + Math.PI + BORDER) / (2 * Math.PI);
    return Math.floor((share - Math.floor(share)) * this.numSectors) % this.numSectors;
  }

  /** Azimuth of a sector's middle. [rad] [@frame base_link] */
  getMiddle(sector: number): number {
    return ((sector + 0.5) / this.numSectors) * 2 * Math.PI - Math.PI;
  }

  /** Which sector a ray looks into. */
  findSector(ray: number): number {
    return this.#sector[ray]!;
  }

  /**
   * Writes one number per sector. [m] @range 0, maxRange
   * @param range [numRobots, numRays] m
   */
  write(out: Float32Array, offset: number, range: Float64Array, robot: number): void {
    const end = offset + this.numSectors;
    for (let k = offset; k < end; k++) out[k] = -1;
    const row = robot * this.#numRays;
    for (let r = 0; r < this.#numRays; r++) {
      const distance = readRange(range[row + r]!, this.#minRange, this.#maxRange);
      const k = offset + this.#sector[r]!;
      if (distance >= 0 && (out[k]! < 0 || distance < out[k]!)) out[k] = distance;
    }
    for (let k = offset; k < end; k++) if (out[k]! < 0) out[k] = 0;
  }
}

/** What one ray says of the way that is free: [m] @range 0, maxRange; −1: nothing. See {@link LidarSectors}. */
export function readRange(range: number, minRange: number, maxRange: number): number {
  if (range > maxRange) return maxRange;
  if (range >= minRange) return range;
  return range === Number.NEGATIVE_INFINITY ? 0 : -1;
}

/** [numRays, 3] unit vectors [@frame base_link] of a lidar that is fixed to the base. */
function computeBaseDirections(model: RobotModel, sensor: LidarSensor): Float64Array {
  const [root] = computeRigidBodies(model);
  const baseFromLink = getBodyFromLink(root!, sensor.link);
  const { rotation } = composeTransforms(baseFromLink, sensor.linkFromSensor);
  const directions = makeLidarDirections(sensor);
  for (let o = 0; o < directions.length; o += 3) {
    writeRotated(directions, o, rotation, 0, directions, o);
  }
  return directions;
}

/** What keeps a robot from having its surroundings in sectors. */
export function checkLidarSectors(
  model: RobotModel,
  sensorName: string | undefined,
  numSectors: number,
  where: string,
): UserError[] {
  const lidars = listLidars(model);
  const refuse = (problem: string, expected: string, got: string): UserError[] => [
    new UserError({
      ...{ where, problem, expected, got },
      remedy: `Describe the lidar in the robot.yaml of '${model.name}', or observe something else`,
    }),
  ];
  const sensor = lidars.find(({ name }) => name === sensorName);
  if (sensor === undefined) {
    const names = lidars.map(({ name }) => name).join(', ') || 'none';
    return refuse('the term needs the name of a lidar', `one of: ${names}`, `${sensorName}`);
  }
  if (numSectors > sensor.numAzimuths) {
    return refuse('more sectors than rays', `at most ${sensor.numAzimuths}`, `${numSectors}`);
  }
  const [root] = computeRigidBodies(model);
  if (!root!.links.some(({ name }) => name === sensor.link)) {
    return refuse('the lidar moves against base_link', 'a lidar fixed to the base', sensor.link);
  }
  const directions = computeBaseDirections(model, sensor);
  if (directions.some((value, k) => k % 3 === 2 && Math.abs(value) > LEVEL)) {
    return refuse('the lidar does not look around it in a plane', 'one level ring', sensor.name);
  }
  return [];
}
