import type { VisualModel } from '../../robot-schema.ts';
import { computeShapeBox } from './geometry.ts';
import { findLink } from './kinematics.ts';
import {
  AdditiveBlending,
  CircleGeometry,
  Color,
  DoubleSide,
  InstancedMesh,
  type Matrix4,
  MeshBasicMaterial,
  Quaternion,
  Vector3,
} from './three.ts';

/** [rad/s] below this a propeller is seen by its blades alone */
const BLUR_FROM = 40;
/** [rad/s] above this the disc is as bright as it gets */
const BLUR_FULL = 800;
const BRIGHTNESS = 0.16;

/** The disc that a fast propeller looks like, one instance per robot. */
export interface RotorBlur {
  readonly mesh: InstancedMesh;
  /** Index in joint order. */
  readonly joint: number;
  readonly link: number;
  set(instance: number, mapFromLink: Matrix4, speed: number): void;
  markChanged(): void;
  dispose(): void;
}

/** Empty where the propeller has no visual to take the size from. */
export function makeRotorBlur(model: VisualModel, jointName: string, count: number): RotorBlur[] {
  const joint = model.joints.find((candidate) => candidate.name === jointName);
  const link = joint === undefined ? -1 : findLink(model, joint.child);
  const radius = computeSweptRadius(model, link);
  if (joint === undefined || radius === 0) return [];
  const geometry = new CircleGeometry(radius, 40);
  const upright = new Quaternion().setFromUnitVectors(
    new Vector3(0, 0, 1),
    new Vector3(...joint.axis),
  );
  geometry.applyQuaternion(upright);
  const material = new MeshBasicMaterial({
    transparent: true,
    blending: AdditiveBlending,
    depthWrite: false,
    side: DoubleSide,
  });
  const mesh = new InstancedMesh(geometry, material, count);
  mesh.frustumCulled = false;
  const colour = new Color();
  for (let i = 0; i < count; i++) mesh.setColorAt(i, colour.setScalar(0));
  return [
    {
      mesh,
      joint: model.jointNames.indexOf(jointName),
      link,
      set: (instance, mapFromLink, speed) => {
        const t = (Math.abs(speed) - BLUR_FROM) / (BLUR_FULL - BLUR_FROM);
        // Black is invisible where light is added.
        mesh.setColorAt(instance, colour.setScalar(BRIGHTNESS * Math.max(0, Math.min(1, t || 0))));
        mesh.setMatrixAt(instance, mapFromLink);
      },
      markChanged: () => {
        mesh.instanceMatrix.needsUpdate = true;
        if (mesh.instanceColor !== null) mesh.instanceColor.needsUpdate = true;
      },
      dispose: () => {
        geometry.dispose();
        material.dispose();
        mesh.dispose();
      },
    },
  ];
}

/** [m] reach of the propeller's visuals from its link's origin */
function computeSweptRadius(model: VisualModel, link: number): number {
  let radius = 0;
  for (const { linkFromShape, geometry } of model.links[link]?.visuals ?? []) {
    const [x, y] = linkFromShape.translation;
    const [lower, upper] = computeShapeBox(model, geometry) ?? [
      [0, 0],
      [0, 0],
    ];
    const reach = Math.max(-lower[0], -lower[1], upper[0], upper[1]);
    radius = Math.max(radius, Math.hypot(x, y) + reach);
  }
  return radius;
}
