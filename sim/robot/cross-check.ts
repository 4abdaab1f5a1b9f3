import { UserError } from '../errors.ts';
import type { PerJoint } from './config.ts';
import type { Joint, RobotModel } from './model.ts';
import type { UrdfDescription } from './urdf.ts';

/** Everything in which robot.yaml must agree with the URDF. Collects, never throws. */
export class CrossCheck {
  readonly errors: UserError[] = [];
  readonly #urdf: UrdfDescription;
  readonly #where: string;

  constructor(urdf: UrdfDescription, where: string) {
    this.#urdf = urdf;
    this.#where = where;
  }

  report(key: string, problem: string, expected: string, got: string, remedy: string): void {
    this.errors.push(
      new UserError({ where: `${this.#where}: ${key}`, problem, expected, got, remedy }),
    );
  }

  expectEqual(key: string, got: string, expected: string): void {
    if (got === expected) return;
    this.report(
      key,
      'the two files describe different robots',
      `'${expected}' as in the URDF`,
      `'${got}'`,
      'Use the same name in both.',
    );
  }

  movableJoint(key: string, name: string): Joint | undefined {
    const movable = this.#urdf.joints.filter((joint) => joint.type !== 'fixed');
    const joint = movable.find((candidate) => candidate.name === name);
    if (joint === undefined) {
      const names = movable.map((candidate) => candidate.name).join(', ');
      this.report(
        key,
        `unknown joint '${name}'; the robot has: ${names}`,
        'a movable joint of the URDF',
        `'${name}'`,
        'Correct the name.',
      );
    }
    return joint;
  }

  /** A joint that follows another one (`<mimic>`) takes no commands. */
  movesAlone(key: string, name: string): void {
    const mimic = this.#urdf.joints.find((joint) => joint.name === name)?.mimic;
    if (mimic === undefined) return;
    this.report(
      key,
      `joint '${name}' follows joint '${mimic.joint}' and can have no actuator`,
      'joints that move on their own',
      `'${name}'`,
      `Remove it from the group; a motor on '${mimic.joint}' moves both.`,
    );
  }

  link(key: string, name: string): void {
    const names = this.#urdf.links.map((candidate) => candidate.name);
    if (names.includes(name)) return;
    this.report(
      key,
      `unknown link '${name}'; the robot has: ${names.join(', ')}`,
      'a link of the URDF',
      `'${name}'`,
      'Correct the name.',
    );
  }

  /** A collision shape, or a link with one. */
  shape(key: string, name: string): void {
    const links = this.#urdf.links.filter((link) => link.collisions.length > 0);
    const names = links.flatMap((link) => [link.name, ...link.collisions.map((s) => s.name)]);
    if (names.includes(name)) return;
    this.report(
      key,
      `nothing called '${name}' can touch anything; there are: ${names.join(', ')}`,
      'a collision shape, or a link with one',
      `'${name}'`,
      'Correct the name.',
    );
  }

  perJoint(key: string, value: PerJoint, actuated: readonly string[]): number[] {
    if (typeof value === 'number') return actuated.map(() => value);
    for (const name of Object.keys(value)) {
      if (actuated.includes(name)) continue;
      this.report(
        key,
        `unknown joint '${name}'; the robot's actuated joints are: ${actuated.join(', ')}`,
        'an actuated joint',
        `'${name}'`,
        'Correct the name.',
      );
    }
    const missing = actuated.filter((name) => value[name] === undefined);
    if (missing.length > 0) {
      this.report(
        key,
        'a joint has no value',
        `one value for each of ${actuated.join(', ')}`,
        `none for ${missing.join(', ')}`,
        'Add it, or give one number for all joints.',
      );
    }
    return actuated.map((name) => value[name] ?? 0);
  }

  /** Home positions in joint order; those of followers come from the joints that they follow. */
  jointPositions(byName: Readonly<Record<string, number>>, joints: readonly Joint[]): number[] {
    for (const [name, value] of Object.entries(byName)) {
      const mimic = this.movableJoint('home.joints', name)?.mimic;
      if (mimic === undefined) continue;
      this.report(
        `home.joints.${name}`,
        `joint '${name}' follows joint '${mimic.joint}'`,
        `a position of '${mimic.joint}' alone`,
        `${value}`,
        'Remove it.',
      );
    }
    for (const { name, mimic, lower, upper } of joints) {
      const value = byName[name] ?? 0;
      if (mimic !== undefined || (value >= lower && value <= upper)) continue;
      this.report(
        `home.joints.${name}`,
        'the home position lies outside the limits of the joint',
        `${lower} … ${upper}`,
        name in byName ? `${value}` : 'none, which means 0',
        'Correct it, or the limits in the URDF.',
      );
    }
    return joints.map(({ name, mimic }) =>
      mimic === undefined
        ? (byName[name] ?? 0)
        : mimic.multiplier * (byName[mimic.joint] ?? 0) + mimic.offset,
    );
  }

  /** Fallback commands must themselves be commands that the robot accepts. */
  commands(model: RobotModel): void {
    for (const stage of ['damp', 'stop'] as const) {
      model.safety[stage].forEach((value, i) => {
        const lower = model.commandLower[i]!;
        const upper = model.commandUpper[i]!;
        // A rotor that is stopped stands still even if it cannot be told to turn that slowly.
        const isSwitchedOff = model.actuators[i]!.kind === 'rotor' && value === 0;
        if ((value >= lower && value <= upper) || isSwitchedOff) return;
        this.report(
          `safety.${stage}`,
          `the command of joint '${model.actuatedJointNames[i]}' is out of range`,
          `${lower} … ${upper}`,
          `${value}`,
          'Choose a command inside the range.',
        );
      });
    }
    model.safety.maxCommandRate.forEach((value, i) => {
      if (value > 0) return;
      this.report(
        'safety.maxCommandRate',
        `the rate of joint '${model.actuatedJointNames[i]}' must be positive`,
        'above 0',
        `${value}`,
        'Give the fastest change that is safe.',
      );
    });
  }
}
