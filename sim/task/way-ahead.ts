import { computeYaw } from '../math/quat.ts';
import type { RobotModel } from '../robot/model.ts';
import { isPoseKnown, LatestScans } from './latest-scans.ts';
import { countRays, listLidars } from './lidar-sectors.ts';
import { LocalMap } from './local-map.ts';
import type { RobotView } from './robot-view.ts';
import { ScanPoints } from './scan-points.ts';

/** [m] side of the map, and of a cell: a tenth of a millisecond a scan */
const MAP_SIZE = 5.25;
const CELL = 0.15;

/**
 * Where the shortest way to the goal leads, around what the latest scan shows: a navigation function on a grid, as
 * planners have it, see {@link LocalMap}. It is found once for every scan, and kept in odom: until the next one comes the
 * robot goes on towards the same point. Where no way shows, or nothing at all, it leads straight to the goal.
 */
export class WayAhead {
  readonly #sensorName: string;
  readonly #scan: ScanPoints;
  readonly #latest: LatestScans;
  readonly #map: LocalMap;
  /** [s] nominal, from a scan to its arrival */
  readonly #latencyS: number;
  /** By robot, [2] m [@frame odom] where the way leads to, and the goal that it was found for */
  readonly #leads: (Float64Array | undefined)[] = [];
  readonly #goals: (Float64Array | undefined)[] = [];

  /**
   * @param sensorName a lidar that checkLidarSectors has nothing against
   * @param clearance [m] from base_link to what is in the way, at least
   */
  constructor(model: RobotModel, sensorName: string, clearance: number) {
    const sensor = listLidars(model).find(({ name }) => name === sensorName);
    if (sensor === undefined) throw new RangeError(`WayAhead: no lidar '${sensorName}'`);
    this.#sensorName = sensorName;
    this.#scan = new ScanPoints(model, sensorName);
    this.#latest = new LatestScans(countRays(sensor));
    this.#map = new LocalMap({
      ...{ closed: clearance, wide: clearance + CELL },
      ...{ size: MAP_SIZE, cellSize: CELL, margin: 0 },
    });
    this.#latencyS = sensor.latencyS;
  }

  reset(robot: number): void {
    this.#latest.reset(robot);
    this.#leads[robot] = undefined;
  }

  /** Finds the way anew if a scan has come, or the goal is another. */
  take(view: RobotView, robot: number): void {
    if (!isPoseKnown(view, robot)) return;
    const { position } = view.reference;
    const [x, y] = [position[3 * robot]!, position[3 * robot + 1]!];
    this.#goals[robot] ??= new Float64Array(2).fill(Number.NaN);
    const goal = this.#goals[robot];
    const isOtherGoal = goal[0] !== x || goal[1] !== y;
    if (isOtherGoal) this.#latest.reset(robot);
    const taken = this.#latest.take(view.scans.get(this.#sensorName)!, robot);
    if (taken === undefined) return;
    goal[0] = x;
    goal[1] = y;
    this.#scan.take(taken, 0);
    this.#find(view, robot);
  }

  /** Writes cosine and sine of the bearing of where the way leads to; NaN if pose or goal are not known. */
  write(out: Float32Array, offset: number, view: RobotView, robot: number): void {
    const lead = this.#leads[robot];
    if (lead === undefined || !isPoseKnown(view, robot)) {
      out.fill(Number.NaN, offset, offset + 2);
      return;
    }
    const { position, orientation } = view.state;
    const [dx, dy] = [lead[0]! - position[3 * robot]!, lead[1]! - position[3 * robot + 1]!];
    const bearing = Math.atan2(dy, dx) - computeYaw(orientation, 4 * robot);
    out[offset] = Math.cos(bearing);
    out[offset + 1] = Math.sin(bearing);
  }

  #find({ state, reference }: RobotView, robot: number): void {
    const i = 3 * robot;
    const yaw = computeYaw(state.orientation, 4 * robot);
    const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)];
    const [x, y] = [state.position[i]!, state.position[i + 1]!];
    const [dx, dy] = [reference.position[i]! - x, reference.position[i + 1]! - y];
    const map = this.#map;
    const { ahead } = map;
    ahead[0] = cos * dx + sin * dy;
    ahead[1] = cos * dy - sin * dx;
    if (!this.#scan.isBlind && Number.isFinite(dx + dy)) {
      const speed = cos * state.linearVelocityW[i]! + sin * state.linearVelocityW[i + 1]!;
      this.#scan.driveOn(speed, state.angularVelocityB[i + 2]!, this.#latencyS);
      const [goalX, goalY] = [ahead[0], ahead[1]];
      map.update(this.#scan.points, this.#scan.numPoints, goalX, goalY);
      const hasWay = map.computeWay(0, 0) < Number.POSITIVE_INFINITY;
      if (!hasWay || map.findLead()) {
        ahead[0] = goalX;
        ahead[1] = goalY;
      }
    }
    this.#leads[robot] ??= new Float64Array(2);
    this.#leads[robot][0] = x + cos * ahead[0]! - sin * ahead[1]!;
    this.#leads[robot][1] = y + sin * ahead[0]! + cos * ahead[1]!;
  }
}
