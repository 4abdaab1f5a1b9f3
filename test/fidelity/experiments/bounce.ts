import { computeBallMoments, G, makeFloor, makeLink, makeRobot, withBench } from '../bodies.ts';
import { computePercent, type Experiment, type Row } from '../experiment.ts';

const RADIUS = 0.1;
const DROP = 1;

/** Apex after the first bounce from 1 m is e² of it: 0.04, 0.25 and 0.81 m. */
const RESTITUTIONS = [0.2, 0.5, 0.9] as const;

export const bounce: Experiment = {
  name: 'bounce',
  shows:
    'A ball falls 1 m onto a floor; after an impact with restitution e it rises to e² of that. The floor carries e, ' +
    'the ball 0: of two surfaces the larger restitution holds.',
  settings: 'default',
  async run(setup) {
    const rows: Row[] = [];
    for (const restitution of RESTITUTIONS) {
      const ball = makeRobot('ball', 'floating', [
        makeLink('ball', {
          mass: 1,
          moments: computeBallMoments(1, RADIUS),
          shape: { kind: 'sphere', radius: RADIUS },
          material: { friction: 0.5, restitution: 0 },
        }),
      ]);
      const scene = makeFloor({ friction: 0.5, restitution });
      const apex = await withBench(ball, setup, { scene }, ({ place, run }) => {
        place(0, (row) => row.position.set([0, 0, RADIUS + DROP]));
        let hasBounced = false;
        let highest = Number.NEGATIVE_INFINITY;
        // Down in √(2/g) = 0.45 s, up again in as much at most.
        const duration = 2.2 * Math.sqrt((2 * DROP) / G);
        for (let step = 0; step * setup.timestepS < duration; step++) {
          const { position, linearVelocityW } = run(setup.timestepS);
          if (linearVelocityW[2]! > 0) hasBounced = true;
          if (hasBounced) highest = Math.max(highest, position[2]! - RADIUS);
          if (hasBounced && linearVelocityW[2]! < 0) break;
        }
        return highest;
      });
      const exact = restitution ** 2 * DROP;
      rows.push({
        quantity: `height of the first bounce, e = ${restitution}`,
        unit: '%',
        exact,
        error: computePercent(apex, exact),
        tolerance: 10,
        why: 'nobody knows a restitution to better than 5 %, and height goes with its square',
      });
    }
    return rows;
  },
};
