import type { DenseLayer } from '../onnx/dense-layers.ts';
import type { ActuatorGroup, JointMotorGroup, RotorGroup } from './actuator-config.ts';
import type { Actuator, ActuatorNetwork, JointActuator, MotorStages } from './actuator-model.ts';
import {
  checkActuatorFits,
  checkCommandRange,
  checkMotorGroup,
  checkMotorOnJoint,
  checkNetwork,
  checkRotor,
} from './check-actuators.ts';
import { computeCommandRange } from './command-range.ts';
import type { RobotConfig } from './config.ts';
import type { CrossCheck } from './cross-check.ts';
import type { Joint } from './model.ts';

/** Layers of the robot's networks, by the path of their file in robot.yaml. */
type NetworkLayers = ReadonlyMap<string, readonly DenseLayer[]>;

/**
 * The actuators of robot.yaml, one per actuated joint, in joint order. Problems go to `check`.
 * @param joints those of the robot, with what robot.yaml says of their dynamics
 * @param networks by their path in robot.yaml
 */
export function readActuators(
  config: RobotConfig,
  check: CrossCheck,
  joints: readonly Joint[],
  networks: NetworkLayers = new Map(),
): Actuator[] {
  const byJoint = new Map<string, Actuator>();
  config.actuators.forEach((group, i) => {
    const key = `actuators[${i}]`;
    if (group.kind === 'rotor') checkRotor(check, key, group, config);
    else checkMotorGroup(check, key, group, config, joints);
    const network = readNetwork(check, key, group, networks);
    const names = group.kind === 'rotor' ? Object.keys(group.spin) : group.joints;
    for (const name of names) {
      const list = `${key}.${group.kind === 'rotor' ? 'spin' : 'joints'}`;
      if (check.movableJoint(list, name) === undefined) continue;
      const joint = joints.find((candidate) => candidate.name === name)!;
      if (byJoint.has(name)) reportDuplicate(check, key, name);
      checkActuatorFits(check, key, joint, group.kind, config.commandKind);
      if (group.kind !== 'rotor') checkMotorOnJoint(check, key, joint, group, config);
      const actuator =
        group.kind === 'rotor' ? makeRotor(group, name) : makeMotor(group, name, network);
      checkCommandRange(check, key, name, computeCommandRange(actuator, joints));
      byJoint.set(name, actuator);
    }
  });
  return joints.flatMap(({ name }) => byJoint.get(name) ?? []);
}

/** Joints with the friction of the motors and gears that sit right on them. */
export function addMotorFriction(
  joints: readonly Joint[],
  actuators: readonly Actuator[],
): readonly Joint[] {
  return joints.map((joint) => {
    const actuator = actuators.find((candidate) => candidate.joint === joint.name);
    if (actuator === undefined || actuator.kind === 'rotor') return joint;
    if (actuator.friction === undefined) return joint;
    return {
      ...joint,
      friction: joint.friction + actuator.friction.coulomb,
      damping: joint.damping + actuator.friction.viscous,
    };
  });
}

/** The network that all joints of a group share; one that cannot be used is reported and has no layers. */
function readNetwork(
  check: CrossCheck,
  key: string,
  group: ActuatorGroup,
  networks: NetworkLayers,
): ActuatorNetwork | undefined {
  if (group.kind !== 'network') return undefined;
  const layers = networks.get(group.network.file) ?? [];
  checkNetwork(check, `${key}.network`, group.network, layers);
  return { ...group.network, layers };
}

function makeRotor({ spin, ...constants }: RotorGroup, joint: string): Actuator {
  return { ...constants, joint, spin: spin[joint]! };
}

function makeMotor(
  group: JointMotorGroup,
  joint: string,
  network: ActuatorNetwork | undefined,
): JointActuator {
  const common = { joint, maxEffort: group.maxEffort, ...pickStages(group, joint) };
  if (group.kind === 'effort') return { kind: 'effort', ...common };
  if (group.kind === 'network') return { kind: 'network', network: network!, ...common };
  return {
    kind: group.kind,
    stiffness: group.kind === 'pd' ? group.stiffness : 0,
    damping: group.damping,
    integration: group.integration,
    ...common,
  };
}

/** Stages that are given, without keys for those that are not. */
function pickStages(group: JointMotorGroup, joint: string): MotorStages {
  const { lagS, delayS, torqueSpeed, friction, backlash, battery } = group;
  const transmission = group.transmission?.[joint];
  const stages = { lagS, delayS, torqueSpeed, friction, backlash, battery, transmission };
  return Object.fromEntries(Object.entries(stages).filter(([, value]) => value !== undefined));
}

function reportDuplicate(check: CrossCheck, key: string, name: string): void {
  check.report(
    key,
    `joint '${name}' has two actuators`,
    'one',
    'two',
    'List the joint in one group only.',
  );
}
