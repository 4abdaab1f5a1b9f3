import { LineCounter, parseDocument } from 'yaml';
import { throwIfAny, UserError } from '../errors.ts';
import { type QuatXYZW, writeFromRollPitchYaw } from '../math/quat.ts';
import { type PerJoint, RobotConfig } from './config.ts';
import type { Actuator, CommandKind, Joint, RobotModel, Sensor } from './model.ts';
import { computeRigidBodies } from './rigid-bodies.ts';
import { parseUrdf, type UrdfDescription } from './urdf.ts';

/** The two texts that describe a robot, with names for messages. */
export interface RobotSource {
  readonly urdf: string;
  readonly yaml: string;
  readonly where: { readonly urdf: string; readonly yaml: string };
  /** Of both files, for provenance. */
  readonly sha256: string;
}

/**
 * Joins URDF and robot.yaml into a frozen RobotModel.
 * @throws UserError, or UserErrors with all problems of the first stage that has any: URDF,
 * YAML, schema, then names and ranges that must agree between the two files
 */
export function parseRobot(source: RobotSource): RobotModel {
  const urdf = parseUrdf(source.urdf, source.where.urdf);
  const config = parseConfig(source.yaml, source.where.yaml);
  const check = new CrossCheck(urdf, source.where.yaml);
  check.expectEqual('robot', config.robot, urdf.name);
  const jointNames = urdf.joints.filter((j) => j.type !== 'fixed').map((j) => j.name);
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
    links: urdf.links,
    joints: urdf.joints,
    jointNames,
    actuatedJointNames,
    actuators,
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

function parseConfig(text: string, where: string): RobotConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  throwIfAny(
    document.errors.map((error) => {
      const { line, col } = lines.linePos(error.pos[0]);
      return new UserError({
        where: `${where}:${line}:${col}`,
        problem: 'this is not valid YAML',
        expected: 'YAML 1.2',
        got: error.message.split('\n')[0] ?? error.code,
        remedy: 'Correct the file at that place.',
        cause: error,
      });
    }),
  );
  const result = RobotConfig.safeParse(document.toJS());
  if (result.success) return result.data;
  const errors = result.error.issues.map((issue) => {
    const path = issue.path.map(String).join('.');
    return new UserError({
      where: path === '' ? where : `${where}: ${path}`,
      problem: 'the value does not fit',
      expected: 'expected' in issue ? String(issue.expected) : 'see the message',
      got: issue.message,
      remedy: 'Correct robot.yaml; every key is described in sim/robot/config.ts.',
    });
  });
  throwIfAny(errors);
  throw new RangeError('a failed parse has at least one issue');
}

function readActuators(
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

function readSensors(config: RobotConfig, check: CrossCheck): Sensor[] {
  return Object.entries(config.sensors).map(([name, sensor]) => {
    if (sensor.kind === 'encoder') {
      for (const joint of sensor.joints) check.movableJoint(`sensors.${name}.joints`, joint);
    } else {
      check.link(`sensors.${name}.link`, sensor.link);
    }
    return { name, ...sensor };
  });
}

/** Everything in which robot.yaml must agree with the URDF. Collects, never throws. */
class CrossCheck {
  readonly errors: UserError[] = [];
  readonly #urdf: UrdfDescription;
  readonly #where: string;

  constructor(urdf: UrdfDescription, where: string) {
    this.#urdf = urdf;
    this.#where = where;
  }

  #report(key: string, problem: string, expected: string, got: string, remedy: string): void {
    this.errors.push(
      new UserError({ where: `${this.#where}: ${key}`, problem, expected, got, remedy }),
    );
  }

  expectEqual(key: string, got: string, expected: string): void {
    if (got === expected) return;
    this.#report(
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
      this.#report(
        key,
        `unknown joint '${name}'; the robot has: ${names}`,
        'a movable joint of the URDF',
        `'${name}'`,
        'Correct the name.',
      );
    }
    return joint;
  }

  link(key: string, name: string): void {
    const names = this.#urdf.links.map((candidate) => candidate.name);
    if (names.includes(name)) return;
    this.#report(
      key,
      `unknown link '${name}'; the robot has: ${names.join(', ')}`,
      'a link of the URDF',
      `'${name}'`,
      'Correct the name.',
    );
  }

  duplicateActuator(key: string, name: string): void {
    this.#report(
      key,
      `joint '${name}' has two actuators`,
      'one',
      'two',
      'List the joint in one group only.',
    );
  }

  actuatorFits(key: string, joint: Joint, kind: Actuator['kind'], command: CommandKind): void {
    if (kind === 'rotor' && joint.type !== 'continuous') {
      this.#report(
        key,
        `joint '${joint.name}' cannot carry a rotor`,
        'a continuous joint',
        joint.type,
        'Make it continuous in the URDF.',
      );
    }
    const expected: CommandKind = kind === 'rotor' ? 'velocity' : 'effort';
    if (command === expected) return;
    this.#report(
      key,
      `a ${kind} actuator does not take ${command} commands`,
      `commandKind: ${expected}`,
      `commandKind: ${command}`,
      'Change commandKind or the actuator.',
    );
  }

  speedRange(key: string, minSpeed: number, maxSpeed: number): void {
    if (minSpeed < maxSpeed) return;
    this.#report(
      key,
      'the speed range is empty',
      'minSpeed < maxSpeed',
      `${minSpeed} and ${maxSpeed}`,
      'Correct the range.',
    );
  }

  effortRange(key: string, joint: Joint, maxEffort: number): void {
    if (maxEffort <= joint.maxEffort) return;
    this.#report(
      key,
      `the motor of joint '${joint.name}' is stronger than the URDF allows`,
      `maxEffort ≤ ${joint.maxEffort}`,
      `${maxEffort}`,
      'Make the two agree.',
    );
  }

  perJoint(key: string, value: PerJoint, actuated: readonly string[]): number[] {
    if (typeof value === 'number') return actuated.map(() => value);
    for (const name of Object.keys(value)) {
      if (actuated.includes(name)) continue;
      this.#report(
        key,
        `unknown joint '${name}'; the robot's actuated joints are: ${actuated.join(', ')}`,
        'an actuated joint',
        `'${name}'`,
        'Correct the name.',
      );
    }
    const missing = actuated.filter((name) => value[name] === undefined);
    if (missing.length > 0) {
      this.#report(
        key,
        'a joint has no value',
        `one value for each of ${actuated.join(', ')}`,
        `none for ${missing.join(', ')}`,
        'Add it, or give one number for all joints.',
      );
    }
    return actuated.map((name) => value[name] ?? 0);
  }

  jointPositions(byName: Readonly<Record<string, number>>, jointNames: readonly string[]) {
    for (const [name, value] of Object.entries(byName)) {
      const joint = this.movableJoint('home.joints', name);
      if (joint === undefined || (value >= joint.lower && value <= joint.upper)) continue;
      this.#report(
        `home.joints.${name}`,
        'the home position lies outside the limits of the joint',
        `${joint.lower} … ${joint.upper}`,
        `${value}`,
        'Correct it, or the limits in the URDF.',
      );
    }
    return jointNames.map((name) => byName[name] ?? 0);
  }

  /** Fallback commands must themselves be commands that the robot accepts. */
  commands(model: RobotModel): void {
    for (const stage of ['damp', 'stop'] as const) {
      model.safety[stage].forEach((value, i) => {
        const lower = model.commandLower[i]!;
        const upper = model.commandUpper[i]!;
        // A rotor that is stopped stands still even if it cannot be told to turn that slowly.
        if ((value >= lower && value <= upper) || (value === 0 && upper > 0)) return;
        this.#report(
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
      this.#report(
        'safety.maxCommandRate',
        `the rate of joint '${model.actuatedJointNames[i]}' must be positive`,
        'above 0',
        `${value}`,
        'Give the fastest change that is safe.',
      );
    });
  }
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
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
