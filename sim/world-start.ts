import { makeBodyStates, makeKinematics } from './engine/kinematics.ts';
import { writeInverseRotated } from './math/quat.ts';
import type { Rng } from './math/rng.ts';
import { computeDot, computeNorm, type Vec3 } from './math/vec3.ts';
import type { Geometry, Transform } from './robot/geometry.ts';
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
  const shapes = placeShapesAtHome(model);
  const [baseX, baseY, baseZ] = model.home.position;
  const radii = shapes.map(({ geometry, odomFromShape: { translation } }) => {
    const [x, y] = translation;
    return Math.hypot(x - baseX, y - baseY) + computeReach(geometry, model);
  });
  const heads = shapes.map(({ geometry, odomFromShape: { translation, rotation } }) => {
    const up: [number, number, number] = [0, 0, 1];
    writeInverseRotated(up, 0, rotation, 0, up, 0);
    return translation[2] - baseZ + computeExtent(geometry, up, model);
  });
  return { radius: Math.max(0, ...radii), head: heads.length === 0 ? 0 : Math.max(...heads) };
}

function placeShapesAtHome(
  model: RobotModel,
): { readonly geometry: Geometry; readonly odomFromShape: Transform }[] {
  const kinematics = makeKinematics(model);
  const { position, orientation, ...rest } = makeBodyStates(kinematics.bodies.length);
  const home = makeStateBatch(1, model.jointNames.length);
  writeHome(home, 0, model);
  kinematics.writeBodies({ position, orientation, ...rest }, 0, home, 0);
  return kinematics.bodies.flatMap(({ links }, row) => {
    const [x, y, z] = position.subarray(3 * row, 3 * row + 3);
    const [qx, qy, qz, qw] = orientation.subarray(4 * row, 4 * row + 4);
    const odomFromBody = { translation: [x!, y!, z!], rotation: [qx!, qy!, qz!, qw!] } as const;
    return links.flatMap(({ name, bodyFromLink }) => {
      const odomFromLink = composeTransforms(odomFromBody, bodyFromLink);
      const link = model.links.find((candidate) => candidate.name === name);
      return (link?.collisions ?? []).map(({ linkFromShape, geometry }) => ({
        geometry,
        odomFromShape: composeTransforms(odomFromLink, linkFromShape),
      }));
    });
  });
}

/** Of the ball around a shape's origin that holds it. [m] */
function computeReach(geometry: Geometry, model: RobotModel): number {
  switch (geometry.kind) {
    case 'box':
      return computeNorm(geometry.size) / 2;
    case 'sphere':
      return geometry.radius;
    case 'cylinder':
      return Math.hypot(geometry.radius, geometry.length / 2);
    case 'capsule':
      return geometry.radius + geometry.length / 2;
    case 'mesh':
      return maxOverVertices(geometry, model, computeNorm);
  }
}

/** From a shape's origin to its farthest point along a direction. [m] @param along unit vector [@frame shape] */
function computeExtent(geometry: Geometry, along: Vec3, model: RobotModel): number {
  const [x, y, z] = along;
  switch (geometry.kind) {
    case 'box': {
      const [length, width, height] = geometry.size;
      return (Math.abs(x) * length + Math.abs(y) * width + Math.abs(z) * height) / 2;
    }
    case 'sphere':
      return geometry.radius;
    case 'cylinder':
      return Math.hypot(x, y) * geometry.radius + (Math.abs(z) * geometry.length) / 2;
    case 'capsule':
      return geometry.radius + (Math.abs(z) * geometry.length) / 2;
    case 'mesh':
      return maxOverVertices(geometry, model, (vertex) => computeDot(vertex, 0, along, 0));
  }
}

/** The largest value of any vertex, at its scale; 0 for a mesh that was not read. */
function maxOverVertices(
  { uri, scale }: Extract<Geometry, { kind: 'mesh' }>,
  { meshes }: RobotModel,
  compute: (vertex: Vec3) => number,
): number {
  const { vertices = new Float32Array() } = meshes.get(uri) ?? {};
  let largest = vertices.length === 0 ? 0 : Number.NEGATIVE_INFINITY;
  for (let k = 0; k < vertices.length; k += 3) {
    const [x, y, z] = [vertices[k]!, vertices[k + 1]!, vertices[k + 2]!];
    largest = Math.max(largest, compute([x * scale[0], y * scale[1], z * scale[2]]));
  }
  return largest;
}
