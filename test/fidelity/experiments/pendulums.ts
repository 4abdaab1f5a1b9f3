import type { RobotModel } from '../../../sim/robot/model.ts';
import { G, makeHinge, makeLink, makeRobot, STAND, withBench } from '../bodies.ts';
import { computePendulumPeriod } from '../exact/elliptic.ts';
import { integrate } from '../exact/integrate.ts';
import { makeDoublePendulum, type Rod } from '../exact/systems.ts';
import { computePercent, type Experiment } from '../experiment.ts';

/** Uniform rod of 1 kg and 1 m. */
export const ROD: Rod = { mass: 1, length: 1, centre: 0.5, moment: 1 / 12 };
const AMPLITUDE = 1.5;
const NUM_PERIODS = 5;

/** A rod that hangs from its link's origin and swings about y; thin, but not without moment about itself. */
export function makeRodLink(name: string, rod: Rod = ROD) {
  return makeLink(name, {
    mass: rod.mass,
    moments: [rod.moment, rod.moment, rod.moment / 50],
    centre: [0, 0, -rod.centre],
  });
}

/** n rods hanging from one another. */
export function makeRodChain(numRods: number): RobotModel {
  const names = Array.from({ length: numRods }, (_, i) => `rod_${i}`);
  return makeRobot(
    `chain_${numRods}`,
    'fixed',
    [STAND, ...names.map((name) => makeRodLink(name))],
    names.map((name, i) =>
      makeHinge(
        `hinge_${i}`,
        names[i - 1] ?? 'stand',
        name,
        i === 0 ? [0, 0, 0] : [0, 0, -ROD.length],
        [0, 1, 0],
      ),
    ),
  );
}

export const pendulum: Experiment = {
  name: 'pendulum',
  shows:
    'A uniform 1 m rod swings ±1.5 rad; its period is a complete elliptic integral, 4·√(I/(m·g·l))·K(sin 0.75).',
  settings: 'default',
  run: (setup) =>
    withBench(makeRodChain(1), setup, {}, ({ place, run }) => {
      place(0, (row) => row.jointPosition.set([AMPLITUDE]));
      const squaredRate = (ROD.mass * G * ROD.centre) / (ROD.moment + ROD.mass * ROD.centre ** 2);
      const period = computePendulumPeriod(squaredRate, AMPLITUDE);
      const crossings: number[] = [];
      let before = AMPLITUDE;
      let last = 0;
      for (let step = 1; crossings.length <= 2 * NUM_PERIODS; step++) {
        if (step * setup.timestepS > 2 * (NUM_PERIODS + 1) * period) break;
        const angle = run(setup.timestepS).jointPosition[0]!;
        if (Math.sign(angle) !== Math.sign(before)) {
          crossings.push((step - angle / (angle - before)) * setup.timestepS);
          last = 0;
        }
        last = Math.max(last, Math.abs(angle));
        before = angle;
      }
      // The last full swing before the last crossing.
      const swung = crossings.at(-1)! - crossings[0]!;
      let amplitude = 0;
      for (let step = 0; step * setup.timestepS < period / 2; step++) {
        amplitude = Math.max(amplitude, Math.abs(run(setup.timestepS).jointPosition[0]!));
      }
      return [
        {
          quantity: `period, mean of ${NUM_PERIODS}`,
          unit: '%',
          exact: period,
          error: computePercent(swung / NUM_PERIODS, period),
          tolerance: 0.5,
          why: 'a gait or a swing-up tuned here must be in time on the robot: 0.5 % is 10 ms of 2 s',
        },
        {
          quantity: `amplitude after ${NUM_PERIODS} periods`,
          unit: 'rad',
          exact: AMPLITUDE,
          error: Math.abs(amplitude - AMPLITUDE),
          tolerance: 0.015,
          why: '1 % of the swing, below the friction of any real bearing',
        },
      ];
    }),
};

export const doublePendulum: Experiment = {
  name: 'double-pendulum',
  shows:
    'Two 1 m rods start level and fall for 1 s, a chaotic motion that no closed form covers; the reference is ' +
    "Lagrange's equations, integrated to 1e-13.",
  settings: 'default',
  run: (setup) =>
    withBench(makeRodChain(2), setup, {}, ({ place, run }) => {
      // About +y a rod turns from hanging towards −x, so the joint angle is minus the angle in Lagrange's.
      const start = [Math.PI / 2, Math.PI / 2, 0, 0];
      place(0, (row) => row.jointPosition.set([start[0]!, start[1]! - start[0]!]));
      const system = makeDoublePendulum(ROD, ROD, G);
      const errors = [0.5, 1].map((timeS) => {
        const { jointPosition } = run(0.5);
        const [upper, lower] = integrate(system, start, timeS);
        const tip = (a: number, b: number) => [
          ROD.length * (Math.sin(a) + Math.sin(b)),
          -ROD.length * (Math.cos(a) + Math.cos(b)),
        ];
        const [p, q] = [jointPosition[0]!, jointPosition[0]! + jointPosition[1]!];
        const [x, z] = tip(p, q) as [number, number];
        const [exactX, exactZ] = tip(upper!, lower!) as [number, number];
        return Math.hypot(x - exactX, z - exactZ);
      });
      return [
        {
          quantity: 'tip after 0.5 s',
          unit: 'm',
          error: errors[0]!,
          tolerance: 0.01,
          why: 'first order: h/2 of motion at up to 8 m/s is 8 mm; below the play of real joints',
        },
        {
          quantity: 'tip after 1 s',
          unit: 'm',
          error: errors[1]!,
          tolerance: 0.05,
          why: 'chaos multiplies what 0.5 s left by about e in each further 0.3 s: 10 mm × e^1.7',
        },
      ];
    }),
};
