import type { RobotEntry, Welcome } from '../../web-viewer/protocol.ts';
import type { VisualModel } from '../../web-viewer/robot-schema.ts';

const identity = { translation: [0, 0, 0], rotation: [0, 0, 0, 1] } as const;

/** A box with one wheel. */
export const TINY_VISUAL_MODEL: VisualModel = {
  name: 'tiny',
  mass: 1,
  rootLink: 'base_link',
  links: [
    {
      name: 'base_link',
      visuals: [
        {
          linkFromShape: identity,
          geometry: { kind: 'box', size: [0.4, 0.2, 0.1] },
          colour: [0.9, 0.4, 0.1, 1],
        },
      ],
    },
    {
      name: 'wheel',
      visuals: [
        { linkFromShape: identity, geometry: { kind: 'cylinder', radius: 0.1, length: 0.05 } },
      ],
    },
  ],
  joints: [
    {
      name: 'hub',
      type: 'continuous',
      parent: 'base_link',
      child: 'wheel',
      parentFromJoint: { translation: [0.1, 0, 0.1], rotation: [0, 0, 0, 1] },
      axis: [0, 0, 1],
    },
  ],
  jointNames: ['hub'],
  rotorJoints: [],
};

function makeRobot(name: string, y: number): RobotEntry {
  return {
    name,
    model: 0,
    mapFromOdom: { translation: [0, y, 0], rotation: [0, 0, 0, 1] },
    fields: [
      { name: 'position', width: 3, unit: 'm', frame: 'map' },
      { name: 'orientation', width: 4, unit: '-', frame: 'map' },
      { name: 'joint_position', width: 1, unit: 'rad' },
      { name: 'safety', width: 2, unit: '-' },
      { name: 'tilt', width: 1, unit: 'deg' },
    ],
  };
}

/** Two tiny robots, 1 m apart. */
export function makeTinyWelcome(): Welcome {
  return {
    version: 1,
    server: 'test',
    frameRateHz: 30,
    models: [TINY_VISUAL_MODEL],
    robots: [makeRobot('t0', 0), makeRobot('t1', 1)],
    plots: [
      { title: 'Tilt', unit: 'deg', series: [{ label: 'tilt', field: 'tilt', component: 0 }] },
    ],
    actions: ['stop', 'clear_stop', 'reset'],
    safetyActions: ['pass', 'clamp', 'hold', 'damp', 'stop'],
    safetyRules: ['none', 'tilt'],
    run: { profile: 'test', seed: '1' },
  };
}
