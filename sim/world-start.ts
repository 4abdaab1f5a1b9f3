import { makeBodyStates, makeKinematics } from './engine/kinematics.ts';
import type { Rng } from './math/rng.ts';
import { computeNorm } from './math/vec3.ts';
import type { Geometry } from './robot/geometry.ts';
import type { RobotModel } from './robot/model.ts';
import { makeStateBatch, type StateBatch } from './robot/state.ts';
import { composeTransforms } from './robot/transform.ts';
import { computeGroundRange } from './terrain/ground-height.ts';
import type { Scene } from './terrain/scene.ts';

/**
 * Writes the start state of one robot into its row; the row holds the model's home beforehand. Heights are
 * above the ground: the world adds that of the highest ground under the robot.
 */
export type StartWriter = (out: StateBatch, robot: number, model: RobotModel, rng: Rng) => void;

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
 * holds its collision shapes at home, whatever way it faces. A base that is fixed stays where it is bolted, and
 * where there is no ground nothing is raised.
 */
export function makeStartRaiser(model: RobotModel, scene: Scene) {
  const isFlat = scene.ground?.kind !== 'height_field' && scene.objects.length === 0;
  if (model.base === 'fixed' || isFlat) return () => {};
  const radius = computeFootprintRadius(model);
  return (out: StateBatch, robot: number): void => {
    const centre = [out.position[3 * robot]!, out.position[3 * robot + 1]!] as const;
    const { highest } = computeGroundRange(scene, centre, radius, 'top');
    if (Number.isFinite(highest)) out.position[3 * robot + 2]! += highest;
  };
}

/** Distance from base_link, seen from above, within which all collision shapes lie at home. [m] */
export function computeFootprintRadius(model: RobotModel): number {
  const kinematics = makeKinematics(model);
  const bodies = makeBodyStates(kinematics.bodies.length);
  const home = makeStateBatch(1, model.jointNames.length);
  writeHome(home, 0, model);
  kinematics.writeBodies(bodies, 0, home, 0);
  const [baseX, baseY] = model.home.position;
  let radius = 0;
  kinematics.bodies.forEach(({ links }, row) => {
    const { position, orientation } = bodies;
    const odomFromBody = {
      translation: [position[3 * row]!, position[3 * row + 1]!, position[3 * row + 2]!],
      rotation: [
        orientation[4 * row]!,
        orientation[4 * row + 1]!,
        orientation[4 * row + 2]!,
        orientation[4 * row + 3]!,
      ],
    } as const;
    for (const { name, bodyFromLink } of links) {
      const odomFromLink = composeTransforms(odomFromBody, bodyFromLink);
      const link = model.links.find((candidate) => candidate.name === name);
      for (const { linkFromShape, geometry } of link?.collisions ?? []) {
        const [x, y] = composeTransforms(odomFromLink, linkFromShape).translation;
        const reach = computeReach(geometry, model);
        radius = Math.max(radius, Math.hypot(x - baseX, y - baseY) + reach);
      }
    }
  });
  return radius;
}

/** Of the ball around a shape's origin that holds it. [m] */
function computeReach(geometry: Geometry, { meshes }: RobotModel): number {
  switch (geometry.kind) {
    case 'box':
      return computeNorm(geometry.size) / 2;
    case 'sphere':
      return geometry.radius;
    case 'cylinder':
      return Math.hypot(geometry.radius, geometry.length / 2);
    case 'capsule':
      return geometry.radius + geometry.length / 2;
    case 'mesh': {
      const { vertices = new Float32Array() } = meshes.get(geometry.uri) ?? {};
      const { scale } = geometry;
      let reach = 0;
      for (let k = 0; k < vertices.length; k += 3) {
        const [x, y, z] = [vertices[k]!, vertices[k + 1]!, vertices[k + 2]!];
        reach = Math.max(reach, Math.hypot(x * scale[0], y * scale[1], z * scale[2]));
      }
      return reach;
    }
  }
}
