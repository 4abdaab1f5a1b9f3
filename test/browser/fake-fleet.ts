import { computeFrameLayout, type VisualModel, type Welcome } from '../../web-viewer/protocol.ts';

type Rotation = readonly [number, number, number, number];
const UP: Rotation = [0, 0, 0, 1];
const place = (x: number, y: number, z: number, rotation: Rotation = UP) => ({
  translation: [x, y, z] as const,
  rotation,
});
const DARK = [0.13, 0.14, 0.16, 1] as const;
const GREEN = [0.2, 0.75, 0.4, 1] as const;
/** [m] from the middle to each rotor along x and y */
const ARM = 0.032;
const ROTORS = [
  { name: 'm1', x: ARM, y: -ARM },
  { name: 'm2', x: -ARM, y: -ARM },
  { name: 'm3', x: -ARM, y: ARM },
  { name: 'm4', x: ARM, y: ARM },
] as const;

/** A palm-sized quadrotor made of boxes and cylinders. */
export const FAKE_QUADROTOR: VisualModel = {
  name: 'fake_quadrotor',
  mass: 0.03,
  rootLink: 'base_link',
  links: [
    {
      name: 'base_link',
      visuals: [
        {
          linkFromShape: place(0, 0, 0),
          geometry: { kind: 'box', size: [0.03, 0.03, 0.012] },
          colour: DARK,
        },
        {
          linkFromShape: place(0, 0, 0, [0, 0, 0.382683, 0.92388]),
          geometry: { kind: 'box', size: [0.09, 0.006, 0.004] },
          colour: DARK,
        },
        {
          linkFromShape: place(0, 0, 0, [0, 0, -0.382683, 0.92388]),
          geometry: { kind: 'box', size: [0.09, 0.006, 0.004] },
          colour: DARK,
        },
        {
          linkFromShape: place(0.013, 0, 0.009),
          geometry: { kind: 'box', size: [0.006, 0.02, 0.006] },
          colour: GREEN,
        },
      ],
    },
    ...ROTORS.map(({ name }) => ({
      name: `${name}_prop`,
      visuals: [
        {
          linkFromShape: place(0, 0, 0),
          geometry: { kind: 'box', size: [0.045, 0.005, 0.001] } as const,
          colour: [0.8, 0.82, 0.85, 1] as const,
        },
      ],
    })),
  ],
  joints: ROTORS.map(({ name, x, y }) => ({
    name,
    type: 'continuous' as const,
    parent: 'base_link',
    child: `${name}_prop`,
    parentFromJoint: place(x, y, 0.012),
    axis: [0, 0, 1] as const,
  })),
  jointNames: ROTORS.map(({ name }) => name),
  rotorJoints: ROTORS.map(({ name }) => name),
};

const FIELDS = [
  { name: 'position', width: 3, unit: 'm', frame: 'map' },
  { name: 'orientation', width: 4, unit: '-', frame: 'map' },
  { name: 'joint_velocity', width: 4, unit: 'rad/s' },
  { name: 'reference', width: 4, unit: 'm, rad', frame: 'map' },
  { name: 'disturbance', width: 3, unit: 'N', frame: 'map' },
  { name: 'safety', width: 2, unit: '-' },
  { name: 'position_error', width: 1, unit: 'm' },
  { name: 'tilt', width: 1, unit: 'deg' },
] as const;

/** Robots on a square grid, 1.5 m apart, each on its own circle of 0.5 m at 1 m height. */
export function makeFakeWelcome(numRobots: number): Welcome {
  const side = Math.ceil(Math.sqrt(numRobots));
  return {
    version: 1,
    server: 'fake fleet',
    frameRateHz: 30,
    models: [FAKE_QUADROTOR],
    robots: Array.from({ length: numRobots }, (_, i) => ({
      name: `cf${String(i).padStart(2, '0')}`,
      model: 0,
      mapFromOdom: place(1.5 * (i % side), 1.5 * Math.floor(i / side), 0),
      fields: FIELDS,
    })),
    plots: [
      {
        title: 'Position error',
        unit: 'm',
        series: [{ label: 'error', field: 'position_error', component: 0 }],
      },
      { title: 'Tilt', unit: 'deg', series: [{ label: 'tilt', field: 'tilt', component: 0 }] },
      {
        title: 'Rotor speed',
        unit: 'rad/s',
        series: ROTORS.map(({ name }, component) => ({
          label: name,
          field: 'joint_velocity',
          component,
        })),
      },
    ],
    actions: ['stop', 'clear_stop', 'reset'],
    safetyActions: ['pass', 'clamp', 'hold', 'damp', 'stop'],
    safetyRules: ['none', 'tilt', 'stop_request'],
    run: { profile: 'fake', policy: 'circles', seed: '7' },
  };
}

const RADIUS = 0.5;
const RATE = 1.2;

/** Every robot at time `timeS`; `isStopped` puts them on the ground. */
export function makeFakeValues(welcome: Welcome, timeS: number, isStopped: boolean): Float32Array {
  const layout = computeFrameLayout(welcome.robots);
  const values = new Float32Array(layout.size).fill(Number.NaN);
  welcome.robots.forEach((robot, i) => {
    const offsets = layout.offsets[i]!;
    const [x0, y0] = robot.mapFromOdom.translation;
    const phase = RATE * timeS + i;
    const error = 0.03 * Math.sin(3 * timeS + i);
    const z = isStopped ? 0.01 : 1 + 0.15 * Math.sin(0.7 * timeS + i);
    const tilt = isStopped ? 0 : (RATE * RATE * RADIUS) / 9.81;
    const write = (name: string, numbers: readonly number[]) =>
      values.set(numbers, offsets.get(name)!);
    const [cx, cy] = [Math.cos(phase), Math.sin(phase)];
    write('position', [x0 + (RADIUS + error) * cx, y0 + (RADIUS + error) * cy, z]);
    // Leans towards the middle of the circle: about the axis across the radius.
    write('orientation', [
      Math.sin(tilt / 2) * cy,
      -Math.sin(tilt / 2) * cx,
      0,
      Math.cos(tilt / 2),
    ]);
    write('joint_velocity', isStopped ? [0, 0, 0, 0] : [1800, -1790, 1810 + 60 * cx, -1800]);
    write('reference', [x0 + RADIUS * cx, y0 + RADIUS * cy, isStopped ? 1 : z, phase]);
    const gust = Math.max(0, Math.sin(0.5 * timeS + 2 * i) - 0.6);
    write('disturbance', [0.1 * gust, 0.05 * gust, 0]);
    write('safety', isStopped ? [4, 2] : [i % 7 === 3 ? 1 : 0, 0]);
    write('position_error', [Math.abs(error)]);
    write('tilt', [(tilt * 180) / Math.PI]);
  });
  return values;
}

/** The circle of robot `i`, [numPoints, 3]. */
export function makeFakePath(welcome: Welcome, i: number): Float32Array {
  const [x0, y0] = welcome.robots[i]!.mapFromOdom.translation;
  const points = Array.from({ length: 61 }, (_, k) => {
    const angle = (2 * Math.PI * k) / 60;
    return [x0 + RADIUS * Math.cos(angle), y0 + RADIUS * Math.sin(angle), 1];
  });
  return Float32Array.from(points.flat());
}
