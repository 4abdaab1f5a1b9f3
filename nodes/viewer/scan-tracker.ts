import { writeRotated } from '../../sim/math/quat.ts';
import type { Numbers } from '../../sim/math/vec3.ts';
import type { Transform } from '../../sim/robot/geometry.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import type { LidarSensor } from '../../sim/robot/sensor-model.ts';
import { composeTransforms } from '../../sim/robot/transform.ts';
import { assertFrame } from '../convert/parts.ts';
import { assertNumRays, isPlanar, readCloudPoints, readScanPoints } from '../convert/ranges.ts';
import { toNs } from '../convert/stamp.ts';
import type { Header } from '../ros/messages.ts';
import type { RosNode } from '../ros/port.ts';
import { FramePoses } from '../sensor-frames.ts';
import { getSensorFrameId, getSensorTopic, SENSOR_TOPICS } from '../topics.ts';
import type { PoseHistory } from './pose-history.ts';

export interface ScanTrackerOptions {
  readonly robot: string;
  readonly model: RobotModel;
  readonly mapFromOdom: Transform;
  /** Where the robot was, by the stamps of its odometry. */
  readonly history: PoseHistory;
  /** [numJoints] rad or m, kept up to date by its owner */
  readonly jointPosition: Numbers;
  /** @param points [numPoints, 3] m [@frame map] of lidar number `index`, the first is 0 */
  readonly onPoints: (index: number, points: Float32Array) => void;
}

/** [1] most points of one scan that a page gets: a cloud is thinned out evenly */
export const MAX_POINTS = 4096;

/** What a robot's lidars see, as points in the map, each scan from where the robot was when it was taken. */
export class ScanTracker {
  readonly #options: ScanTrackerOptions;
  readonly #poses: FramePoses;

  constructor(node: RosNode, options: ScanTrackerOptions) {
    this.#options = options;
    const lidars = listLidars(options.model);
    this.#poses = new FramePoses(
      options.model,
      lidars.map(({ link, linkFromSensor }) => ({ link, linkFromFrame: linkFromSensor })),
    );
    lidars.forEach((lidar, index) => {
      this.#subscribe(node, lidar, index);
    });
  }

  #subscribe(node: RosNode, lidar: LidarSensor, index: number): void {
    const { robot } = this.#options;
    const numRays = lidar.numAzimuths * lidar.elevations.length;
    const hits = new Float32Array(3 * numRays);
    const frame = getSensorFrameId(robot, lidar);
    const { scan, points } = SENSOR_TOPICS;
    if (isPlanar(lidar)) {
      const topic = getSensorTopic(robot, scan, lidar.name);
      node.createSubscription(scan.type, topic, scan.qos, (message) => {
        assertFrame('LaserScan, header.frame_id', frame, message.header.frame_id);
        assertNumRays('LaserScan, ranges', numRays, message.ranges.length);
        this.#take(index, message.header, hits.subarray(0, 3 * readScanPoints(hits, message)));
      });
      return;
    }
    const topic = getSensorTopic(robot, points, lidar.name);
    node.createSubscription(points.type, topic, points.qos, (message) => {
      assertFrame('PointCloud2, header.frame_id', frame, message.header.frame_id);
      assertNumRays('PointCloud2, data', numRays, message.data.length / message.point_step);
      this.#take(index, message.header, hits.subarray(0, 3 * readCloudPoints(hits, message)));
    });
  }

  /** @param hits [numHits, 3] m [@frame of the sensor] */
  #take(index: number, { stamp }: Header, hits: Float32Array): void {
    const { history, jointPosition, mapFromOdom, onPoints } = this.#options;
    const odomFromBase = history.find(Number(toNs(stamp)) / 1e9);
    if (odomFromBase === undefined) return;
    this.#poses.compute(jointPosition);
    const mapFromBase = composeTransforms(mapFromOdom, odomFromBase);
    const { translation, rotation } = composeTransforms(mapFromBase, this.#poses.get(index));
    const stride = Math.max(1, Math.ceil(hits.length / 3 / MAX_POINTS));
    const points = new Float32Array(3 * Math.ceil(hits.length / 3 / stride));
    for (let p = 0; p < points.length; p += 3) {
      writeRotated(points, p, rotation, 0, hits, p * stride);
      for (let k = 0; k < 3; k++) points[p + k] = points[p + k]! + translation[k]!;
    }
    onPoints(index, points);
  }
}

function listLidars({ sensors }: RobotModel): LidarSensor[] {
  return sensors.flatMap((sensor) => (sensor.kind === 'lidar' ? [sensor] : []));
}
