import { writeRotated } from '../../../sim/math/quat.ts';
import { computeDistance, computeNorm } from '../../../sim/math/vec3.ts';
import type { StateBatch } from '../../../sim/robot/state.ts';
import { makeLink, makeRobot, withBench } from '../bodies.ts';
import { computeFlipInterval } from '../exact/elliptic.ts';
import { findCrossings } from '../exact/integrate.ts';
import { makeFreeBody } from '../exact/systems.ts';
import { computePercent, type Experiment } from '../experiment.ts';

/** A racket: handle along the first axis, blade across the last. [kg·m²] */
const MOMENTS = [0.001, 0.012, 0.013] as const;
/** One turn per second about the middle axis, 1 % of it about the others. [rad/s] */
const START = [0.06, 6, 0.06] as const;
const RACKET = makeRobot('racket', 'floating', [
  makeLink('racket', { mass: 0.3, moments: MOMENTS }),
]);
const NUM_FLIPS = 5;
const DURATION_S = 60;

function computeEnergy({ angularVelocityB }: StateBatch): number {
  return MOMENTS.reduce((sum, moment, k) => sum + (moment * angularVelocityB[k]! ** 2) / 2, 0);
}

function computeMomentumW(state: StateBatch): Float64Array {
  const out = MOMENTS.map((moment, k) => moment * state.angularVelocityB[k]!);
  const momentum = new Float64Array(3);
  writeRotated(momentum, 0, state.orientation, 0, out, 0);
  return momentum;
}

export const tumbling: Experiment = {
  name: 'tennis-racket',
  shows:
    'A free body with moments 1 : 12 : 13 turns about its middle axis at 6 rad/s and flips over and over; flips ' +
    "are compared with Euler's equations, integrated to 1e-13, energy and momentum with themselves over 60 s.",
  settings: 'default',
  run: (setup) =>
    withBench(RACKET, setup, { gravityW: [0, 0, 0] }, ({ state, place, run }) => {
      place(0, (row) => row.angularVelocityB.set(START));
      const energy = computeEnergy(state);
      const momentum = computeMomentumW(state);
      const size = computeNorm(momentum);
      const worst = { energy: 0, gain: 0, size: 0, direction: 0 };
      const flips: number[] = [];
      let before = START[1] as number;
      for (let step = 1; step <= Math.round(DURATION_S / setup.timestepS); step++) {
        const rate = run(setup.timestepS).angularVelocityB[1]!;
        if (Math.sign(rate) !== Math.sign(before)) {
          flips.push((step - rate / (rate - before)) * setup.timestepS);
        }
        before = rate;
        const change = computeEnergy(state) / energy - 1;
        const now = computeMomentumW(state);
        worst.energy = Math.max(worst.energy, Math.abs(change));
        worst.gain = Math.max(worst.gain, change);
        worst.size = Math.max(worst.size, Math.abs(computeNorm(now) / size - 1));
        worst.direction = Math.max(worst.direction, computeDistance(now, 0, momentum, 0) / size);
      }
      const exact = findCrossings(makeFreeBody(MOMENTS), START, 20, ([, y]) => y!);
      const interval = computeFlipInterval(MOMENTS, START);
      const measuredInterval = (flips[NUM_FLIPS - 1]! - flips[0]!) / (NUM_FLIPS - 1);
      return [
        {
          quantity: 'time of the fifth flip',
          unit: '%',
          exact: exact[NUM_FLIPS - 1]!,
          error: computePercent(flips[NUM_FLIPS - 1]!, exact[NUM_FLIPS - 1]!),
          tolerance: 1,
          why: 'first order: a turn at ω is late by ω·h/2 = 0.6 %; a camera would not see 1 %',
        },
        {
          quantity: 'time between flips, mean of four',
          unit: '%',
          exact: interval,
          error: computePercent(measuredInterval, interval),
          tolerance: 1,
          why: 'the same',
        },
        {
          quantity: 'energy, worst in 60 s',
          unit: '%',
          error: 100 * worst.energy,
          tolerance: 1,
          why: 'a drone that tumbles for a minute should not slow down by more than 0.5 %',
        },
        {
          quantity: 'angular momentum, worst in 60 s, with its direction',
          unit: '%',
          error: 100 * worst.direction,
          tolerance: 1,
          why: 'no torque acts; 1 % is 0.6° of direction',
        },
        {
          quantity: 'size of the angular momentum, worst in 60 s',
          unit: '%',
          error: 100 * worst.size,
          tolerance: 1,
          why: 'no torque acts',
        },
      ];
    }),
};
