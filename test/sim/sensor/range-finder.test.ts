import { describe, expect, it } from 'vitest';
import { Rng } from '../../../sim/math/rng.ts';
import { DEFAULT_MATERIAL } from '../../../sim/robot/geometry.ts';
import type { RangeSensor } from '../../../sim/robot/sensor-model.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { makeConeDirections, RangeFinder } from '../../../sim/sensor/range-finder.ts';
import type { Scene } from '../../../sim/terrain/scene.ts';
import { makeExactSurroundings, ROOM_SCENE } from '../../kit/exact-surroundings.ts';
import { EXACT, makeSensedBody } from '../../kit/sensed-body.ts';

function makeSpec(changes: Partial<RangeSensor> = {}): RangeSensor {
  return {
    kind: 'range',
    name: 'sonar',
    link: 'base_link',
    linkFromSensor: { translation: [0, 0, 0], rotation: [0, 0, 0, 1] },
    rateHz: 20,
    latencyS: 0,
    minRange: 0.02,
    maxRange: 6,
    range: EXACT,
    fieldOfView: 0,
    numRays: 32,
    ...changes,
  };
}

function read(spec: RangeSensor, scene: Scene = ROOM_SCENE): number {
  const timing = { physicsRateHz: 100, maxLatencyScale: 1 };
  const model = makeSensedBody([spec]);
  const finder = new RangeFinder(model, 1, spec, timing, makeExactSurroundings(scene));
  const truth = makeStateBatch(1, 0);
  truth.position.set([0, 1, 1]);
  const draw = { noiseScale: 1, latencyScale: 1 };
  finder.reset(0, 0, truth, new Rng(1), draw, (robot, _stamp, data, o) =>
    finder.take(robot, data, o),
  );
  return finder.reading.range[0]!;
}

const POST: Scene = {
  objects: [
    {
      name: 'post',
      geometry: { kind: 'box', size: [0.2, 0.2, 50] },
      odomFromObject: { translation: [1, 1.4, 0], rotation: [0, 0, 0, 1] },
      material: DEFAULT_MATERIAL,
      moves: false,
    },
  ],
};

describe('a range sensor', () => {
  it('measures straight ahead with one ray', () => {
    expect(read(makeSpec())).toBeCloseTo(3, 9);
  });

  it('with a cone, tells the nearest surface in it: a post that the middle ray misses', () => {
    expect(read(makeSpec(), POST)).toBe(Infinity);
    // Nearest edge of the post: (0.9, 0.3) from the sensor, at 18.4°; a cone of ±30° meets it.
    const range = read(makeSpec({ fieldOfView: Math.PI / 3, numRays: 1000 }), POST);
    expect(range).toBeGreaterThanOrEqual(Math.hypot(0.9, 0.3));
    // 1000 rays over the cap of 2π(1 − cos 30°) = 0.84 sr are √(0.84/1000) = 0.029 rad apart.
    expect(range).toBeLessThan(Math.hypot(0.9, 0.3) + 0.029);
    // ±10° pass it by.
    expect(read(makeSpec({ fieldOfView: 0.35, numRays: 1000 }), POST)).toBe(Infinity);
  });

  it('spreads its rays evenly from the axis to the rim', () => {
    const directions = makeConeDirections({ fieldOfView: 1, numRays: 500 });
    expect([...directions.subarray(0, 3)]).toEqual([1, 0, 0]);
    let inner = 0;
    const middle = [0, 0];
    for (let r = 0; r < 500; r++) {
      const [x, y, z] = directions.subarray(3 * r, 3 * r + 3) as unknown as [
        number,
        number,
        number,
      ];
      expect(Math.hypot(x, y, z)).toBeCloseTo(1, 12);
      const angle = Math.acos(Math.min(1, x));
      expect(angle).toBeLessThanOrEqual(0.5 + 1e-9);
      // Half of the cap's area lies within acos((1 + cos 0.5)/2).
      if (angle < Math.acos((1 + Math.cos(0.5)) / 2)) inner++;
      middle[0]! += y / 500;
      middle[1]! += z / 500;
    }
    expect(Math.abs(inner - 250)).toBeLessThanOrEqual(1);
    expect(Math.hypot(...middle)).toBeLessThan(0.01);
  });
});
