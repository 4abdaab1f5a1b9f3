import { computeBallMoments, G, makeFloor, makeLink, makeRobot, withBench } from '../bodies.ts';
import { computePercent, type Experiment } from '../experiment.ts';
import { tiltGravity } from './incline.ts';

const RADIUS = 0.1;
const ANGLE = (10 * Math.PI) / 180;
const DURATION_S = 2;
const BALL = makeRobot('ball', 'floating', [
  makeLink('ball', {
    mass: 1,
    moments: computeBallMoments(1, RADIUS),
    shape: { kind: 'sphere', radius: RADIUS },
  }),
]);

export const rolling: Experiment = {
  name: 'rolling',
  shows:
    'A solid ball rolls down a slope of 10° without slipping: a = 5/7·g·sin α, needing a friction of ' +
    '2/7·tan α = 0.05 of the 0.5 that is there.',
  settings: 'default',
  run: (setup) =>
    withBench(
      BALL,
      setup,
      {
        gravityW: tiltGravity(ANGLE),
        scene: makeFloor({ friction: 0.5, restitution: 0 }),
      },
      ({ state, place, run }) => {
        place(0, (row) => row.position.set([0, 0, RADIUS]));
        let slip = 0;
        for (let step = 0; step < Math.round(DURATION_S / setup.timestepS); step++) {
          run(setup.timestepS);
          // Rolling to +x turns about +y; the ball turns about y alone, which its own frame shares.
          const surface = state.linearVelocityW[0]! - RADIUS * state.angularVelocityB[1]!;
          slip = Math.max(slip, Math.abs(surface));
        }
        const acceleration = (5 / 7) * G * Math.sin(ANGLE);
        const speed = acceleration * DURATION_S;
        const distance = (speed * DURATION_S) / 2;
        return [
          {
            quantity: `speed after ${DURATION_S} s`,
            unit: '%',
            exact: speed,
            error: computePercent(state.linearVelocityW[0]!, speed),
            tolerance: 0.5,
            why: 'wheel odometry is good to 1 %; the physics should be better than what it judges',
          },
          {
            quantity: `distance after ${DURATION_S} s`,
            unit: '%',
            exact: distance,
            error: computePercent(state.position[0]!, distance),
            tolerance: 0.5,
            why: 'the same',
          },
          {
            quantity: 'largest slip of the touching point',
            unit: 'mm/s',
            exact: 0,
            error: 1000 * slip,
            tolerance: (1000 * speed) / 100,
            why: '1 % of the final speed, as good as wheel odometry',
          },
        ];
      },
    ),
};
