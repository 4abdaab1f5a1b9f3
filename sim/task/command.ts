import { wrapAngle } from '../math/quat.ts';
import type { Rng } from '../math/rng.ts';
import { clamp, type Vec3 } from '../math/vec3.ts';
import { type Course, type CourseInput, makeCourse } from './course.ts';
import type { ReferenceBatch } from './robot-view.ts';
import type { ReferenceGenerator } from './task.ts';

/** The same point for the whole episode. @param position [m] [@frame odom] @param yaw [rad] */
export function makeHoldReference(position: Vec3, yaw = 0): ReferenceGenerator {
  return {
    reset(robot, out) {
      for (let axis = 0; axis < 3; axis++) {
        out.position[3 * robot + axis] = position[axis]!;
        out.linearVelocityW[3 * robot + axis] = 0;
      }
      out.yaw[robot] = yaw;
    },
    advance() {},
  };
}

/** A course of its own for every robot and episode, drawn at reset. */
export function makeCourseReference(
  numRobots: number,
  drawCourse: (rng: Rng) => CourseInput,
): ReferenceGenerator {
  const courses: (Course | undefined)[] = new Array(numRobots).fill(undefined);
  return {
    reset(robot, out, rng) {
      const course = makeCourse(drawCourse(rng));
      courses[robot] = course;
      course.writeReference(out, robot, 0);
    },
    advance(robot, out, _state, timeS) {
      courses[robot]?.writeReference(out, robot, timeS);
    },
  };
}

/** [m/s²] in front of a bound; a third of what courses accelerate with by default, for gusts and lag */
const BRAKING = 0.5;

/** A velocity wished by hand, in the heading frame: base_link's yaw, but level. */
export interface HeadingVelocity {
  /** [m/s] ahead */
  readonly x: number;
  /** [m/s] to the left */
  readonly y: number;
  /** [m/s] up */
  readonly z: number;
  /** [rad/s] counterclockwise from above */
  readonly yawRate: number;
}

/** [m] [@frame odom] */
export interface Bounds {
  readonly lower: Vec3;
  readonly upper: Vec3;
}

/**
 * Moves a reference by hand, as `cmd_vel` asks: the position by the velocity turned by the
 * reference's yaw, inside the bounds. Towards a bound it brakes in time, so that a robot that follows
 * can too; an axis at its bound stands still, in velocity too.
 * @param dt [s]
 */
export function moveReference(
  out: ReferenceBatch,
  robot: number,
  wish: HeadingVelocity,
  dt: number,
  bounds: Bounds,
): void {
  const yaw = out.yaw[robot]!;
  const cos = Math.cos(yaw);
  const sin = Math.sin(yaw);
  moveAxis(out, robot, 0, cos * wish.x - sin * wish.y, dt, bounds);
  moveAxis(out, robot, 1, sin * wish.x + cos * wish.y, dt, bounds);
  moveAxis(out, robot, 2, wish.z, dt, bounds);
  out.yaw[robot] = wrapAngle(yaw + wish.yawRate * dt);
}

function moveAxis(
  out: ReferenceBatch,
  robot: number,
  axis: 0 | 1 | 2,
  velocity: number,
  dt: number,
  bounds: Bounds,
): void {
  const i = 3 * robot + axis;
  const position = out.position[i]!;
  const left = velocity > 0 ? bounds.upper[axis] - position : position - bounds.lower[axis];
  // From v² = 2 a s: no faster than what can be braked in the way that is left.
  const fastest = Math.sqrt(2 * BRAKING * Math.max(0, left));
  const braked = clamp(velocity, -fastest, fastest);
  const wanted = position + braked * dt;
  const moved = clamp(wanted, bounds.lower[axis], bounds.upper[axis]);
  out.position[i] = moved;
  out.linearVelocityW[i] = moved === wanted ? braked : 0;
}
