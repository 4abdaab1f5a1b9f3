import type { Vec3 } from '../../../sim/math/vec3.ts';
import { computeBoxMoments, G, makeFloor, makeLink, makeRobot, withBench } from '../bodies.ts';
import { computePercent, type Experiment } from '../experiment.ts';

const FRICTION = 0.5;
const MATERIAL = { friction: FRICTION, restitution: 0 };
const SIZE: Vec3 = [0.4, 0.4, 0.1];
/** 1 kg, flat enough not to tip: half its height over half its length is far below the friction. */
const BOX = makeRobot('box', 'floating', [
  makeLink('box', {
    mass: 1,
    moments: computeBoxMoments(1, SIZE),
    shape: { kind: 'box', size: SIZE },
    material: MATERIAL,
  }),
]);
/** tan 26.6° = 0.5: 2° to either side, so that a friction that is 10 % off is seen. [rad] */
const FRICTION_ANGLE = Math.atan(FRICTION);
const MARGIN = (2 * Math.PI) / 180;

/** A floor that is tilted is a floor under tilted gravity: down the slope is +x. */
export function tiltGravity(angle: number): Vec3 {
  return [G * Math.sin(angle), 0, -G * Math.cos(angle)];
}

export const incline: Experiment = {
  name: 'incline',
  shows:
    'A 1 kg box lies on a slope 2° below and 2° above its friction angle atan 0.5 = 26.6°. Below it must stay, ' +
    'above it slides ½(g sin α − μ g cos α)t².',
  settings: 'default',
  async run(setup) {
    const scene = makeFloor(MATERIAL);
    const slide = (angle: number) =>
      withBench(BOX, setup, { gravityW: tiltGravity(angle), scene }, ({ place, run }) => {
        place(0, (row) => row.position.set([0, 0, SIZE[2] / 2]));
        const settled = run(0.1).position[0]!;
        const after1 = run(0.9);
        const [distance, speed] = [after1.position[0]!, after1.linearVelocityW[0]!];
        const creep = (run(9).position[0]! - distance) / 9;
        return { settled, distance, speed, creep, depth: SIZE[2] / 2 - after1.position[2]! };
      });
    const below = await slide(FRICTION_ANGLE - MARGIN);
    const above = await slide(FRICTION_ANGLE + MARGIN);
    const angle = FRICTION_ANGLE + MARGIN;
    const acceleration = G * (Math.sin(angle) - FRICTION * Math.cos(angle));
    return [
      {
        quantity: 'sticking: creep from 1 s to 10 s',
        unit: 'mm/s',
        exact: 0,
        error: 1000 * Math.abs(below.creep),
        tolerance: 0.1,
        why: 'a legged robot that stands for 50 s may not slip by more than 5 mm',
      },
      {
        quantity: 'sticking: moved in the first second',
        unit: 'mm',
        exact: 0,
        error: 1000 * Math.abs(below.distance),
        tolerance: 1,
        why: 'settling into a contact is not walking away: below what odometry sees',
      },
      {
        quantity: 'sliding: distance after 1 s',
        unit: '%',
        exact: acceleration / 2,
        error: computePercent(above.distance, acceleration / 2),
        tolerance: 2,
        why: 'g sin α and μ g cos α nearly cancel here, so 2 % of the rest is 0.2 % of friction',
      },
      {
        quantity: 'sliding: speed after 1 s',
        unit: '%',
        exact: acceleration,
        error: computePercent(above.speed, acceleration),
        tolerance: 2,
        why: 'the same',
      },
      {
        quantity: 'box off the surface, in it or above it, at 1 s',
        unit: 'mm',
        exact: 0,
        error: 1000 * Math.abs(above.depth),
        tolerance: 1,
        why: 'less than a foot’s rubber gives way; the allowed slop of either engine',
      },
    ];
  },
};
