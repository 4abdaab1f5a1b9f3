import type { Actuator } from './actuator-model.ts';
import type { RobotConfig } from './config.ts';
import type { CrossCheck } from './cross-check.ts';

/** The actuators of robot.yaml, one per actuated joint, in joint order. Problems go to `check`. */
export function readActuators(
  config: RobotConfig,
  check: CrossCheck,
  jointNames: readonly string[],
): Actuator[] {
  const byJoint = new Map<string, Actuator>();
  config.actuators.forEach((group, i) => {
    const key = `actuators[${i}]`;
    const names = group.kind === 'rotor' ? Object.keys(group.spin) : group.joints;
    for (const name of names) {
      const joint = check.movableJoint(
        `${key}.${group.kind === 'rotor' ? 'spin' : 'joints'}`,
        name,
      );
      if (joint === undefined) continue;
      if (byJoint.has(name)) check.duplicateActuator(key, name);
      check.actuatorFits(key, joint, group.kind, config.commandKind);
      if (group.kind === 'rotor') {
        const { spin, ...constants } = group;
        check.speedRange(key, group.minSpeed, group.maxSpeed);
        byJoint.set(name, { ...constants, joint: name, spin: spin[name]! });
      } else {
        check.effortRange(key, joint, group.maxEffort);
        byJoint.set(name, { kind: 'effort', joint: name, maxEffort: group.maxEffort });
      }
    }
  });
  return jointNames.flatMap((name) => byJoint.get(name) ?? []);
}
