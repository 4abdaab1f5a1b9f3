import { describe, expect, it } from 'vitest';
import type { Transform } from '../../../sim/robot/geometry.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import type { LidarSensor } from '../../../sim/robot/sensor-model.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { LidarSectors } from '../../../sim/task/lidar-sectors.ts';
import { makeObservationPipeline } from '../../../sim/task/observation.ts';
import { makeReferenceBatch, makeScanBatch } from '../../../sim/task/robot-view.ts';
import { makeRover } from '../../kit/rover.ts';

const { PI } = Math;
const LEFT_QUARTER = [0, 0, Math.SQRT1_2, Math.SQRT1_2] as const;

/** Eight rays, 45° apart, the first behind: −180°, −135°, −90° (right), −45°, 0° (ahead), 45°, 90° (left), 135°. */
function makeLidar(rotation: Transform['rotation'] = [0, 0, 0, 1], more = {}): LidarSensor {
  return {
    kind: 'lidar',
    name: 'scan',
    link: 'base_link',
    linkFromSensor: { translation: [0, 0, 0.2], rotation },
    rateHz: 10,
    latencyS: 0,
    azimuth: [-PI, PI],
    numAzimuths: 8,
    elevations: [0],
    minRange: 0.15,
    maxRange: 5,
    range: { noise: 0, bias: 0 },
    ...more,
  };
}

function look(model: RobotModel, numSectors: number, ranges: readonly number[]): number[] {
  const out = new Float32Array(numSectors + 2).fill(7);
  new LidarSectors(model, 'scan', numSectors).write(out, 1, Float64Array.from(ranges), 0);
  expect([out[0], out[numSectors + 1]], 'writes outside its place').toEqual([7, 7]);
  return [...out.subarray(1, numSectors + 1)];
}

describe('a scan in sectors', () => {
  it('takes the nearest of each, from behind counterclockwise', () => {
    const model = makeRover({ sensors: [makeLidar()] });
    // Pairs: (−180, −135), (−90, −45), (0, 45), (90, 135).
    expect(look(model, 4, [4, 3, 2, 1, 4, 3.5, 2.5, 1.5])).toEqual([3, 1, 3.5, 1.5]);
  });

  it('turns with the lidar: one mounted a quarter to the left sees with its first ray to the right', () => {
    const model = makeRover({ sensors: [makeLidar(LEFT_QUARTER)] });
    // The sensor's −180° is base_link's −90°: the rays move on by two, the last two come first.
    expect(look(model, 8, [1, 2, 3, 4, 5, 0.5, 0.75, 0.25])).toEqual([
      0.75, 0.25, 1, 2, 3, 4, 5, 0.5,
    ]);
  });

  it('turns about with a lidar upside down', () => {
    // Half a turn about x: left and right change places, ahead and behind stay.
    const model = makeRover({ sensors: [makeLidar([1, 0, 0, 0])] });
    expect(look(model, 8, [1, 2, 3, 4, 5, 0.5, 0.75, 0.25])).toEqual([
      1, 0.25, 0.75, 0.5, 5, 4, 3, 2,
    ]);
  });

  it('reads REP-117: nothing is maxRange, too near is 0, a fault is left out, blind is not free', () => {
    const model = makeRover({ sensors: [makeLidar()] });
    const ranges = [
      ...[Infinity, 7], // beyond its 5 m, either way
      ...[-Infinity, 2], // too near to measure beside 2 m
      ...[Number.NaN, 3], // one ray at fault
      ...[Number.NaN, 0.1], // both: 0.1 is below what it can measure, and not −Infinity
    ];
    expect(look(model, 4, ranges)).toEqual([5, 0, 3, 0]);
  });

  it('is 0 where a lidar does not look', () => {
    // Three rays ahead: −45°, 0°, 45°; of eight sectors of 45° the fourth, fifth and sixth.
    const ahead = { azimuth: [-PI / 4, PI / 4], numAzimuths: 3 };
    const model = makeRover({ sensors: [makeLidar(undefined, ahead)] });
    const narrow = new LidarSectors(model, 'scan', 3);
    const out = new Float32Array(3);
    narrow.write(out, 0, Float64Array.of(1, 2, 3), 0);
    // Sectors of 120°: −180…−60 sees nothing, −60…60 all three, 60…180 nothing.
    expect([...out]).toEqual([0, 1, 0]);
  });
});

describe('the observation term lidarSectors', () => {
  const term = { name: 'lidarSectors', unit: 'm', frame: 'base_link', sensor: 'scan' };
  const model = makeRover({ sensors: [makeLidar()] });

  it('reads the row of its robot, clips, scales and keeps frames', () => {
    const terms = [{ ...term, width: 2, clip: [0, 4], scale: 0.25, history: 2 }] as const;
    const pipeline = makeObservationPipeline({ terms, model, numRobots: 2 });
    const scans = makeScanBatch(model, 2);
    const view = pipeline.makeView(makeStateBatch(2, 2), makeReferenceBatch(2), scans);
    const out = new Float32Array(2 * pipeline.width);
    const range = scans.get('scan')!;
    range.fill(5, 0, 8).fill(2, 8, 12).fill(1, 12);
    pipeline.write(out, view);
    range.fill(3, 8, 12);
    pipeline.write(out, view);
    // Robot 0: clipped to 4, times 0.25. Robot 1: (2, 1), then (3, 1), oldest first.
    expect([...out]).toEqual([1, 1, 1, 1, 0.5, 0.25, 0.75, 0.25]);
    expect(pipeline.names).toEqual([
      ...['lidarSectors.0[-1]', 'lidarSectors.1[-1]', 'lidarSectors.0', 'lidarSectors.1'],
    ]);
  });

  it('tells nearness as one by distance, and blind as the nearest there is', () => {
    const nearness = { ...term, name: 'lidarNearness', unit: '1/m', width: 4 };
    const pipeline = makeObservationPipeline({ terms: [nearness], model, numRobots: 1 });
    const scans = makeScanBatch(model, 1);
    const view = pipeline.makeView(makeStateBatch(1, 2), makeReferenceBatch(1), scans);
    scans.get('scan')!.set([Infinity, 5, 4, 2, -Infinity, 3, Number.NaN, Number.NaN]);
    const out = new Float32Array(4);
    pipeline.write(out, view);
    // At most 5 m, at least the lidar's own least distance.
    const nearest = 1 / makeLidar().minRange;
    expect([...out]).toEqual([1 / 5, 1 / 2, nearest, nearest].map(Math.fround));
  });

  it.each([
    ['an unknown lidar', { sensor: 'sonar', width: 4 }, 'one of: scan'],
    ['no lidar at all', { sensor: undefined, width: 4 }, 'one of: scan'],
    ['more sectors than rays', { width: 9 }, 'at most 8'],
  ])('refuses %s', (_, change, expected) => {
    const terms = [{ ...term, ...change }];
    expect(() => makeObservationPipeline({ terms, model, numRobots: 1 })).toThrow(expected);
  });

  it('refuses a lidar that turns with a wheel, and one that looks up', () => {
    const terms = [{ ...term, width: 4 }];
    const onWheel = makeRover({ sensors: [{ ...makeLidar(), link: 'left_wheel' }] });
    expect(() => makeObservationPipeline({ terms, model: onWheel, numRobots: 1 })).toThrow(
      'moves against base_link',
    );
    const upward = makeRover({ sensors: [makeLidar(undefined, { elevations: [0.3] })] });
    expect(() => makeObservationPipeline({ terms, model: upward, numRobots: 1 })).toThrow(
      'in a plane',
    );
  });

  it('refuses a sensor that a term has no use for', () => {
    const terms = [{ name: 'goalDistance', width: 1, unit: 'm', sensor: 'scan' }];
    expect(() => makeObservationPipeline({ terms, model, numRobots: 1 })).toThrow('a term of none');
  });
});

describe('the goal in the plane', () => {
  it('is a distance and a direction in base_link', () => {
    const model = makeRover();
    const terms = [
      { name: 'goalDistance', width: 1, unit: 'm' },
      { name: 'goalDirectionB', width: 2, unit: '-', frame: 'base_link' },
    ];
    const pipeline = makeObservationPipeline({ terms, model, numRobots: 1 });
    const state = makeStateBatch(1, 2);
    const reference = makeReferenceBatch(1);
    const view = pipeline.makeView(state, reference);
    // At (1, 1), nose along y; the goal at (4, 5) is (3, 4) away, in base_link (4 ahead, 3 right); z is not looked at.
    state.position.set([1, 1, 0.3]);
    state.orientation.set(LEFT_QUARTER);
    reference.position.set([4, 5, 9]);
    const out = new Float32Array(3);
    pipeline.write(out, view);
    // Kept in 32 bits: relative step 6e-8.
    for (const [k, value] of [5, 0.8, -0.6].entries()) {
      expect(Math.abs(out[k]! - value)).toBeLessThan(1e-6);
    }
  });
});
