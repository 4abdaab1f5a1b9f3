import type { VisualModel } from '../../robot-schema.ts';
import {
  BoxGeometry,
  type BufferGeometry,
  CapsuleGeometry,
  CylinderGeometry,
  SphereGeometry,
} from './three.ts';

type Vec3 = readonly [number, number, number];
export type Visual = VisualModel['links'][number]['visuals'][number];

/** Undefined for a mesh, which has to be fetched first. */
export function makeGeometry(geometry: Visual['geometry']): BufferGeometry | undefined {
  switch (geometry.kind) {
    case 'box':
      return new BoxGeometry(...geometry.size);
    case 'sphere':
      return new SphereGeometry(geometry.radius, 24, 16);
    case 'cylinder':
      // three's cylinder lies along y, URDF's along z.
      return new CylinderGeometry(geometry.radius, geometry.radius, geometry.length, 24).rotateX(
        Math.PI / 2,
      );
    case 'capsule':
      return new CapsuleGeometry(geometry.radius, geometry.length, 8, 24).rotateX(Math.PI / 2);
    case 'mesh':
      return undefined;
  }
}

/** [m] opposite corners of the box around a shape, in its own frame; undefined for a mesh that is not there */
export function computeShapeBox(
  model: VisualModel,
  geometry: Visual['geometry'],
): readonly [lower: Vec3, upper: Vec3] | undefined {
  const around = (x: number, y: number, z: number) =>
    [[-x, -y, -z] as const, [x, y, z] as const] as const;
  switch (geometry.kind) {
    case 'box': {
      const [x, y, z] = geometry.size;
      return around(x / 2, y / 2, z / 2);
    }
    case 'sphere':
      return around(geometry.radius, geometry.radius, geometry.radius);
    case 'cylinder':
      return around(geometry.radius, geometry.radius, geometry.length / 2);
    case 'capsule':
      return around(geometry.radius, geometry.radius, geometry.radius + geometry.length / 2);
    case 'mesh': {
      const mesh = model.meshes?.[geometry.uri];
      if (mesh === undefined) return undefined;
      const at = (pick: typeof Math.min) =>
        geometry.scale.map((s, k) =>
          pick(s * mesh.lower[k]!, s * mesh.upper[k]!),
        ) as unknown as Vec3;
      return [at(Math.min), at(Math.max)];
    }
  }
}

/** [m] radius of the sphere about a visual's own origin that holds it */
export function computeRadius(model: VisualModel, geometry: Visual['geometry']): number {
  const box = computeShapeBox(model, geometry);
  if (box === undefined) return 0;
  const [lower, upper] = box;
  // Round shapes reach less far than the corners of their box.
  if (geometry.kind === 'sphere') return geometry.radius;
  if (geometry.kind === 'capsule') return upper[2];
  if (geometry.kind === 'cylinder') return Math.hypot(geometry.radius, upper[2]);
  return Math.hypot(...lower.map((value, k) => Math.max(-value, upper[k]!)));
}

/** [m] radius of the sphere about base_link that holds the robot with its joints at zero */
export function computeModelRadius(model: VisualModel): number {
  const offsets = new Map([[model.rootLink, 0]]);
  for (let pass = 0; pass < model.joints.length; pass++) {
    for (const joint of model.joints) {
      const parent = offsets.get(joint.parent);
      if (parent !== undefined && !offsets.has(joint.child)) {
        offsets.set(joint.child, parent + Math.hypot(...joint.parentFromJoint.translation));
      }
    }
  }
  let radius = 0.02;
  for (const link of model.links) {
    const offset = offsets.get(link.name) ?? 0;
    for (const { linkFromShape, geometry } of link.visuals) {
      const reach = Math.hypot(...linkFromShape.translation) + computeRadius(model, geometry);
      radius = Math.max(radius, offset + reach);
    }
  }
  return radius;
}
