import { writeInverseRotated } from './math/quat.ts';
import type { Rng } from './math/rng.ts';
import { computeDot } from './math/vec3.ts';
import { computeBodyPoses, computeExtentAlong, placeCollisionShapes } from './robot/body-poses.ts';
import type { RobotModel } from './robot/model.ts';
import { computeRigidBodies } from './robot/rigid-bodies.ts';
import { computeReach } from './robot/shape-extent.ts';
import type { StateBatch } from './robot/state.ts';
import type { Field } from './task/field.ts';
import { computeGroundRange } from './terrain/ground-height.ts';
import type { Scene } from './terrain/scene.ts';

/**
 * Writes the start state of one robot into its row; the row holds the model's home beforehand. Heights are
 * above the ground: the world adds that of the highest ground under the robot.
 */
export type StartWriter = (
  out: StateBatch,
  robot: number,
  model: RobotModel,
  rng: Rng,
  /** Of the episode, for a task that draws one. */
  field?: Field,
) => void;

/** Writes the model's home, at rest, into one row. */
export function writeHome(out: StateBatch, robot: number, model: RobotModel): void {
  const { home } = model;
  for (let k = 0; k < 3; k++) {
    out.position[3 * robot + k] = home.position[k]!;
    out.linearVelocityW[3 * robot + k] = 0;
    out.angularVelocityB[3 * robot + k] = 0;
  }
  for (let k = 0; k < 4; k++) out.orientation[4 * robot + k] = home.orientation[k]!;
  for (let j = 0; j < out.numJoints; j++) {
    out.jointPosition[robot * out.numJoints + j] = home.jointPosition[j]!;
    out.jointVelocity[robot * out.numJoints + j] = 0;
    out.jointEffort[robot * out.numJoints + j] = 0;
  }
}

/**
 * Raises a robot's start by the highest ground, or top of something standing, under its footprint: the disc that
 * holds its collision shapes at home, whatever way it faces. What hangs over its head where it would stand is a
 * roof and no ground. A base that is fixed stays where it is bolted; where there is no ground things stand at z = 0.
 */
export function makeStartRaiser(model: RobotModel, scene: Scene) {
  const isFlat = scene.ground?.kind !== 'height_field' && scene.objects.length === 0;
  if (model.base === 'fixed' || isFlat) return () => {};
  const { radius, head } = computeHomeBounds(model);
  return (out: StateBatch, robot: number): void => {
    const centre = [out.position[3 * robot]!, out.position[3 * robot + 1]!] as const;
    const height = out.position[3 * robot + 2]!;
    const ground = computeGroundRange(scene, centre, radius).highest;
    let support = Number.isFinite(ground) ? ground : 0;
    // Standing on what it stood in, it may stand in the next: on a table, under a shelf that is too low.
    for (let isHigher = true; isHigher; ) {
      const ceiling = support + height + head;
      const { highest } = computeGroundRange(scene, centre, radius, 'top', ceiling);
      isHigher = highest > support;
      if (isHigher) support = highest;
    }
    out.position[3 * robot + 2] = height + support;
  };
}

/** What holds all collision shapes at home. */
interface HomeBounds {
  /** [m] distance from base_link, seen from above */
  readonly radius: number;
  /** [m] height above base_link; 0 for a robot without shapes */
  readonly head: number;
}

function computeHomeBounds(model: RobotModel): HomeBounds {
  const { orientation, jointPosition } = model.home;
  const bodies = computeRigidBodies(model);
  const poses = computeBodyPoses(bodies, jointPosition);
  const shapes = placeCollisionShapes(model, bodies, poses);
  const up: [number, number, number] = [0, 0, 1];
  writeInverseRotated(up, 0, orientation, 0, up, 0);
  const radii = shapes.map(({ geometry, rootFromShape: { translation } }) => {
    const along = computeDot(translation, 0, up, 0);
    const across = Math.sqrt(Math.max(0, computeDot(translation, 0, translation, 0) - along ** 2));
    return across + computeReach(geometry, model.meshes);
  });
  const head = Math.max(...shapes.map((shape) => computeExtentAlong(shape, up, model.meshes)));
  return { radius: Math.max(0, ...radii), head: Number.isFinite(head) ? head : 0 };
}
