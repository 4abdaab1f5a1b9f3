import { describe, expect, it } from 'vitest';
import { Clearance } from '../../sim/clearance.ts';
import type { Engine } from '../../sim/engine/engine.ts';
import { Rng } from '../../sim/math/rng.ts';
import { Obstacles } from '../../sim/obstacles.ts';
import { RandomizationConfig } from '../../sim/randomize/config.ts';
import { drawContext } from '../../sim/randomize/draw.ts';
import { makeStateBatch } from '../../sim/robot/state.ts';
import type { Field } from '../../sim/task/field.ts';
import { buildScene } from '../kit/scenes.ts';

const RATE_HZ = 100;
/** A wall along y at x = 3, from 2.95 m on; a crate of 1 m by 0.5 m and a disc of 0.25 m that a field may place. */
const scene = buildScene({
  walls: [{ from: [3, -5], to: [3, 5], thickness: 0.1 }],
  objects: [
    { name: 'crate', geometry: { kind: 'box', size: [1, 0.5, 1] }, position: [0, 9], moves: true },
    {
      name: 'disc',
      geometry: { kind: 'cylinder', radius: 0.25, length: 1 },
      position: [0, -9],
      moves: true,
    },
  ],
});
const context = drawContext(RandomizationConfig.parse({}), new Rng(1));
const ENDS = {
  start: { x: 0, y: 0, yaw: 0 },
  goal: { x: 1, y: 0 },
  pathLength: 1,
  ways: { side: 2, cellSize: 1, left: new Float32Array(4) },
};

function make(numRobots: number) {
  const placed = new Map<string, number[]>();
  const engine = {
    config: { scene, numRobots } as Engine['config'],
    placeObject: (...[robot, object, position, , velocityW]: Parameters<Engine['placeObject']>) => {
      placed.set(`${robot} ${scene.objects[object]!.name}`, [...position, ...velocityW]);
    },
  };
  const obstacles = new Obstacles(engine, RATE_HZ);
  const clearance = new Clearance(scene, obstacles);
  const truth = makeStateBatch(numRobots, 0);
  return { obstacles, placed, measure: (robot: number) => clearance.compute(truth, robot), truth };
}

/** The crate at (1, 0), turned by a quarter: 0.25 m to either side along x. The disc walks along y at x = −2. */
const field: Field = {
  ...ENDS,
  objects: {
    crate: { x: 1, y: 0, yaw: Math.PI / 2 },
    disc: {
      ...{ x: -2, y: -1, yaw: 0 },
      motion: { kind: 'back_and_forth', from: [-2, -1], to: [-2, 1], speed: 1, phase: 0 },
    },
  },
};

describe('a field in the world', () => {
  it('puts what it names where it says, on the way that it says, and the rest out of reach', () => {
    const { obstacles, placed } = make(2);
    obstacles.reset(0, 0, 0, context, field);
    obstacles.reset(1, 0, 0, context, { ...ENDS, objects: {} });
    expect(placed.get('0 crate')!.slice(0, 3)).toEqual([1, 0, 0.5]);
    // A pendulum half-way, at its fastest, and after 0.5 s: sin(0.5) of 1 m.
    expect(placed.get('0 disc')).toEqual([-2, 0, 0.5, 0, 1, 0]);
    obstacles.place(50);
    expect(placed.get('0 disc')![1]).toBeCloseTo(Math.sin(0.5), 12);
    for (const name of ['crate', 'disc']) expect(placed.get(`1 ${name}`)![2]).toBeGreaterThan(900);
  });

  it('is forgotten with the episode', () => {
    const { obstacles, placed } = make(1);
    obstacles.reset(0, 0, 0, context, field);
    obstacles.reset(0, 70, 0, context);
    expect(placed.get('0 crate')!.slice(0, 3)).toEqual([0, 9, 0.5]);
    expect(placed.get('0 disc')).toEqual([0, -9, 0.5, 0, 0, 0]);
  });
});

describe('clearance', () => {
  it('is measured to whatever is nearest: what stands, what was put there, what walks', () => {
    const { obstacles, measure, truth } = make(1);
    obstacles.reset(0, 0, 0, context, field);
    // From the origin: the crate's side at 0.75; the wall is at 2.95, the disc's side at 1.75.
    expect(measure(0)).toBeCloseTo(0.75, 12);
    truth.position.set([2.5, 0, 0]);
    expect(measure(0)).toBeCloseTo(0.45, 12);
    // Off the crate's corner (0.75, 0.5): 0.3 and 0.4 away.
    truth.position.set([0.45, 0.9, 0]);
    expect(measure(0)).toBeCloseTo(0.5, 12);
    // The disc, at sin(1) after a second.
    truth.position.set([-2, 0, 0]);
    obstacles.place(100);
    expect(measure(0)).toBeCloseTo(Math.sin(1) - 0.25, 12);
  });

  it('is 0 inside, and does not count what is out of reach', () => {
    const { obstacles, measure, truth } = make(1);
    obstacles.reset(0, 0, 0, context, field);
    truth.position.set([1, 0.2, 0]);
    expect(measure(0)).toBe(0);
    truth.position.set([-2, 0.1, 0]);
    expect(measure(0)).toBe(0);
    obstacles.reset(0, 0, 0, context, { ...ENDS, objects: {} });
    truth.position.set([1, 0, 0]);
    expect(measure(0)).toBeCloseTo(1.95, 12);
  });
});
