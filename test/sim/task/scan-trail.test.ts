import { describe, expect, it } from 'vitest';
import { writeFromRollPitchYaw } from '../../../sim/math/quat.ts';
import type { LidarSensor } from '../../../sim/robot/sensor-model.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { makeObservationPipeline } from '../../../sim/task/observation.ts';
import { makeReferenceBatch, makeScanBatch } from '../../../sim/task/robot-view.ts';
import type { ObservationTermSpec } from '../../../sim/task/task.ts';
import { makeRover } from '../../kit/rover.ts';

const { PI } = Math;

/** Eight rays, 45° apart, the first behind; in the middle of the robot. */
function makeLidar(latencyS = 0): LidarSensor {
  return {
    ...{ kind: 'lidar', name: 'scan', link: 'base_link', rateHz: 10, latencyS },
    linkFromSensor: { translation: [0, 0, 0.2], rotation: [0, 0, 0, 1] },
    ...{ azimuth: [-PI, PI], numAzimuths: 8, elevations: [0], minRange: 0.15, maxRange: 5 },
    range: { noise: 0, bias: 0 },
  };
}

const TERM: ObservationTermSpec = {
  ...{ name: 'lidarTrail', unit: '1/m', frame: 'base_link', sensor: 'scan', width: 4, history: 3 },
};
const DT = 0.1;

/** Robots that look: each call is one control step. */
function makeLooker({ numRobots = 1, latencyS = 0, term = TERM } = {}) {
  const model = makeRover({ sensors: [makeLidar(latencyS)] });
  const pipeline = makeObservationPipeline({ terms: [term], model, numRobots });
  const state = makeStateBatch(numRobots, model.jointNames.length);
  const scans = makeScanBatch(model, numRobots);
  const view = pipeline.makeView(state, makeReferenceBatch(numRobots), scans);
  const range = scans.get('scan')!.fill(Number.POSITIVE_INFINITY);
  for (let robot = 0; robot < numRobots; robot++) state.orientation[4 * robot + 3] = 1;
  const look = (): number[] => {
    pipeline.updateMemory(view, DT);
    const out = new Float32Array(numRobots * pipeline.width);
    pipeline.write(out, view);
    return [...out].map((value) => Math.round(value * 1e4) / 1e4);
  };
  const stand = (x: number, y: number, yaw: number, robot = 0) => {
    state.position.set([x, y, 0], 3 * robot);
    writeFromRollPitchYaw(state.orientation, 4 * robot, 0, 0, yaw);
  };
  return { pipeline, state, range, look, stand };
}

const NONE = [0, 0, 0, 0];

/** Sectors of a quarter: behind to the right, ahead to the right, ahead to the left, behind to the left. */
describe('the observation term lidarTrail', () => {
  it('shows what stands at one place in every scan, however the robot turns and drives', () => {
    const { range, look, stand } = makeLooker();
    // Ray 5 looks 45° to the left: 2 m along it.
    range[5] = 2;
    expect(look()).toEqual([0, 0, 0.5, 0, 0, 0, 0.5, 0, 0, 0, 0.5, 0]);
    // A quarter to the left: what was ahead to the left is ahead to the right, in the old scans, too.
    stand(0, 0, PI / 2);
    range.fill(Infinity);
    range[3] = 2;
    expect(look()).toEqual([0, 0.5, 0, 0, 0, 0.5, 0, 0, 0, 0.5, 0, 0]);
    // It drives to 1 m before it, and no scan comes.
    stand(Math.SQRT1_2, Math.SQRT1_2, PI / 2);
    expect(look()).toEqual([0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0]);
  });

  it('shows what walks where it was, scan by scan, oldest first', () => {
    const { range, look } = makeLooker();
    range[5] = 4;
    look();
    range[5] = 2;
    look();
    // The same scan again is none.
    look();
    range[5] = 1;
    expect(look()).toEqual([0, 0, 0.25, 0, 0, 0, 0.5, 0, 0, 0, 1, 0]);
  });

  it('puts a scan where the robot was when it was taken', () => {
    const { range, look, state } = makeLooker({ latencyS: 0.5 });
    // Along the middle of a sector; at 1 m/s ahead and half a second of age it is half a metre nearer.
    range[4] = 2.5;
    state.linearVelocityW[0] = 1;
    expect(look().slice(8)).toEqual([0, 0, 0.5, 0]);
  });

  it('takes blind for the nearest that there is, and an unknown pose for no observation', () => {
    const { range, look, state } = makeLooker();
    range.fill(Number.NaN, 0, 2);
    expect(look().slice(8)).toEqual([6.6667, 0, 0, 0]);
    state.position[0] = Number.NaN;
    range.fill(3);
    expect(look()).toEqual(Array.from({ length: 12 }, () => Number.NaN));
    // Nothing of it is kept; the scan counts once the pose is known.
    state.position[0] = 0;
    expect(look().slice(4)).toEqual([6.6667, 0, 0, 0, 0.3333, 0.3333, 0.3333, 0.3333]);
  });

  it('forgets at a reset, of that robot alone', () => {
    const { range, look, pipeline } = makeLooker({ numRobots: 2 });
    range[5] = 2;
    range[8 + 5] = 2;
    look();
    pipeline.reset(1);
    range.fill(Infinity);
    const seen = look();
    expect(seen.slice(0, 12)).toEqual([0, 0, 0.5, 0, 0, 0, 0.5, 0, ...NONE]);
    expect(seen.slice(12)).toEqual([...NONE, ...NONE, ...NONE]);
  });

  it('keeps no stride', () => {
    const model = makeRover({ sensors: [makeLidar()] });
    const terms = [{ ...TERM, historyStride: 2 }];
    expect(() => makeObservationPipeline({ terms, model, numRobots: 1 })).toThrow(/no stride/);
  });
});

describe('the observation term lidarMotion', () => {
  const term: ObservationTermSpec = { ...TERM, name: 'lidarMotion', history: 2 };

  it('is nothing for what stands, however the robot turns and drives', () => {
    const { range, look, stand } = makeLooker({ term });
    range[5] = 2;
    expect(look()).toEqual([...NONE, ...NONE]);
    stand(0, 0, PI / 2);
    range.fill(Infinity);
    range[3] = 2;
    expect(look()).toEqual([...NONE, ...NONE]);
    stand(Math.SQRT1_2, Math.SQRT1_2, PI / 2);
    expect(look()).toEqual([...NONE, ...NONE]);
  });

  it('is above nothing for what comes nearer, since each of the scans before, oldest first', () => {
    const { range, look } = makeLooker({ term });
    range[5] = 4;
    look();
    range[5] = 2;
    look();
    range[5] = 1;
    // 1/1 − 1/4 and 1/1 − 1/2.
    expect(look()).toEqual([0, 0, 0.75, 0, 0, 0, 0.5, 0]);
    range[5] = 4;
    // Further away again: 1/4 − 1/2 and 1/4 − 1/1.
    expect(look()).toEqual([0, 0, -0.25, 0, 0, 0, -0.75, 0]);
  });

  it('is not a number where the pose is not known', () => {
    const { look, state } = makeLooker({ term });
    look();
    state.position[0] = Number.NaN;
    expect(look()).toEqual(Array.from({ length: 8 }, () => Number.NaN));
  });
});
