import type { RobotModel } from '../robot/model.ts';
import { LidarSectors } from './lidar-sectors.ts';
import type { ObservationTermKind } from './observation-terms.ts';
import { ScanTrail } from './scan-trail.ts';
import type { ObservationTerm } from './task.ts';
import { WayAhead } from './way-ahead.ts';

/** What terms have in common that say how near things are, sector by sector. */
const NEARNESS = {
  unit: '1/m',
  frame: 'base_link',
  sensor: 'lidar',
  columns: 'sectors',
  mirror: 'sectors',
} as const;

/** The observation terms of what a lidar sees, by name. */
export const LIDAR_TERMS = {
  lidarSectors: {
    description: 'The nearest that a lidar sees in each of `width` sectors, see lidar-sectors.ts',
    unit: 'm',
    frame: 'base_link',
    sensor: 'lidar',
    columns: 'sectors',
    mirror: 'sectors',
    make: (model, _jointNames, spec) => {
      const { sensor = '', width = 0 } = spec ?? {};
      const sectors = new LidarSectors(model, sensor, width);
      return (out, offset, view, robot) => {
        sectors.write(out, offset, view.scans.get(sensor)!, robot);
      };
    },
  },
  lidarNearness: {
    description: 'One by the distance that `lidarSectors` tells: the nearer, the finer it is',
    ...NEARNESS,
    make: (model, _jointNames, spec) => {
      const { sensor = '', width = 0 } = spec ?? {};
      const sectors = new LidarSectors(model, sensor, width);
      const { minRange } = sectors.sensor;
      return (out, offset, view, robot) => {
        sectors.write(out, offset, view.scans.get(sensor)!, robot);
        for (let k = offset; k < offset + width; k++) out[k] = 1 / Math.max(out[k]!, minRange);
      };
    },
  },
  lidarTrail: {
    description:
      'One by the distance from base_link of the nearest in each of `width` sectors, in the latest `history` scans as they lie around the robot now, see scan-trail.ts; 0 where nothing was hit',
    ...NEARNESS,
    keepsHistory: true,
    make: (model, _jointNames, spec) => {
      const { sensor = '', width = 0, history = 1 } = spec ?? {};
      return makeTrailTerm(model, sensor, width, history);
    },
  },
  lidarMotion: {
    description:
      'By how much one by the distance from base_link has grown in each of `width` sectors since each of the `history` scans before the latest, as they lie around the robot now: 0 for what stands, above it for what comes nearer; see scan-trail.ts',
    ...NEARNESS,
    keepsHistory: true,
    make: (model, _jointNames, spec) => {
      const { sensor = '', width = 0, history = 1 } = spec ?? {};
      const writeTrail = makeTrailTerm(model, sensor, width, history + 1);
      const nearness = new Float32Array((history + 1) * width);
      return (out, offset, view, robot) => {
        writeTrail(nearness, 0, view, robot);
        for (let k = 0; k < history * width; k++) {
          out[offset + k] = nearness[history * width + (k % width)]! - nearness[k]!;
        }
      };
    },
  },
  wayDirectionB: {
    description:
      'Cosine and sine of the bearing of where the shortest way to the goal leads, around what a lidar shows, see way-ahead.ts',
    unit: '-',
    frame: 'base_link',
    sensor: 'lidar',
    needsClearance: true,
    columns: 'plane',
    mirror: { y: -1 },
    make: (model, _jointNames, spec) => {
      const { sensor = '', clearance = Number.NaN } = spec ?? {};
      const way = new WayAhead(model, sensor, clearance);
      return (out, offset, view, robot) => {
        if (view.memory.timeS[robot] === 0) way.reset(robot);
        way.take(view, robot);
        way.write(out, offset, view, robot);
      };
    },
  },
} satisfies Readonly<Record<string, ObservationTermKind>>;

/** Writes [numScans, numSectors], oldest first: one by the distance from base_link. [1/m] */
function makeTrailTerm(
  model: RobotModel,
  sensor: string,
  numSectors: number,
  numScans: number,
): ObservationTerm {
  const trail = new ScanTrail(model, sensor, numSectors, numScans);
  const { minRange } = trail.sensor;
  return (out, offset, view, robot) => {
    if (view.memory.timeS[robot] === 0) trail.reset(robot);
    trail.take(view, robot);
    trail.write(out, offset, view, robot);
    for (let k = offset; k < offset + numScans * numSectors; k++) {
      out[k] = 1 / Math.max(out[k]!, minRange);
    }
  };
}
