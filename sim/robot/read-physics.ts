import type { RobotConfig } from './config.ts';
import type { CrossCheck } from './cross-check.ts';
import { DEFAULT_MATERIAL, type Material } from './geometry.ts';
import type { DifferentialDrive, Joint, Link, SelfCollision } from './model.ts';

/** Links with the materials that robot.yaml gives their collision shapes. Problems go to `check`. */
export function applyContact(
  config: RobotConfig,
  check: CrossCheck,
  links: readonly Link[],
): readonly Link[] {
  const { shapes, decompose } = config.contact;
  for (const name of Object.keys(shapes)) check.shape(`contact.shapes.${name}`, name);
  for (const name of decompose) check.shape('contact.decompose', name);
  return links.map((link) => ({
    ...link,
    collisions: link.collisions.map((shape) => ({
      ...shape,
      material: computeMaterial(config, link.name, shape.name),
      solid:
        decompose.includes(shape.name) || decompose.includes(link.name) ? 'decomposition' : 'hull',
    })),
  }));
}

/** What is said of the shape holds before what is said of its link, and that before the default. */
function computeMaterial({ contact }: RobotConfig, link: string, shape: string): Material {
  const layers = [contact.default, contact.shapes[link], contact.shapes[shape]];
  return layers.reduce<Material>(
    (material, layer) => ({
      friction: layer?.friction ?? material.friction,
      restitution: layer?.restitution ?? material.restitution,
    }),
    DEFAULT_MATERIAL,
  );
}

/** Joints with what robot.yaml puts in the place of the URDF's dynamics. Problems go to `check`. */
export function applyJointDynamics(
  config: RobotConfig,
  check: CrossCheck,
  joints: readonly Joint[],
): readonly Joint[] {
  for (const name of Object.keys(config.joints)) check.movableJoint(`joints.${name}`, name);
  return joints.map((joint) => {
    const given = config.joints[joint.name];
    if (given === undefined) return joint;
    return {
      ...joint,
      armature: given.armature ?? joint.armature,
      damping: given.damping ?? joint.damping,
      friction: given.friction ?? joint.friction,
    };
  });
}

export function readDrive(config: RobotConfig, check: CrossCheck): DifferentialDrive | undefined {
  const { drive } = config;
  if (drive === undefined) return undefined;
  for (const side of ['left', 'right'] as const) {
    for (const joint of drive[side]) check.movableJoint(`drive.${side}`, joint);
  }
  const { left, right, wheelRadius, wheelSeparation } = drive;
  return { left, right, wheelRadius, wheelSeparation };
}

export function readSelfCollision(config: RobotConfig, check: CrossCheck): SelfCollision {
  const { selfCollision } = config;
  if (selfCollision === 'none') return { kind: 'none' };
  selfCollision.except.forEach((pair, i) => {
    for (const link of pair) check.link(`selfCollision.except[${i}]`, link);
  });
  return { kind: 'all', except: selfCollision.except };
}
