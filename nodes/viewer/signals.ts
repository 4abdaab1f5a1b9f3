import { SAFETY_ACTIONS } from '../../policies/safety/verdict.ts';
import { getJoint, type RobotModel } from '../../sim/robot/model.ts';
import type { Field, Plot } from '../../web-viewer/protocol.ts';
import { MAP_FRAME } from '../topics.ts';

/** What of a robot's surroundings a frame must tell. */
export interface SurroundingsShown {
  /** Whether anything moves there on a way that the scene tells. */
  readonly hasWays: boolean;
  /** [1] objects whose places the scene does not tell */
  readonly numPlaced: number;
}

const STILL: SurroundingsShown = { hasWays: false, numPlaced: 0 };

/** What a frame says about one robot. NaN stands for what has not been heard yet. */
export function makeFields(
  model: RobotModel,
  { hasWays, numPlaced }: SurroundingsShown = STILL,
): Field[] {
  const joints = model.jointNames.length;
  const jointUnit = getJointUnit(model, model.jointNames, 'position');
  const speedUnit = getJointUnit(model, model.jointNames, 'velocity');
  return [
    { name: 'position', width: 3, unit: 'm', frame: MAP_FRAME },
    { name: 'orientation', width: 4, unit: '-', frame: MAP_FRAME },
    { name: 'angular_velocity', width: 3, unit: 'rad/s', frame: 'base_link' },
    { name: 'joint_position', width: joints, unit: jointUnit },
    { name: 'joint_velocity', width: joints, unit: speedUnit },
    { name: 'command', width: model.actuatedJointNames.length, unit: getCommandUnit(model) },
    // Position, then yaw.
    { name: 'reference', width: 4, unit: 'm, rad', frame: MAP_FRAME },
    { name: 'disturbance', width: 3, unit: 'N', frame: MAP_FRAME },
    // Indices into the welcome's safety actions and rules.
    { name: 'safety', width: 2, unit: '-' },
    // Wall time since the robot was heard last: its odometry, or its joints where it is bolted down.
    { name: 'odometry_age', width: 1, unit: 's' },
    { name: 'position_error', width: 1, unit: 'm' },
    { name: 'speed', width: 1, unit: 'm/s' },
    { name: 'tilt', width: 1, unit: 'deg' },
    // Which of its episodes this is: where it changes, the robot was put where it is.
    { name: 'episode', width: 1, unit: '1' },
    // How long obstacles have been on their ways, robot by robot.
    ...(hasWays ? [{ name: 'scene_time', width: 1, unit: 's' }] : []),
    // x, y, z and yaw of each, in the robot's odom frame.
    ...(numPlaced > 0 ? [{ name: 'obstacles', width: 4 * numPlaced, unit: 'm, rad' }] : []),
  ];
}

/** The charts that tell how such a robot is doing. */
export function makePlots(model: RobotModel): Plot[] {
  const command: Plot = {
    title: 'Command',
    unit: getCommandUnit(model),
    series: model.actuatedJointNames.map((joint, component) => ({
      label: shorten(joint),
      field: 'command',
      component,
    })),
  };
  const safety: Plot = {
    title: `Safety, ${SAFETY_ACTIONS.map((name, i) => `${i} ${name}`).join(', ')}`,
    unit: '-',
    range: [0, SAFETY_ACTIONS.length - 1],
    series: [{ label: 'action', field: 'safety', component: 0 }],
  };
  return model.base === 'floating'
    ? [...makeFlightPlots(), command, safety]
    : [...makeJointPlots(model), command, safety];
}

function makeFlightPlots(): Plot[] {
  const makePlot = (title: string, unit: string, field: string): Plot => ({
    title,
    unit,
    series: [{ label: title, field, component: 0 }],
  });
  return [
    makePlot('Position error', 'm', 'position_error'),
    makePlot('Speed', 'm/s', 'speed'),
    makePlot('Tilt', 'deg', 'tilt'),
    {
      title: 'Body rate',
      unit: 'rad/s',
      series: ['x', 'y', 'z'].map((label, component) => ({
        label,
        field: 'angular_velocity',
        component,
      })),
    },
  ];
}

function makeJointPlots(model: RobotModel): Plot[] {
  const makePlot = (title: string, kind: 'position' | 'velocity'): Plot => ({
    title,
    unit: getJointUnit(model, model.jointNames, kind),
    series: model.jointNames.map((joint, component) => ({
      label: shorten(joint),
      field: `joint_${kind}`,
      component,
    })),
  });
  return [makePlot('Joint position', 'position'), makePlot('Joint velocity', 'velocity')];
}

function getCommandUnit(model: RobotModel): string {
  return getJointUnit(model, model.actuatedJointNames, model.commandKind);
}

const UNITS = {
  position: { turns: 'rad', slides: 'm' },
  velocity: { turns: 'rad/s', slides: 'm/s' },
  effort: { turns: 'N·m', slides: 'N' },
} as const;

/** One unit where all joints share it, else every unit that occurs. */
function getJointUnit(
  model: RobotModel,
  joints: readonly string[],
  kind: keyof typeof UNITS,
): string {
  const units = joints.map((name) => {
    const moves = getJoint(model, name).type === 'prismatic' ? 'slides' : 'turns';
    return UNITS[kind][moves];
  });
  return [...new Set(units)].join(', ') || '-';
}

/** `m1_joint` → `m1`: legends are narrow, and every name ends so. */
function shorten(joint: string): string {
  return joint.replace(/_joint$/, '');
}
