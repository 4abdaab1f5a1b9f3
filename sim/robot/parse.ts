import { throwIfAny } from '../errors.ts';
import { type QuatXYZW, writeFromRollPitchYaw } from '../math/quat.ts';
import type { DenseLayer } from '../onnx/dense-layers.ts';
import { parseYaml } from '../schema.ts';
import { findBodyFaults } from './check-bodies.ts';
import { checkDrive } from './check-drive.ts';
import { computeCommandRange } from './command-range.ts';
import { type PerJoint, RobotConfig } from './config.ts';
import { CrossCheck } from './cross-check.ts';
import type { MeshAsset } from './geometry.ts';
import type { RobotModel } from './model.ts';
import { addMotorFriction, readActuators } from './read-actuators.ts';
import { applyContact, applyJointDynamics, readDrive, readSelfCollision } from './read-physics.ts';
import { readSensors } from './read-sensors.ts';
import { computeRigidBodies } from './rigid-bodies.ts';
import { parseUrdf, type UrdfDescription } from './urdf.ts';
import type { XmlElement } from './xml.ts';

/** The two texts that describe a robot, with names for messages. */
export interface RobotSource {
  /** Text of the URDF, or its elements where a xacro has been expanded to them. */
  readonly urdf: string | XmlElement;
  readonly yaml: string;
  readonly where: { readonly urdf: string; readonly yaml: string };
  /** Of both files, for provenance. */
  readonly sha256: string;
  /** What was read from mesh files, by the URI in the URDF. */
  readonly meshes?: ReadonlyMap<string, MeshAsset>;
  /** What was read from the files of learned actuators, by their path in robot.yaml. */
  readonly networks?: ReadonlyMap<string, readonly DenseLayer[]>;
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
  if (urdf.base !== undefined) check.expectEqual('base', config.base, urdf.base);
  const joints = applyJointDynamics(config, check, urdf.joints);
  const movable = joints.filter((j) => j.type !== 'fixed');
  const jointNames = movable.map((j) => j.name);
  const actuators = readActuators(config, check, joints, source.networks);
  const ranges = actuators.map((actuator) => computeCommandRange(actuator, joints));
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
    joints: addMotorFriction(joints, actuators),
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
    commandLower: ranges.map(({ lower }) => lower),
    commandUpper: ranges.map(({ upper }) => upper),
    sensors: readSensors(config, check),
    home: {
      position: config.home.position,
      orientation: orientation as QuatXYZW,
      jointPosition: check.jointPositions(config.home.joints, movable),
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
  checkMasses(model, urdf, source.where.urdf);
  throwIfAny(checkDrive(model, source.where.yaml).errors);
  return deepFreeze(model);
}

/** Whatever moves by itself needs a mass and an inertia. */
function checkMasses(model: RobotModel, urdf: UrdfDescription, where: string): void {
  throwIfAny(
    computeRigidBodies(model).flatMap((body) => {
      const moves = body.connection !== undefined || model.base === 'floating';
      const place = urdf.places.get(`link[${body.rootLink}]`) ?? where;
      return moves ? findBodyFaults(body, place) : [];
    }),
  );
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
