import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rng } from '../../../sim/math/rng.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import {
  type Bounds,
  makeCourseReference,
  makeHoldReference,
  moveReference,
} from '../../../sim/task/command.ts';
import { type CourseInput, makeCourse } from '../../../sim/task/course.ts';
import { makeReferenceBatch } from '../../../sim/task/robot-view.ts';

function at(course: ReturnType<typeof makeCourse>, timeS: number) {
  const out = makeReferenceBatch(2);
  course.writeReference(out, 1, timeS);
  return {
    position: [...out.position.subarray(3)],
    velocity: [...out.linearVelocityW.subarray(3)],
    yaw: out.yaw[1]!,
  };
}

const point = fc.tuple(
  ...([0, 1, 2] as const).map(() => fc.double({ min: -3, max: 3, noNaN: true })),
) as fc.Arbitrary<[number, number, number]>;
const shared = {
  speed: fc.double({ min: 0.1, max: 3, noNaN: true }),
  phase: fc.double({ min: 0, max: 1, noNaN: true }),
  rampS: fc.constantFrom(0.5, 1, 2),
};
const courses: fc.Arbitrary<CourseInput> = fc.oneof(
  fc.record({
    kind: fc.constant('waypoints' as const),
    points: fc.array(point, { minLength: 1, maxLength: 5 }),
    acceleration: fc.double({ min: 0.2, max: 5, noNaN: true }),
    dwellS: fc.constantFrom(0, 0.7),
    after: fc.constantFrom('repeat' as const, 'hold' as const),
    ...shared,
  }),
  fc.record({ kind: fc.constant('figure_eight' as const), centre: point, ...shared }),
  fc.record({ kind: fc.constant('circle' as const), centre: point, ...shared }),
);

describe('a course', () => {
  it('is never faster than its speed, and its velocity is the slope of its position', () => {
    const h = 1e-5;
    fc.assert(
      fc.property(courses, fc.double({ min: 0.01, max: 40, noNaN: true }), (input, t) => {
        const course = makeCourse(input);
        const now = at(course, t);
        expect(Math.hypot(...now.velocity)).toBeLessThanOrEqual(course.config.speed * (1 + 1e-9));
        const before = at(course, t - h).position;
        const after = at(course, t + h).position;
        // Central difference: off by at most acceleration · h where the acceleration jumps. The largest
        // is v²/r + v/ramp ≤ 3² · 3 + 3/0.5 + 5 < 50 m/s².
        for (let k = 0; k < 3; k++) {
          const slope = (after[k]! - before[k]!) / (2 * h);
          expect(Math.abs(slope - now.velocity[k]!)).toBeLessThan(50 * h + 1e-6);
        }
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('pauses at each waypoint and moves between them by a trapezoid', () => {
    const course = makeCourse({
      kind: 'waypoints',
      points: [
        [0, 0, 1],
        [2, 0, 1],
      ],
      speed: 1,
      acceleration: 2,
      dwellS: 1,
      rampS: 0,
      offset: [0, 10, 0],
      yaw: 0.5,
    });
    // Leg: 0.5 s up to 1 m/s over 0.25 m, 1.5 m at 1 m/s, 0.5 s down: 2.5 s. Lap: 2 · (1 + 2.5) = 7 s.
    expect(course.lapS).toBeCloseTo(7, 12);
    expect(at(course, 0.9)).toEqual({ position: [0, 10, 1], velocity: [0, 0, 0], yaw: 0.5 });
    expect(at(course, 1.5).position[0]).toBeCloseTo(0.25, 12);
    expect(at(course, 2).velocity[0]).toBeCloseTo(1, 12);
    expect(at(course, 3.25).position[0]).toBeCloseTo(2 - 0.0625, 12); // 0.25 s before rest: ½ · 2 · 0.25²
    expect(at(course, 4).position[0]).toBeCloseTo(2, 12);
    expect(at(course, 7).position[0]).toBeCloseTo(0, 12);
  });

  it('stays below full speed on a leg too short for it', () => {
    const course = makeCourse({
      kind: 'waypoints',
      points: [
        [0, 0, 0],
        [0.5, 0, 0],
      ],
      speed: 5,
      acceleration: 2,
      dwellS: 0,
      rampS: 0,
    });
    // Peak √(2 · 0.5) = 1 m/s, reached after 0.5 s at the middle.
    expect(at(course, 0.5).velocity[0]).toBeCloseTo(1, 12);
    expect(at(course, 0.5).position[0]).toBeCloseTo(0.25, 12);
  });

  it('holds after the last point, or hovers at a single one', () => {
    const points: [number, number, number][] = [
      [0, 0, 1],
      [1, 0, 1],
    ];
    const once = makeCourse({ kind: 'waypoints', points, after: 'hold' });
    expect(at(once, 1e4)).toEqual({ position: [1, 0, 1], velocity: [0, 0, 0], yaw: 0 });
    const hover = makeCourse({ kind: 'waypoints', points: [[1, 2, 3]] });
    expect(at(hover, 5)).toEqual({ position: [1, 2, 3], velocity: [0, 0, 0], yaw: 0 });
    expect([...hover.samplePath(2)]).toEqual([1, 2, 3, 1, 2, 3]);
  });

  it('crosses its centre at full speed in a figure-eight', () => {
    const course = makeCourse({
      kind: 'figure_eight',
      centre: [1, 2, 3],
      halfLength: 3,
      halfWidth: 4,
      speed: 2,
      rampS: 0,
    });
    // θ' = 2 / √(9 + 16) = 0.4: velocity (0.4 · 3, 0.4 · 4).
    const start = at(course, 0);
    expect(start.position).toEqual([1, 2, 3]);
    expect(start.velocity[0]).toBeCloseTo(1.2, 12);
    expect(start.velocity[1]).toBeCloseTo(1.6, 12);
    expect(course.lapS).toBeCloseTo((2 * Math.PI) / 0.4, 12);
    const path = course.samplePath(5);
    expect(path[12]).toBeCloseTo(1, 9); // closed
    expect(path[3]).toBeCloseTo(4, 9); // a quarter: the far end
  });

  it('begins at its phase', () => {
    const circle: CourseInput = { kind: 'circle', centre: [0, 0, 1], radius: 2 };
    const { position } = at(makeCourse({ ...circle, phase: 0.25 }), 0);
    expect(position[0]).toBeCloseTo(0, 12);
    expect(position[1]).toBeCloseTo(2, 12);
  });

  it('refuses unknown keys', () => {
    const input = { kind: 'circle', centre: [0, 0, 1], radious: 2 } as unknown as CourseInput;
    expect(() => makeCourse(input)).toThrow(/radious/);
  });
});

describe('reference generators', () => {
  it('hold a point for one robot alone', () => {
    const out = makeReferenceBatch(2);
    out.linearVelocityW.fill(5);
    makeHoldReference([1, 2, 3], 0.5).reset(1, out, new Rng(1));
    expect([...out.position]).toEqual([0, 0, 0, 1, 2, 3]);
    expect([...out.linearVelocityW]).toEqual([5, 5, 5, 0, 0, 0]);
    expect([...out.yaw]).toEqual([0, 0.5]);
  });

  it('draw a course per robot, equal for equal seeds', () => {
    const draw = (rng: Rng): CourseInput => ({
      kind: 'circle',
      centre: [rng.uniform(-1, 1), 0, 1],
    });
    const fly = (seed: number) => {
      const generator = makeCourseReference(2, draw);
      const out = makeReferenceBatch(2);
      generator.reset(0, out, new Rng(seed, 0));
      generator.reset(1, out, new Rng(seed, 1));
      for (const robot of [0, 1]) generator.advance(robot, out, makeStateBatch(2, 4), 2, 0.01);
      return [...out.position];
    };
    expect(fly(1)).toEqual(fly(1));
    expect(fly(1)[0]).not.toBe(fly(2)[0]);
    expect(fly(1)[0]).not.toBe(fly(1)[3]);
  });
});

describe('a reference moved by hand', () => {
  const bounds: Bounds = { lower: [-1, -1, 0], upper: [1, 1, 2] };

  it('moves in its heading frame', () => {
    const out = makeReferenceBatch(2);
    out.yaw[1] = Math.PI / 2;
    moveReference(out, 1, { x: 1, y: 0.5, z: 0.25, yawRate: 0.2 }, 0.1, bounds);
    // Ahead is odom's y, left is odom's −x.
    expect(out.position[3]).toBeCloseTo(-0.05, 12);
    expect(out.position[4]).toBeCloseTo(0.1, 12);
    expect(out.position[5]).toBeCloseTo(0.025, 12);
    expect(out.linearVelocityW[4]).toBeCloseTo(1, 12);
    expect(out.yaw[1]).toBeCloseTo(Math.PI / 2 + 0.02, 12);
    expect([...out.position.subarray(0, 3)]).toEqual([0, 0, 0]);
  });

  it('stops at its bounds, in velocity too', () => {
    const out = makeReferenceBatch(1);
    out.position[0] = 0.95;
    moveReference(out, 0, { x: 1, y: 0, z: -1, yawRate: 0 }, 0.1, bounds);
    // 0.05 m to the bound: no faster than √(2 · 0.5 · 0.05) = 0.2236 m/s.
    expect(out.linearVelocityW[0]).toBeCloseTo(Math.sqrt(0.05), 12);
    expect(out.position[0]).toBeCloseTo(0.95 + 0.1 * Math.sqrt(0.05), 12);
    for (let k = 0; k < 10; k++) {
      moveReference(out, 0, { x: 1, y: 0, z: -1, yawRate: 0 }, 0.1, bounds);
    }
    expect([...out.position]).toEqual([1, 0, 0]);
    // −0 where it would go further down.
    expect(out.linearVelocityW.every((v) => v === 0)).toBe(true);
  });
});
