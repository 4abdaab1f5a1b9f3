import { describe, expect, it } from 'vitest';
import type { Engine } from '../../sim/engine/engine.ts';
import { Obstacles } from '../../sim/obstacles.ts';
import { writeMotion } from '../../sim/terrain/motion.ts';
import { buildScene } from '../kit/scenes.ts';

const RATE_HZ = 100;
const scene = buildScene({
  boxes: [{ count: 1 }],
  moving: [{ count: 1, path: 'circle', reach: 1.5, speed: 1, area: [10, 10], shape: 'box' }],
});
const { motion, odomFromObject } = scene.objects[0]!;

/** An engine that remembers where each robot's obstacle was put last. */
function makeObstacles(numRobots: number) {
  const placed = new Map<number, number[]>();
  const engine = {
    config: { scene, numRobots } as Engine['config'],
    placeObject: (
      ...[robot, object, position, orientation, velocityW]: Parameters<Engine['placeObject']>
    ) => {
      expect(object).toBe(0);
      expect(orientation).toEqual(odomFromObject.rotation);
      placed.set(robot, [...position, ...velocityW]);
    },
  };
  return { obstacles: new Obstacles(engine, RATE_HZ), placed };
}

/** Place and velocity after a time on its way: the height is the scene's. */
function expectedAt(timeS: number): number[] {
  const out = [0, 0, 0, 0];
  writeMotion(out, 0, motion!, timeS);
  const [x, y, vx, vy] = out;
  return [x!, y!, odomFromObject.translation[2], vx!, vy!, 0];
}

describe('obstacles that move', () => {
  it('are where their own episode has brought them, robot by robot', () => {
    const { obstacles, placed } = makeObstacles(2);
    obstacles.reset(0, 0, 0);
    obstacles.reset(1, 0, 0);
    obstacles.place(30);
    expect(placed.get(0)).toEqual(expectedAt(0.3));
    obstacles.reset(1, 30, 0);
    expect(placed.get(0)).toEqual(expectedAt(0.3));
    expect(placed.get(1)).toEqual(expectedAt(0));
    obstacles.place(40);
    expect(placed.get(0)).toEqual(expectedAt(0.4));
    expect(placed.get(1)).toEqual(expectedAt(0.1));
  });

  it('are as far on their ways at the start as the episode drew', () => {
    const { obstacles, placed } = makeObstacles(1);
    obstacles.reset(0, 50, 7);
    expect(placed.get(0)).toEqual(expectedAt(7));
    obstacles.place(150);
    expect(placed.get(0)).toEqual(expectedAt(8));
  });

  it('tell where they are and how fast, as they were placed last', () => {
    const { obstacles } = makeObstacles(1);
    obstacles.reset(0, 0, 0);
    obstacles.place(30);
    const [x, y, z, vx, vy] = expectedAt(0.3);
    expect(obstacles.copyState(0, 0)).toEqual({
      odomFromObject: { translation: [x, y, z], rotation: odomFromObject.rotation },
      linearVelocityW: [vx, vy, 0],
      isThere: true,
    });
    // The box beside it never moves: the scene says where it is.
    expect(obstacles.copyState(0, 1)).toBeUndefined();
  });
});
