import type { JointMotorGroup, RotorGroup } from './actuator-config.ts';
import type { Actuator, CommandKind } from './actuator-model.ts';
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
  if (group.transmission === undefined) return;
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
): void {
  const noLoadSpeed = group.torqueSpeed?.noLoadSpeed ?? Number.POSITIVE_INFINITY;
  if (group.kind === 'velocity' && Math.min(joint.maxVelocity, noLoadSpeed) === Infinity) {
    check.report(
      key,
      `nothing says how fast joint '${joint.name}' can turn, so its commands have no range`,
      '<limit velocity="…"> in the URDF, or torqueSpeed',
      'neither',
      'Add the largest speed.',
    );
  }
  if (group.transmission !== undefined) return;
  if (group.maxEffort > joint.maxEffort) {
    check.report(
      key,
      `the motor of joint '${joint.name}' is stronger than the URDF allows`,
      `maxEffort ≤ ${joint.maxEffort}`,
      `${group.maxEffort}`,
      'Make the two agree.',
    );
  }
  if (group.backlash !== undefined && !(joint.armature > 0)) {
    check.report(
      key,
      `the motor of joint '${joint.name}' has free play but no inertia of its own`,
      `joints.${joint.name}.armature above 0`,
      `${joint.armature}`,
      'Give the inertia of its rotor times the squared gear ratio.',
    );
  }
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
