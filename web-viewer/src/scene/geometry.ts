import type { VisualModel } from '../../protocol.ts';
import {
  BoxGeometry,
  type BufferGeometry,
  CapsuleGeometry,
  CylinderGeometry,
  SphereGeometry,
} from './three.ts';

export type Visual = VisualModel['links'][number]['visuals'][number];

/** Undefined for a mesh: the page draws primitives. */
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

/** [m] radius of the sphere about a visual's own origin that holds it */
export function computeRadius(geometry: Visual['geometry']): number {
  switch (geometry.kind) {
    case 'box':
      return 0.5 * Math.hypot(...geometry.size);
    case 'sphere':
      return geometry.radius;
    case 'cylinder':
      return Math.hypot(geometry.radius, 0.5 * geometry.length);
    case 'capsule':
      return geometry.radius + 0.5 * geometry.length;
    case 'mesh':
      return 0;
  }
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
      const reach = Math.hypot(...linkFromShape.translation) + computeRadius(geometry);
      radius = Math.max(radius, offset + reach);
    }
  }
  return radius;
}
