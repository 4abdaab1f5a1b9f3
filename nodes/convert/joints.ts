import { UserError } from '../../sim/errors.ts';
import type { MutableNumbers, Numbers } from '../../sim/math/vec3.ts';
import type { CommandKind } from '../../sim/robot/actuator-model.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import type { StateBatch } from '../../sim/robot/state.ts';
import type { JointState } from '../ros/messages.ts';
import { makeHeader } from './parts.ts';
import { writeStamp } from './stamp.ts';

/** Joints go by name: the order of a message is its own. */

/** A message that carries the joints' measured state, named in joint order. */
export function makeJointStateMessage(model: Pick<RobotModel, 'jointNames'>): JointState {
  const numJoints = model.jointNames.length;
  return {
    header: makeHeader(''),
    name: [...model.jointNames],
    position: new Float64Array(numJoints),
    velocity: new Float64Array(numJoints),
    effort: new Float64Array(numJoints),
  };
}

export function writeJointState(
  message: JointState,
  stampNs: bigint,
  state: StateBatch,
  row: number,
): void {
  writeStamp(message.header, stampNs);
  const start = row * state.numJoints;
  for (let j = 0; j < state.numJoints; j++) {
    message.position[j] = state.jointPosition[start + j]!;
    message.velocity[j] = state.jointVelocity[start + j]!;
    message.effort[j] = state.jointEffort[start + j]!;
  }
}

/**
 * Fills one row with the joints of a message, which may name them in any order. Velocities and
 * efforts that the message leaves out (empty lists, as sensor_msgs allows) become NaN, not zero.
 * @throws UserError on missing or unknown joints
 */
export function readJointState(
  out: StateBatch,
  row: number,
  message: JointState,
  model: RobotModel,
): void {
  const { jointNames } = model;
  const start = row * out.numJoints;
  assertSameJoints(jointNames, message.name);
  assertLength(message, 'position', 'required');
  assertLength(message, 'velocity', 'optional');
  assertLength(message, 'effort', 'optional');
  copyJoints(out.jointPosition, start, jointNames, message, 'position');
  copyJoints(out.jointVelocity, start, jointNames, message, 'velocity');
  copyJoints(out.jointEffort, start, jointNames, message, 'effort');
}

/** A command message: joints in actuated order, only the list of the robot's command kind filled. */
export function makeJointCommandMessage(model: RobotModel): JointState {
  const command = new Float64Array(model.actuatedJointNames.length);
  const none = new Float64Array(0);
  return {
    header: makeHeader(''),
    name: [...model.actuatedJointNames],
    position: model.commandKind === 'position' ? command : none,
    velocity: model.commandKind === 'velocity' ? command : none,
    effort: model.commandKind === 'effort' ? command : none,
  };
}

/** @param command [numActuatedJoints] actuated joint order, the unit of `kind` */
export function writeJointCommand(
  message: JointState,
  stampNs: bigint,
  kind: CommandKind,
  command: Numbers,
): void {
  writeStamp(message.header, stampNs);
  const list = message[kind];
  for (let j = 0; j < list.length; j++) list[j] = command[j]!;
}

/**
 * Fills `out` in actuated joint order, in the robot's command unit.
 * @throws UserError on missing or unknown joints, or a command of another kind
 */
export function readJointCommand(
  out: MutableNumbers,
  message: JointState,
  model: RobotModel,
): void {
  assertSameJoints(model.actuatedJointNames, message.name);
  assertLength(message, model.commandKind, 'required');
  copyJoints(out, 0, model.actuatedJointNames, message, model.commandKind);
}

/** sensor_msgs lets a list be empty as a whole; required ones may not. */
function assertLength(message: JointState, kind: CommandKind, need: 'required' | 'optional'): void {
  const values = message[kind];
  if (values.length === message.name.length) return;
  if (values.length === 0 && need === 'optional') return;
  throw new UserError({
    where: 'JointState',
    problem: `the ${kind} list does not go with the names`,
    expected: `${message.name.length} values in '${kind}'`,
    got: `${values.length}`,
    remedy: `Give one ${kind} for each name.`,
  });
}

/** Into joint order from the order of the message; a list that is left out becomes NaN. */
function copyJoints(
  out: MutableNumbers,
  start: number,
  names: readonly string[],
  message: JointState,
  kind: CommandKind,
): void {
  const values = message[kind];
  for (let j = 0; j < names.length; j++) {
    // Nearly always the two orders agree.
    const from = message.name[j] === names[j] ? j : message.name.indexOf(names[j]!);
    out[start + j] = values.length === 0 ? Number.NaN : values[from]!;
  }
}

function assertSameJoints(names: readonly string[], given: readonly string[]): void {
  if (given.length === names.length && names.every((name, j) => given[j] === name)) return;
  const missing = names.filter((name) => !given.includes(name));
  const unknown = given.filter((name) => !names.includes(name));
  const twice = given.filter((name, j) => given.indexOf(name) !== j);
  if (missing.length + unknown.length + twice.length === 0) return;
  const parts = [
    missing.length === 0 ? '' : `missing ${missing.join(', ')}`,
    unknown.length === 0 ? '' : `unknown ${unknown.join(', ')}`,
    twice.length === 0 ? '' : `twice ${twice.join(', ')}`,
  ];
  throw new UserError({
    where: 'JointState',
    problem: `its joints are not the robot's: ${parts.filter((part) => part !== '').join('; ')}`,
    expected: names.join(', '),
    got: given.join(', ') || 'no names',
    remedy: 'Name each joint as in the robot description, in any order.',
  });
}
