import type { RobotModel } from '../../sim/robot/model.ts';
import { parseRobot } from '../../sim/robot/parse.ts';

/**
 * Tiny robots for experiments whose outcome can be computed by hand, as URDF and robot.yaml texts.
 * Every ball has its moments of inertia chosen, not derived, so that the arithmetic stays short.
 */
const ball = (name: string, mass: number, moment: number, centre = '0 0 0') =>
  `<link name="${name}"><inertial><origin xyz="${centre}"/><mass value="${mass}"/>
   <inertia ixx="${moment}" iyy="${moment}" izz="${moment}"/></inertial></link>`;

const SAFETY = 'safety: { maxCommandRate: 1000, damp: 0, stop: 0, motorTimeoutS: 0.1 }';
const FLOATING = (name: string, actuators: string, kind = 'effort') =>
  `robot: ${name}\nbase: floating\ncommandKind: ${kind}\nhome: { position: [0, 0, 1] }\n` +
  `actuators: [${actuators}]\n${SAFETY}\n`;
const FIXED = (name: string, actuators: string) =>
  FLOATING(name, actuators).replace('floating', 'fixed');
const EFFORT = (...joints: string[]) =>
  `{ kind: effort, joints: [${joints.join(', ')}], maxEffort: 100 }`;

const ROTOR = (spin: string) =>
  `{ kind: rotor, spin: { ${spin} }, thrustCoefficient: 1.0e-6, torqueCoefficient: 2.0e-8, ` +
  'minSpeed: 100, maxSpeed: 4000, timeConstantS: 0.05, dragCoefficient: [1.0e-5, 2.0e-5] }';

const joint = (
  name: string,
  type: string,
  [parent, child]: readonly [string, string],
  inner: string,
) =>
  `<joint name="${name}" type="${type}"><parent link="${parent}"/><child link="${child}"/>${inner}</joint>`;

const ROBOTS = {
  /** Two 1 kg balls welded 2 m apart; an idle wheel, so that there is something to actuate. */
  dumbbell: {
    urdf: `<robot name="dumbbell">${ball('base', 1, 0.1)}${ball('end', 1, 0.1)}${ball('wheel', 0.5, 0.1)}
      ${joint('weld', 'fixed', ['base', 'end'], '<origin xyz="2 0 0"/>')}
      ${joint('wheel_joint', 'continuous', ['end', 'wheel'], '<axis xyz="0 0 1"/>')}</robot>`,
    yaml: FLOATING('dumbbell', EFFORT('wheel_joint')),
  },
  /** Boom turning about z on a fixed base, trolley sliding along it; tip welded between the two. */
  crane: {
    urdf: `<robot name="crane"><link name="base"/>${ball('boom', 1, 0.5, '0.5 0 0')}
      <link name="tip"/>${ball('trolley', 2, 0.1)}
      ${joint('slew', 'revolute', ['base', 'boom'], '<axis xyz="0 0 1"/><limit lower="-2" upper="2" effort="100" velocity="100"/>')}
      ${joint('tip_weld', 'fixed', ['boom', 'tip'], '<origin xyz="0.5 0 0"/>')}
      ${joint('slide', 'prismatic', ['tip', 'trolley'], '<origin xyz="0.25 0 0" rpy="0 0 1.5707963267948966"/><axis xyz="0 -1 0"/><limit lower="-0.5" upper="0.5" effort="100" velocity="100"/>')}</robot>`,
    yaml: FIXED('crane', EFFORT('slew', 'slide')),
  },
  /** Hull with two propellers left and right, spinning opposite ways. */
  'twin-rotor': {
    urdf: `<robot name="twin-rotor">${ball('hull', 0.8, 0.01)}${ball('left', 0.1, 0.001)}${ball('right', 0.1, 0.001)}
      ${joint('left_joint', 'continuous', ['hull', 'left'], '<origin xyz="0 0.2 0.1"/><axis xyz="0 0 1"/>')}
      ${joint('right_joint', 'continuous', ['hull', 'right'], '<origin xyz="0 -0.2 0.1"/><axis xyz="0 0 1"/>')}</robot>`,
    yaml: FLOATING(
      'twin-rotor',
      ROTOR('left_joint: clockwise, right_joint: counterclockwise'),
      'velocity',
    ),
  },
  /** 1 kg bob 1 m below a hinge about y, without size: moment about the hinge 1.000001 kg·m². */
  pendulum: {
    urdf: `<robot name="pendulum"><link name="base"/>${ball('bob', 1, 1e-6, '0 0 -1')}
      ${joint('hinge', 'continuous', ['base', 'bob'], '<axis xyz="0 1 0"/>')}</robot>`,
    yaml: FIXED('pendulum', EFFORT('hinge')),
  },
  /** Flywheel about z on a fixed base, moment 0.5 kg·m², with damping 0.2 N·m·s/rad. */
  damped: {
    urdf: `<robot name="damped"><link name="base"/>${ball('wheel', 1, 0.5)}
      ${joint('axle', 'continuous', ['base', 'wheel'], '<axis xyz="0 0 1"/><dynamics damping="0.2"/>')}</robot>`,
    yaml: FIXED('damped', EFFORT('axle')),
  },
  /** The same with friction 0.3 N·m. */
  rubbing: {
    urdf: `<robot name="rubbing"><link name="base"/>${ball('wheel', 1, 0.5)}
      ${joint('axle', 'continuous', ['base', 'wheel'], '<axis xyz="0 0 1"/><dynamics friction="0.3"/>')}</robot>`,
    yaml: FIXED('rubbing', EFFORT('axle')),
  },
  /** The same with both. */
  'damped-rubbing': {
    urdf: `<robot name="damped-rubbing"><link name="base"/>${ball('wheel', 1, 0.5)}
      ${joint('axle', 'continuous', ['base', 'wheel'], '<axis xyz="0 0 1"/><dynamics damping="0.2" friction="0.3"/>')}</robot>`,
    yaml: FIXED('damped-rubbing', EFFORT('axle')),
  },
  /** Free body with three different moments and an idle wheel too small to matter. */
  brick: {
    urdf: `<robot name="brick"><link name="base"><inertial><mass value="0.027"/>
        <inertia ixx="1e-5" iyy="2e-5" izz="2.9e-5"/></inertial>
        <collision><geometry><box size="0.1 0.06 0.04"/></geometry></collision></link><link name="prop"/>
      ${joint('prop_joint', 'continuous', ['base', 'prop'], '<axis xyz="0 0 1"/>')}</robot>`,
    yaml: FLOATING('brick', ROTOR('prop_joint: clockwise'), 'velocity'),
  },
} as const;

export type TestRobotName = keyof typeof ROBOTS;

/** The texts of a test robot, to be spoilt by a test. */
export function getTestRobotSource(name: TestRobotName): {
  readonly urdf: string;
  readonly yaml: string;
} {
  return ROBOTS[name];
}

export function makeTestRobot(name: TestRobotName): RobotModel {
  return parseTestRobot(ROBOTS[name]);
}

export function parseTestRobot(source: {
  readonly urdf: string;
  readonly yaml: string;
}): RobotModel {
  return parseRobot({
    ...source,
    where: { urdf: 'robot.urdf', yaml: 'robot.yaml' },
    sha256: '0'.repeat(64),
  });
}
