import { computeBallMoments, G, makeLink, makeRobot, withBench } from '../bodies.ts';
import { computePercent, type Experiment } from '../experiment.ts';

/** A 1 kg ball whose terminal speed is 10 m/s. */
const MASS = 1;
const TERMINAL = 10;
const DRAG = (MASS * G) / TERMINAL ** 2;
const BALL = makeRobot('ball', 'floating', [
  makeLink('ball', { mass: MASS, moments: computeBallMoments(MASS, 0.1) }),
]);

/** Closed form of v′ = g − (c/m) v²: v = v∞ tanh(g t/v∞), s = v∞²/g · ln cosh(g t/v∞). */
const exactSpeed = (timeS: number) => TERMINAL * Math.tanh((G * timeS) / TERMINAL);
const exactFall = (timeS: number) =>
  (TERMINAL ** 2 / G) * Math.log(Math.cosh((G * timeS) / TERMINAL));

export const freeFall: Experiment = {
  name: 'free-fall',
  shows:
    'A ball falls from rest against a drag of c·v², given as an outside force at every step; the closed form ' +
    'is v∞·tanh(g·t/v∞) with v∞ = 10 m/s.',
  settings: 'default',
  run: (setup) =>
    withBench(BALL, setup, {}, ({ state, run, engine }) => {
      const fall = (durationS: number) =>
        run(durationS, () => {
          engine.readState(state);
          const speed = state.linearVelocityW[2]!;
          engine.externalForceW[2] = -DRAG * speed * Math.abs(speed);
        });
      const early = { ...fall(1) };
      const at1 = { speed: -early.linearVelocityW[2]!, fall: -early.position[2]! };
      const late = fall(9);
      const at10 = { speed: -late.linearVelocityW[2]!, fall: -late.position[2]! };
      return [
        {
          quantity: 'speed after 1 s',
          unit: '%',
          exact: exactSpeed(1),
          error: computePercent(at1.speed, exactSpeed(1)),
          tolerance: 0.2,
          why: 'drag acts one step late: at most h·2g/v∞ = 0.4 % of its share, half of it on average',
        },
        {
          quantity: 'distance after 1 s',
          unit: 'm',
          exact: exactFall(1),
          error: Math.abs(at1.fall - exactFall(1)),
          tolerance: 0.01,
          why: 'first order: g·t·h/2 = 10 mm',
        },
        {
          quantity: 'terminal speed (10 s)',
          unit: '%',
          exact: exactSpeed(10),
          error: computePercent(at10.speed, exactSpeed(10)),
          tolerance: 0.01,
          why: 'a balance of forces does not depend on the step, only on rounding; no drag coefficient is known to 0.01 %',
        },
        {
          quantity: 'distance after 10 s',
          unit: 'm',
          exact: exactFall(10),
          error: Math.abs(at10.fall - exactFall(10)),
          tolerance: 0.02,
          why: 'half a step at v∞ (10 mm) and what the first second left (10 mm)',
        },
      ];
    }),
};
