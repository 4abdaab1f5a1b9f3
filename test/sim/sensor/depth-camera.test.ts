import { describe, expect, it } from 'vitest';
import { writeFromRollPitchYaw } from '../../../sim/math/quat.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { DEFAULT_MATERIAL } from '../../../sim/robot/geometry.ts';
import { computeFocalLength } from '../../../sim/robot/ray-directions.ts';
import type { DepthCameraSensor } from '../../../sim/robot/sensor-model.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { DepthCamera } from '../../../sim/sensor/depth-camera.ts';
import type { Scene } from '../../../sim/terrain/scene.ts';
import { makeExactSurroundings } from '../../kit/exact-surroundings.ts';
import { EXACT, makeSensedBody } from '../../kit/sensed-body.ts';

const FLOOR: Scene = { ground: { kind: 'plane', material: DEFAULT_MATERIAL }, objects: [] };
const ROUNDING = 1e-9;
/** On a body with x forward and z up: optical z along x, optical x to the right. */
const FORWARD = makeRotation(-Math.PI / 2, 0, -Math.PI / 2);

function makeRotation(roll: number, pitch: number, yaw: number) {
  const rotation: [number, number, number, number] = [0, 0, 0, 1];
  writeFromRollPitchYaw(rotation, 0, roll, pitch, yaw);
  return rotation;
}

function makeSpec(changes: Partial<DepthCameraSensor> = {}): DepthCameraSensor {
  return {
    kind: 'depth_camera',
    name: 'camera',
    link: 'base_link',
    linkFromSensor: { translation: [0, 0, 0], rotation: FORWARD },
    rateHz: 30,
    latencyS: 0,
    minRange: 0.1,
    maxRange: 100,
    range: EXACT,
    width: 16,
    height: 12,
    horizontalFieldOfView: 1.2,
    ...changes,
  };
}

/** One image from 1 m above the floor. */
function takeImage(spec: DepthCameraSensor, scene: Scene, pitch = 0, yaw = 0): Float64Array {
  const camera = new DepthCamera(
    makeSensedBody([spec]),
    1,
    spec,
    { physicsRateHz: 100, maxLatencyScale: 1 },
    makeExactSurroundings(scene),
  );
  const truth = makeStateBatch(1, 0);
  truth.position[2] = 1;
  writeFromRollPitchYaw(truth.orientation, 0, 0, pitch, yaw);
  const draw = { noiseScale: 1, latencyScale: 1 };
  camera.reset(0, 0, truth, new Rng(1), draw, (robot, _stamp, data, o) =>
    camera.take(robot, data, o),
  );
  return camera.reading.depth;
}

describe('a depth camera', () => {
  it('sees a floor that it looks down on at an angle as the closed form has it', () => {
    const spec = makeSpec();
    const pitch = 0.4;
    const depth = takeImage(spec, FLOOR, pitch);
    const f = computeFocalLength(spec);
    for (let row = 0; row < spec.height; row++) {
      // The ray (u, v, 1) of a camera pitched down by a sinks by cos a · v + sin a per unit of depth.
      const v = (row + 0.5 - spec.height / 2) / f;
      const sinking = Math.cos(pitch) * v + Math.sin(pitch);
      for (let column = 0; column < spec.width; column++) {
        const expected = sinking > 0.01 ? 1 / sinking : Infinity;
        const read = depth[row * spec.width + column]!;
        if (expected === Infinity) expect(read).toBe(Infinity);
        else expect(Math.abs(read - expected)).toBeLessThan(ROUNDING * expected);
      }
    }
    // The lowest row looks steepest and sees the nearest floor; the rows come from the top.
    expect(depth.at(-1)!).toBeLessThan(depth[(spec.height / 2) * spec.width]!);
  });

  it('tells depth along its axis, not distance: a wall straight ahead is one depth all over', () => {
    const wall: Scene = {
      objects: [
        {
          name: 'wall',
          geometry: { kind: 'box', size: [1, 100, 100] },
          odomFromObject: { translation: [3, 0, 0], rotation: [0, 0, 0, 1] },
          material: DEFAULT_MATERIAL,
          moves: false,
        },
      ],
    };
    for (const depth of takeImage(makeSpec(), wall)) {
      expect(Math.abs(depth - 2.5)).toBeLessThan(ROUNDING);
    }
    // At its limit the corners still see it: rays are as long as the depth asks for.
    for (const depth of takeImage(makeSpec({ maxRange: 2.51 }), wall)) {
      expect(depth).toBeLessThan(2.51);
    }
    for (const depth of takeImage(makeSpec({ maxRange: 2.49 }), wall)) expect(depth).toBe(Infinity);
    for (const depth of takeImage(makeSpec({ minRange: 2.6 }), wall)) expect(depth).toBe(-Infinity);
  });

  it('has the left of the world on the left of the image', () => {
    const post: Scene = {
      objects: [
        {
          name: 'post',
          geometry: { kind: 'box', size: [0.2, 0.4, 50] },
          odomFromObject: { translation: [3, 1, 0], rotation: [0, 0, 0, 1] },
          material: DEFAULT_MATERIAL,
          moves: false,
        },
      ],
    };
    const spec = makeSpec();
    const depth = takeImage(spec, post);
    // x right in the image is −y in the world: from 0.8 to 1.2 m to the left, 2.9 m away, are columns
    // 8 − f · 1.2/2.9 = 3.2 to 8 − f · 0.8/2.9 = 4.8 (5.0 with its side), so the middles of 3 and 4.
    const seen = [...depth.subarray(0, spec.width)].flatMap((d, column) =>
      d === Infinity ? [] : [column],
    );
    expect(computeFocalLength(spec)).toBeCloseTo(8 / Math.tan(0.6), 12);
    expect(seen).toEqual([3, 4]);
  });
});
