import { z } from 'zod';
import { clamp, computeDistance, type MutableNumbers, type Vec3 } from '../math/vec3.ts';
import type { ReferenceBatch } from './robot-view.ts';

const Point = z.tuple([z.number(), z.number(), z.number()]);
const position = (description: string) => Point.meta({ unit: 'm', frame: 'odom', description });
const length = z.number().positive().max(1000);

const shared = {
  speed: z.number().positive().max(20).default(0.6).meta({
    unit: 'm/s',
    description: 'Never exceeded along the course',
  }),
  phase: z.number().min(0).max(1).default(0).meta({
    unit: 'lap',
    description: 'Where on the lap the course begins',
  }),
  offset: Point.default([0, 0, 0]).meta({
    unit: 'm',
    frame: 'odom',
    description: 'Shifts the whole course',
  }),
  yaw: z.number().default(0).meta({ unit: 'rad', description: 'Heading to keep' }),
  rampS: z.number().nonnegative().default(1).meta({
    unit: 's',
    description: 'Time in which the course gets up to speed',
  }),
};

export const WaypointCourse = z.strictObject({
  kind: z.literal('waypoints'),
  points: z.array(position('Where to pause')).min(1).max(1000),
  acceleration: z.number().positive().max(100).default(1.5).meta({
    unit: 'm/s²',
    description: 'Between rest at one point and rest at the next',
  }),
  dwellS: z.number().nonnegative().default(1).meta({ unit: 's', description: 'Pause at a point' }),
  after: z.enum(['repeat', 'hold']).default('repeat').meta({
    description: 'After the last point: back to the first, or stay there',
  }),
  ...shared,
});

export const FigureEightCourse = z.strictObject({
  kind: z.literal('figure_eight'),
  centre: position('Where the eight crosses itself'),
  halfLength: length.default(1).meta({ unit: 'm', description: 'Along x' }),
  halfWidth: length.default(1).meta({
    unit: 'm',
    description: 'y = halfWidth · sin θ cos θ: each lobe is halfWidth wide',
  }),
  rise: z.number().min(-100).max(100).default(0).meta({
    unit: 'm',
    description: 'Height gained at one end and lost at the other',
  }),
  ...shared,
});

export const CircleCourse = z.strictObject({
  kind: z.literal('circle'),
  centre: position('Centre'),
  radius: length.default(1).meta({ unit: 'm', description: 'Radius' }),
  ...shared,
});

/** Where a robot should be at each time. One point with `waypoints` is a place to hover. */
export const CourseConfig = z.discriminatedUnion('kind', [
  WaypointCourse,
  FigureEightCourse,
  CircleCourse,
]);
export type CourseConfig = z.infer<typeof CourseConfig>;
export type CourseInput = z.input<typeof CourseConfig>;

/** A course is a function of time alone: continuous, and never faster than its speed. */
export interface Course {
  readonly config: CourseConfig;
  /** [s] one lap at full speed; 0 for a single point */
  readonly lapS: number;
  /** Writes position, velocity and yaw of row `robot`. @param timeS since the course began */
  writeReference(out: ReferenceBatch, robot: number, timeS: number): void;
  /** [numPoints, 3] m [@frame odom] one lap at equal steps of time, for display. */
  samplePath(numPoints: number): Float64Array;
}

/**
 * Makes a course, the same for a task and for the node that flies it.
 * @throws ZodError if the configuration does not parse
 */
export function makeCourse(input: CourseInput): Course {
  const config = CourseConfig.parse(input);
  const shape = makeShape(config);
  const { offset, phase, rampS, yaw } = config;
  const begin = phase * shape.lapS;
  const writeAt = (out: MutableNumbers, o: number, v: MutableNumbers, vo: number, s: number) => {
    shape.write(out, o, v, vo, s);
    for (let axis = 0; axis < 3; axis++) out[o + axis]! += offset[axis]!;
  };
  return {
    config,
    lapS: shape.lapS,
    writeReference(out, robot, timeS) {
      // Time along the course t' with dt'/dt rising evenly from 0 to 1 over the ramp.
      const t = Math.max(0, timeS);
      const rate = t < rampS ? t / rampS : 1;
      const along = t < rampS ? 0.5 * t * rate : t - 0.5 * rampS;
      const i = 3 * robot;
      writeAt(out.position, i, out.linearVelocityW, i, begin + along);
      for (let axis = 0; axis < 3; axis++) out.linearVelocityW[i + axis]! *= rate;
      out.yaw[robot] = yaw;
    },
    samplePath(numPoints) {
      const path = new Float64Array(3 * numPoints);
      const velocity = new Float64Array(3);
      for (let k = 0; k < numPoints; k++) {
        writeAt(path, 3 * k, velocity, 0, (shape.lapS * k) / Math.max(1, numPoints - 1));
      }
      return path;
    },
  };
}

/** A closed curve, or one that ends at rest, by time at full speed. */
interface Shape {
  readonly lapS: number;
  /** Position at p[po …], velocity at v[vo …], `s` seconds along the curve. */
  write(p: MutableNumbers, po: number, v: MutableNumbers, vo: number, s: number): void;
}

function makeShape(config: CourseConfig): Shape {
  switch (config.kind) {
    case 'waypoints':
      return makeWaypointShape(config);
    case 'figure_eight':
      return makeFigureEightShape(config);
    case 'circle':
      return makeCircleShape(config);
  }
}

/** Gerono's lemniscate. It is fastest at its crossing, where θ = 0 and |dp/dθ|² = a² + b² + c². */
function makeFigureEightShape(config: z.infer<typeof FigureEightCourse>): Shape {
  const { centre, halfLength: a, halfWidth: b, rise: c, speed } = config;
  const rate = speed / Math.sqrt(a * a + b * b + c * c);
  return {
    lapS: (2 * Math.PI) / rate,
    write(p, po, v, vo, s) {
      const sin = Math.sin(rate * s);
      const cos = Math.cos(rate * s);
      p[po] = centre[0] + a * sin;
      p[po + 1] = centre[1] + b * sin * cos;
      p[po + 2] = centre[2] + c * sin;
      v[vo] = rate * a * cos;
      v[vo + 1] = rate * b * (cos * cos - sin * sin);
      v[vo + 2] = rate * c * cos;
    },
  };
}

function makeCircleShape(config: z.infer<typeof CircleCourse>): Shape {
  const { centre, radius, speed } = config;
  const rate = speed / radius;
  return {
    lapS: (2 * Math.PI) / rate,
    write(p, po, v, vo, s) {
      p[po] = centre[0] + radius * Math.cos(rate * s);
      p[po + 1] = centre[1] + radius * Math.sin(rate * s);
      p[po + 2] = centre[2];
      v[vo] = -speed * Math.sin(rate * s);
      v[vo + 1] = speed * Math.cos(rate * s);
      v[vo + 2] = 0;
    },
  };
}

interface Leg {
  readonly from: Vec3;
  readonly direction: Vec3;
  readonly length: number;
  readonly startS: number;
  readonly durationS: number;
  /** [s] of speeding up, and of slowing down */
  readonly rampS: number;
}

/** Straight legs from rest to rest with a trapezoidal speed, a pause at each point. */
function makeWaypointShape(config: z.infer<typeof WaypointCourse>): Shape {
  const { points, dwellS, after } = config;
  const legs: Leg[] = [];
  let clock = dwellS;
  const numLegs = after === 'repeat' ? points.length : points.length - 1;
  for (let k = 0; k < numLegs; k++) {
    const leg = makeLeg(points[k]!, points[(k + 1) % points.length]!, clock, config);
    legs.push(leg);
    clock += leg.durationS + dwellS;
  }
  // Back at the first point, the pause of the next lap follows at once.
  const lapS = points.length === 1 ? 0 : after === 'repeat' ? clock - dwellS : clock;
  const first = points[0]!;
  return {
    lapS,
    write(p, po, v, vo, s) {
      const time = lapS === 0 ? 0 : after === 'repeat' ? s % lapS : Math.min(s, lapS);
      let leg: Leg | undefined;
      for (let k = 0; k < legs.length && legs[k]!.startS <= time; k++) leg = legs[k];
      if (leg === undefined) {
        for (let axis = 0; axis < 3; axis++) {
          p[po + axis] = first[axis]!;
          v[vo + axis] = 0;
        }
        return;
      }
      writeLeg(p, po, v, vo, leg, time - leg.startS, config.acceleration);
    },
  };
}

function makeLeg(
  from: Vec3,
  to: Vec3,
  startS: number,
  limits: { readonly speed: number; readonly acceleration: number },
): Leg {
  const length = computeDistance(from, 0, to, 0);
  const along = (axis: 0 | 1 | 2) => (length > 0 ? (to[axis] - from[axis]) / length : 0);
  // Full speed takes speed²/acceleration metres to reach and to leave; a shorter leg peaks below it.
  const peak = Math.min(limits.speed, Math.sqrt(limits.acceleration * length));
  const rampS = peak / limits.acceleration;
  const durationS = length > 0 ? rampS + length / peak : 0;
  return { from, direction: [along(0), along(1), along(2)], length, startS, durationS, rampS };
}

function writeLeg(
  p: MutableNumbers,
  po: number,
  v: MutableNumbers,
  vo: number,
  leg: Leg,
  sinceStartS: number,
  acceleration: number,
): void {
  const t = clamp(sinceStartS, 0, leg.durationS);
  const toEnd = leg.durationS - t;
  const speed = acceleration * Math.min(t, toEnd, leg.rampS);
  const distance =
    t <= leg.rampS
      ? 0.5 * speed * t
      : toEnd <= leg.rampS
        ? leg.length - 0.5 * speed * toEnd
        : 0.5 * speed * leg.rampS + speed * (t - leg.rampS);
  for (let axis = 0; axis < 3; axis++) {
    p[po + axis] = leg.from[axis]! + leg.direction[axis]! * distance;
    v[vo + axis] = leg.direction[axis]! * speed;
  }
}
