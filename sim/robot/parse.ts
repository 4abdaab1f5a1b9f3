import { throwIfAny, UserError } from '../errors.ts';
import { type QuatXYZW, writeFromRollPitchYaw } from '../math/quat.ts';
import { parseYaml } from '../schema.ts';
import { type PerJoint, RobotConfig } from './config.ts';
import { CrossCheck } from './cross-check.ts';
import type { MeshAsset } from './geometry.ts';
import type { RobotModel } from './model.ts';
import { readActuators } from './read-actuators.ts';
import { applyContact, applyJointDynamics, readDrive, readSelfCollision } from './read-physics.ts';
import { readSensors } from './read-sensors.ts';
import { computeRigidBodies } from './rigid-bodies.ts';
import { parseUrdf } from './urdf.ts';

/** The two texts that describe a robot, with names for messages. */
export interface RobotSource {
  readonly urdf: string;
  readonly yaml: string;
  readonly where: { readonly urdf: string; readonly yaml: string };
  /** Of both files, for provenance. */
  readonly sha256: string;
  /** What was read from mesh files, by the URI in the URDF. */
  readonly meshes?: ReadonlyMap<string, MeshAsset>;
}

/**
 * Joins URDF and robot.yaml into a frozen RobotModel.
 * @throws UserError, or UserErrors with all problems of the first stage that has any: URDF,
 * YAML, schema, then names and ranges that must agree between the two files
 */
export function parseRobot(source: RobotSource): RobotModel {
  const urdf = parseUrdf(source.urdf, source.where.urdf);
  const config = parseYaml(RobotConfig, source.yaml, {
    where: source.where.yaml,
    remedy: 'Correct robot.yaml; every key is described in sim/robot/config.ts.',
  });
  const check = new CrossCheck(urdf, source.where.yaml);
  check.expectEqual('robot', config.robot, urdf.name);
  const joints = applyJointDynamics(config, check, urdf.joints);
  const jointNames = joints.filter((j) => j.type !== 'fixed').map((j) => j.name);
  const actuators = readActuators(config, check, jointNames);
  const actuatedJointNames = actuators.map((actuator) => actuator.joint);
  const perJoint = (key: string, value: PerJoint) => check.perJoint(key, value, actuatedJointNames);
  const safety = config.safety;
  const orientation: [number, number, number, number] = [0, 0, 0, 1];
  writeFromRollPitchYaw(orientation, 0, ...config.home.rollPitchYaw);
  const model: RobotModel = {
    name: urdf.name,
    base: config.base,
    rootLink: urdf.rootLink,
    links: applyContact(config, check, urdf.links),
    joints,
    jointNames,
    actuatedJointNames,
    actuators,
    batteries: Object.entries(config.batteries).map(([name, battery]) => ({ name, ...battery })),
    transmissions: urdf.transmissions,
    drive: readDrive(config, check),
    selfCollision: readSelfCollision(config, check),
    physics: config.physics,
    meshes: source.meshes ?? new Map(),
    commandKind: config.commandKind,
    commandLower: actuators.map((a) => (a.kind === 'rotor' ? a.minSpeed : -a.maxEffort)),
    commandUpper: actuators.map((a) => (a.kind === 'rotor' ? a.maxSpeed : a.maxEffort)),
    sensors: readSensors(config, check),
    home: {
      position: config.home.position,
      orientation: orientation as QuatXYZW,
      jointPosition: check.jointPositions(config.home.joints, jointNames),
    },
    safety: {
      ...(safety.maxTilt === undefined ? {} : { maxTilt: safety.maxTilt }),
      ...(safety.geofence === undefined ? {} : { geofence: safety.geofence }),
      maxCommandRate: perJoint('safety.maxCommandRate', safety.maxCommandRate),
      damp: perJoint('safety.damp', safety.damp),
      stop: perJoint('safety.stop', safety.stop),
      motorTimeoutS: safety.motorTimeoutS,
    },
    sha256: source.sha256,
  };
  check.commands(model);
  throwIfAny(check.errors);
  checkMasses(model, source.where.urdf);
  return deepFreeze(model);
}

/** Whatever moves by itself needs a mass. */
function checkMasses(model: RobotModel, where: string): void {
  const errors = computeRigidBodies(model).flatMap((body) => {
    const needsMass = body.connection !== undefined || model.base === 'floating';
    if (!needsMass || body.mass > 0) return [];
    return [
      new UserError({
        where: `${where}: robot/link[${body.rootLink}]`,
        problem: 'a link that moves has no mass',
        expected: `<inertial> in one of ${body.links.map((link) => link.name).join(', ')}`,
        got: 'none',
        remedy: 'Add the mass and inertia of the link.',
      }),
    ];
  });
  throwIfAny(errors);
}

function deepFreeze<T>(value: T): T {
  // Views of binary data cannot be frozen.
  if (ArrayBuffer.isView(value)) return value;
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
