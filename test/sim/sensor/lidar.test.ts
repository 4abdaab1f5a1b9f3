import { describe, expect, it } from 'vitest';
import { writeFromRollPitchYaw, writeRotated } from '../../../sim/math/quat.ts';
import { Rng } from '../../../sim/math/rng.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import { computeAzimuthStep, type LidarSensor } from '../../../sim/robot/sensor-model.ts';
import { makeStateBatch, type StateBatch } from '../../../sim/robot/state.ts';
import { Lidar } from '../../../sim/sensor/lidar.ts';
import {
  computeRoomDistance,
  type ExactSurroundings,
  makeExactSurroundings,
  ROOM_SCENE,
} from '../../kit/exact-surroundings.ts';
import { makeTestRobot } from '../../kit/robots.ts';
import {
  computeDeviation,
  computeMean,
  deviationBand,
  STANDARD_ERRORS,
} from '../../kit/sampled.ts';
import { EXACT, makeSensedBody } from '../../kit/sensed-body.ts';

const TIMING = { physicsRateHz: 100, maxLatencyScale: 1 };
const AS_DESCRIBED = { noiseScale: 1, latencyScale: 1 };
/** [m] what doubles leave of a distance of a few metres */
const ROUNDING = 1e-9;

function makeSpec(changes: Partial<LidarSensor> = {}): LidarSensor {
  return {
    kind: 'lidar',
    name: 'scan',
    link: 'base_link',
    linkFromSensor: { translation: [0, 0, 0], rotation: [0, 0, 0, 1] },
    rateHz: 100,
    latencyS: 0,
    minRange: 0.1,
    maxRange: 12,
    range: EXACT,
    azimuth: [-Math.PI, Math.PI],
    numAzimuths: 36,
    elevations: [0],
    ...changes,
  };
}

interface Bench {
  readonly lidar: Lidar;
  readonly surroundings: ExactSurroundings;
  readonly truth: StateBatch;
  /** Resets all robots and returns what they start with. */
  start(): Float64Array;
}

function makeBench(
  spec: LidarSensor,
  place: (truth: StateBatch) => void = () => {},
  model: RobotModel = makeSensedBody([spec]),
  numRobots = 1,
): Bench {
  const surroundings = makeExactSurroundings(ROOM_SCENE);
  const lidar = new Lidar(model, numRobots, spec, TIMING, surroundings);
  const truth = makeStateBatch(numRobots, model.jointNames.length);
  for (let robot = 0; robot < numRobots; robot++) truth.position.set([0, 0, 1], 3 * robot);
  place(truth);
  return {
    lidar,
    surroundings,
    truth,
    start() {
      for (let robot = 0; robot < numRobots; robot++) {
        lidar.reset(robot, 0, truth, new Rng(1, robot), AS_DESCRIBED, (r, _stamp, data, o) =>
          lidar.take(r, data, o),
        );
      }
      return lidar.reading.range;
    },
  };
}

describe('a lidar', () => {
  it('sees the walls of a room where they are, first ray first, counterclockwise', () => {
    const spec = makeSpec({ azimuth: [0, (3 * Math.PI) / 2], numAzimuths: 4 });
    const range = makeBench(spec).start();
    // From (0, 0): front wall at 3, left at 4, back at −2, right at −1.
    for (const [k, distance] of [3, 4, 2, 1].entries()) {
      expect(Math.abs(range[k]! - distance)).toBeLessThan(ROUNDING);
    }
  });

  it('agrees with the closed form from a turned and tilted mount on a turned and tilted robot', () => {
    const rotation: [number, number, number, number] = [0, 0, 0, 1];
    writeFromRollPitchYaw(rotation, 0, 0.1, -0.3, 2);
    const spec = makeSpec({
      linkFromSensor: { translation: [0.2, -0.1, 0.3], rotation },
      elevations: [-0.4, 0, 0.7],
    });
    const bench = makeBench(spec, (truth) => {
      truth.position.set([0.5, 1, 1.2]);
      writeFromRollPitchYaw(truth.orientation, 0, -0.2, 0.25, 1);
    });
    const range = bench.start();
    const base = bench.truth.orientation;
    const origin = [0.2, -0.1, 0.3];
    writeRotated(origin, 0, base, 0, origin, 0);
    const from = [0.5 + origin[0]!, 1 + origin[1]!, 1.2 + origin[2]!] as const;
    const step = (2 * Math.PI) / 36;
    expect(computeAzimuthStep(spec)).toBeCloseTo(step, 12);
    let k = 0;
    for (const elevation of spec.elevations) {
      for (let a = 0; a < 36; a++) {
        const azimuth = -Math.PI + a * step;
        const direction: [number, number, number] = [
          Math.cos(elevation) * Math.cos(azimuth),
          Math.cos(elevation) * Math.sin(azimuth),
          Math.sin(elevation),
        ];
        writeRotated(direction, 0, rotation, 0, direction, 0);
        writeRotated(direction, 0, base, 0, direction, 0);
        expect(Math.abs(range[k]! - computeRoomDistance(from, direction))).toBeLessThan(ROUNDING);
        k++;
      }
    }
  });

  it('rides on a link that moves: the end of a boom that has swung to the left', () => {
    // Boom of 0.5 m to its tip along x, slewed by 90°: the tip is at (0, 0.5), looking along y.
    const model = makeTestRobot('crane');
    const spec = makeSpec({ link: 'tip', azimuth: [0, 1], numAzimuths: 1 });
    const bench = makeBench(
      spec,
      (truth) => {
        truth.jointPosition[model.jointNames.indexOf('slew')] = Math.PI / 2;
      },
      model,
    );
    expect(Math.abs(bench.start()[0]! - 3.5)).toBeLessThan(ROUNDING);
  });

  it('reports no echo as +Infinity and one too near as −Infinity, as REP-117 has it', () => {
    const spec = makeSpec({
      azimuth: [0, (3 * Math.PI) / 2],
      numAzimuths: 4,
      minRange: 1.5,
      maxRange: 3.5,
    });
    // Walls at 3, 4, 2 and 1 m.
    const [front, left, back, right] = makeBench(spec).start();
    expect([left, right]).toEqual([Infinity, -Infinity]);
    expect(Math.abs(front! - 3)).toBeLessThan(ROUNDING);
    expect(Math.abs(back! - 2)).toBeLessThan(ROUNDING);
  });

  it('casts the rays of all robots that are due in one call, and only theirs', () => {
    const model = makeSensedBody([]);
    const spec = makeSpec({ rateHz: 50, numAzimuths: 8 });
    const { lidar, surroundings, truth, start } = makeBench(spec, undefined, model, 3);
    start();
    surroundings.calls.length = 0;
    // Robot 1 began a tick later than the others: 50 of 100 Hz, so they take turns.
    lidar.reset(1, 1, truth, new Rng(1, 1), AS_DESCRIBED, () => {});
    surroundings.calls.length = 0;
    for (let tick = 1; tick <= 4; tick++) lidar.sample(tick, truth);
    expect(surroundings.calls.map(({ numRays }) => numRays)).toEqual([16, 8, 16]);
  });

  it('looks at the scene alone where the robot has nothing else to see of itself', () => {
    const { surroundings, start } = makeBench(makeSpec());
    start();
    expect(surroundings.calls[0]?.hits).toBe('scene');
  });

  it('looks past its own link where the robot has others that can be seen', () => {
    const crane = makeTestRobot('crane');
    const trolley = { ...crane.links.find(({ name }) => name === 'trolley')! };
    const shape = makeTestRobot('brick').links[0]!.collisions[0]!;
    const links = crane.links.map((link) =>
      link.name === 'trolley' ? { ...trolley, collisions: [shape] } : link,
    );
    const spec = makeSpec({ link: 'tip' });
    const { surroundings, start } = makeBench(spec, undefined, { ...crane, links });
    start();
    expect(surroundings.calls[0]?.hits).toEqual({ robotExceptLink: 'tip' });
  });

  it('has noise on every ray and one bias per ring', () => {
    const n = 4000;
    const spec = makeSpec({
      azimuth: [-0.001, 0.001],
      numAzimuths: n,
      elevations: [0, 0.001],
      range: { noise: 0.02, bias: 0.1, quantisation: 0.001 },
    });
    const range = [...makeBench(spec).start()];
    const rings = [range.slice(0, n), range.slice(n)];
    // The front wall is 3 m away, within 3 · 0.001² / 2 m for all of them; a step of 1 mm adds 1/√12 mm.
    const deviation = Math.hypot(0.02, 0.001 / Math.sqrt(12));
    for (const ring of rings) {
      expect(Math.abs(computeDeviation(ring) - deviation)).toBeLessThan(
        deviationBand(deviation, n),
      );
      expect(Math.abs(computeMean(ring) - 3)).toBeLessThan(0.1 + 0.002);
      for (const value of ring)
        expect(Math.abs(value / 0.001 - Math.round(value / 0.001))).toBeLessThan(1e-6);
    }
    // Two draws from ±0.1 m that agree within 1 mm would be a chance of 1 %; this seed has none.
    expect(Math.abs(computeMean(rings[0]!) - computeMean(rings[1]!))).toBeGreaterThan(0.001);
  });

  it('loses the described share of echoes', () => {
    const n = 10_000;
    const range = makeBench(makeSpec({ numAzimuths: n, rayDropout: 0.1 })).start();
    const lost = range.filter((value) => value === Infinity).length;
    expect(Math.abs(lost - 0.1 * n)).toBeLessThan(STANDARD_ERRORS * Math.sqrt(n * 0.1 * 0.9));
  });

  it('shows a scan with its latency, taken where the robot was', () => {
    const spec = makeSpec({ latencyS: 0.02, azimuth: [0, 1], numAzimuths: 1 });
    const { lidar, truth, start } = makeBench(spec);
    start();
    const seen: [tick: number, stamp: number, range: number][] = [];
    for (let tick = 1; tick <= 4; tick++) {
      truth.position[0] = 0.1 * tick;
      lidar.sample(tick, truth);
      lidar.line.deliver(0, tick, (_robot, stamp, data, o) => seen.push([tick, stamp, data[o]!]));
    }
    // 20 ms are 2 ticks; after tick 1 the wall at 3 m is 2.9 m away.
    expect(seen.map(([tick, stamp]) => [tick, stamp])).toEqual([
      [3, 1],
      [4, 2],
    ]);
    expect(seen[0]![2]).toBeCloseTo(2.9, 9);
    expect(seen[1]![2]).toBeCloseTo(2.8, 9);
  });
});

describe('the azimuths of a lidar', () => {
  it('leave out the last ray of a full turn, and keep it otherwise', () => {
    const turn = { azimuth: [0, 2 * Math.PI], numAzimuths: 360 } as const;
    expect(computeAzimuthStep(turn)).toBeCloseTo(Math.PI / 180, 12);
    // 270° in 4 rays: 90° apart.
    expect(computeAzimuthStep({ azimuth: [0, 1.5 * Math.PI], numAzimuths: 4 })).toBeCloseTo(
      Math.PI / 2,
      12,
    );
    expect(computeAzimuthStep({ azimuth: [1, -1], numAzimuths: 3 })).toBe(-1);
    expect(computeAzimuthStep({ azimuth: [1, -1], numAzimuths: 1 })).toBe(0);
  });
});
