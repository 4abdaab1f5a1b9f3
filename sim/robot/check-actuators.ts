import type { DenseLayer } from '../onnx/dense-layers.ts';
import type { JointMotorGroup, RotorGroup } from './actuator-config.ts';
import type { Actuator, CommandKind } from './actuator-model.ts';
import type { CommandRange } from './command-range.ts';
import type { RobotConfig } from './config.ts';
import type { CrossCheck } from './cross-check.ts';
import type { Joint } from './model.ts';

/** What a command to an actuator of each kind is. */
const COMMAND_KIND: Record<Actuator['kind'], CommandKind> = {
  rotor: 'velocity',
  effort: 'effort',
  pd: 'position',
  velocity: 'velocity',
  network: 'position',
};

/** Whether an actuator of this kind can sit on the joint and take the robot's commands. */
export function checkActuatorFits(
  check: CrossCheck,
  key: string,
  joint: Joint,
  kind: Actuator['kind'],
  command: CommandKind,
): void {
  check.movesAlone(key, joint.name);
  if (kind === 'rotor' && joint.type !== 'continuous') {
    check.report(
      key,
      `joint '${joint.name}' cannot carry a rotor`,
      'a continuous joint',
      joint.type,
      'Make it continuous in the URDF.',
    );
  }
  const expected = COMMAND_KIND[kind];
  if (command === expected) return;
  check.report(
    key,
    `a ${kind} actuator does not take ${command} commands`,
    `commandKind: ${expected}`,
    `commandKind: ${command}`,
    'Change commandKind or the actuator.',
  );
}

export function checkRotor(
  check: CrossCheck,
  key: string,
  group: RotorGroup,
  config: RobotConfig,
): void {
  if (group.minSpeed >= group.maxSpeed) {
    check.report(
      key,
      'the speed range is empty',
      'minSpeed < maxSpeed',
      `${group.minSpeed} and ${group.maxSpeed}`,
      'Correct the range.',
    );
  }
  if (group.supply !== undefined) {
    checkBattery(check, `${key}.supply.battery`, group.supply.battery, config);
  }
}

/** What must agree within a group of joint motors, whatever their joints. */
export function checkMotorGroup(
  check: CrossCheck,
  key: string,
  group: JointMotorGroup,
  config: RobotConfig,
  joints: readonly Joint[],
): void {
  if (group.battery !== undefined) {
    checkBattery(check, `${key}.battery`, group.battery, config);
    if (group.torqueSpeed === undefined) {
      check.report(
        key,
        'a motor on a battery needs its torque–speed line, which tells its current',
        'torqueSpeed',
        'none',
        'Add torqueSpeed, or remove the battery.',
      );
    }
  }
  const { torqueSpeed } = group;
  if (torqueSpeed !== undefined && group.maxEffort > torqueSpeed.stallEffort) {
    check.report(
      key,
      'the motor cannot reach its maxEffort even at standstill',
      `maxEffort ≤ stallEffort (${torqueSpeed.stallEffort})`,
      `${group.maxEffort}`,
      'Make the two agree.',
    );
  }
  if ((group.kind === 'pd' || group.kind === 'velocity') && group.integration === 'solver') {
    checkSolverStages(check, key, group);
  }
  if (group.transmission !== undefined) checkTransmission(check, key, group, config, joints);
}

/** Rows of motors of this group, over joints that can be moved. */
function checkTransmission(
  check: CrossCheck,
  key: string,
  group: JointMotorGroup,
  config: RobotConfig,
  joints: readonly Joint[],
): void {
  for (const stage of ['backlash', 'friction'] as const) {
    if (group[stage] === undefined) continue;
    check.report(
      key,
      `${stage} of a motor that moves several joints is not modelled`,
      `no ${stage} beside transmission`,
      stage,
      'Give the joints their friction with joints.<name>.friction and .damping.',
    );
  }
  for (const [motor, row] of Object.entries(group.transmission ?? {})) {
    const rowKey = `${key}.transmission.${motor}`;
    const isOwn = row[motor] !== undefined && row[motor] !== 0;
    if (!group.joints.includes(motor) || !isOwn) {
      check.report(
        rowKey,
        'a row belongs to a motor of its group, which goes by the name of a joint that it moves',
        `one of ${group.joints.join(', ')}, with a factor for that joint itself`,
        `'${motor}' over ${Object.keys(row).join(', ') || 'nothing'}`,
        'Correct the names and factors.',
      );
    }
    for (const [name, factor] of Object.entries(row)) {
      if (check.movableJoint(rowKey, name) === undefined) continue;
      const joint = joints.find((candidate) => candidate.name === name)!;
      check.movesAlone(rowKey, name);
      checkTransmittedTo(check, rowKey, group, config, joint, factor);
    }
  }
}

function checkTransmittedTo(
  check: CrossCheck,
  key: string,
  group: JointMotorGroup,
  config: RobotConfig,
  joint: Joint,
  factor: number,
): void {
  const isRotor = config.actuators.some((g) => g.kind === 'rotor' && joint.name in g.spin);
  const needsPosition = group.kind === 'pd' || group.kind === 'network';
  if (isRotor || (needsPosition && joint.type === 'continuous')) {
    check.report(
      key,
      `joint '${joint.name}' cannot be part of a motor's position`,
      'a joint with limits that no rotor turns',
      isRotor ? 'a rotor' : joint.type,
      'Leave it out, or give it limits.',
    );
  }
  const effort = Math.abs(factor) * group.maxEffort;
  if (effort <= joint.maxEffort) return;
  check.report(
    key,
    `the motor moves joint '${joint.name}' with more than the URDF allows`,
    `|factor| × maxEffort ≤ ${joint.maxEffort}`,
    `${effort}`,
    'Make the two agree.',
  );
}

/** Whether a learned actuator's network takes its history and gives one effort. */
export function checkNetwork(
  check: CrossCheck,
  key: string,
  network: { readonly file: string; readonly history: readonly number[] },
  layers: readonly DenseLayer[],
): void {
  const first = layers[0];
  if (first === undefined) {
    check.report(
      `${key}.file`,
      'the network was not read',
      `the layers of '${network.file}'`,
      'none',
      'Load the robot from its folder.',
    );
    return;
  }
  const numIn = first.weight.length / first.bias.length;
  const numOut = layers.at(-1)!.bias.length;
  const wanted = 2 * network.history.length;
  if (numIn === wanted && numOut === 1) return;
  check.report(
    key,
    `'${network.file}' does not fit its history`,
    `[${wanted}] → [1]: a position error and a speed for each of ${network.history.length} ages`,
    `[${numIn}] → [${numOut}]`,
    'Correct history, or take another file.',
  );
}

/** A servo inside the engine's solver is a spring and a damper and nothing else. */
function checkSolverStages(check: CrossCheck, key: string, group: JointMotorGroup): void {
  const stages = ['lagS', 'torqueSpeed', 'backlash', 'battery', 'transmission'] as const;
  const given = stages.filter((stage) => group[stage] !== undefined);
  if (given.length === 0) return;
  check.report(
    key,
    `the solver's servo cannot have ${given.join(', ')}`,
    'integration: explicit',
    'integration: solver',
    'Add `integration: explicit`, or remove what it cannot have.',
  );
}

/** Whether the motor of one joint agrees with its joint. */
export function checkMotorOnJoint(
  check: CrossCheck,
  key: string,
  joint: Joint,
  group: JointMotorGroup,
  config: RobotConfig,
): void {
  if (group.transmission?.[joint.name] !== undefined) return;
  if (group.maxEffort > joint.maxEffort) {
    check.report(
      key,
      `the motor of joint '${joint.name}' is stronger than the URDF allows`,
      `maxEffort ≤ ${joint.maxEffort}`,
      `${group.maxEffort}`,
      'Make the two agree.',
    );
  }
  if (group.backlash !== undefined) checkBacklash(check, key, joint, group, config);
}

/** A command without a range could be neither checked nor scaled. */
export function checkCommandRange(
  check: CrossCheck,
  key: string,
  joint: string,
  { lower, upper }: CommandRange,
): void {
  if (Number.isFinite(lower) && Number.isFinite(upper)) return;
  check.report(
    key,
    `nothing says how far commands to joint '${joint}' can go`,
    '<limit> of what they mean in the URDF, or torqueSpeed for a speed',
    `${lower} … ${upper}`,
    'Add the limit to every joint that the motor moves.',
  );
}

/** Inside the gap the motor turns alone, so it needs an inertia, and one that its gains do not throw about. */
function checkBacklash(
  check: CrossCheck,
  key: string,
  joint: Joint,
  group: JointMotorGroup,
  config: RobotConfig,
): void {
  const stiffness = group.kind === 'pd' ? group.stiffness : 0;
  const damping = group.kind === 'pd' || group.kind === 'velocity' ? group.damping : 0;
  const dt = 1 / config.physics.rateHz;
  // An explicit step moves the free motor by (damping · dt + stiffness · dt²) / armature of its error: no further than to it.
  const least = damping * dt + stiffness * dt * dt;
  if (joint.armature > 0 && joint.armature >= least) return;
  check.report(
    key,
    joint.armature > 0
      ? `the motor of joint '${joint.name}' is too light for its gains while it turns alone in its free play`
      : `the motor of joint '${joint.name}' has free play but no inertia of its own`,
    `joints.${joint.name}.armature above 0 and at least damping/rate + stiffness/rate² = ${least}`,
    `${joint.armature}`,
    'Give the inertia of its rotor times the squared gear ratio, or raise physics.rateHz.',
  );
}

function checkBattery(check: CrossCheck, key: string, name: string, config: RobotConfig): void {
  if (name in config.batteries) return;
  check.report(
    key,
    `unknown battery '${name}'`,
    `one of ${Object.keys(config.batteries).join(', ') || '(the robot has none)'}`,
    `'${name}'`,
    'Correct the name, or add it to `batteries`.',
  );
}
