import { G, makeHinge, makeLink, makeRobot, STAND, withBench } from '../bodies.ts';
import { integrate } from '../exact/integrate.ts';
import { computeGyroscopeEnergy, type Gyroscope, makeGyroscope } from '../exact/systems.ts';
import { computePercent, type Experiment } from '../experiment.ts';

/**
 * A demonstration gyroscope: brass wheel of 1 kg and 8 cm radius 10 cm out on its axle, aluminium rings.
 * Wheel: m r²/2 = 0.0032 along, m r²/4 = 0.0016 kg·m² across.
 */
export const GYROSCOPE: Gyroscope = {
  outer: 0.002,
  inner: [0.001, 0.001, 0.001],
  wheel: [0.0032, 0.0016],
  wheelMass: 1,
  arm: 0.1,
};
/** [rad/s] 1400 turns per minute */
const SPIN = 150;
const DURATION_S = 2;

export const GIMBALS = makeRobot(
  'gyroscope',
  'fixed',
  [
    STAND,
    makeLink('outer', { mass: 0.3, moments: [0.002, 0.002, GYROSCOPE.outer] }),
    makeLink('inner', { mass: 0.2, moments: GYROSCOPE.inner }),
    makeLink('wheel', {
      mass: GYROSCOPE.wheelMass,
      moments: [GYROSCOPE.wheel[0], GYROSCOPE.wheel[1], GYROSCOPE.wheel[1]],
    }),
  ],
  [
    makeHinge('yaw', 'stand', 'outer', [0, 0, 0], [0, 0, 1]),
    makeHinge('pitch', 'outer', 'inner', [0, 0, 0], [0, 1, 0]),
    makeHinge('spin', 'inner', 'wheel', [GYROSCOPE.arm, 0, 0], [1, 0, 0]),
  ],
);

/** Mean rate of the steady motion, m g l / (I_s ω): rings and nutation leave it alone to first order. [rad/s] */
const PRECESSION = (GYROSCOPE.wheelMass * G * GYROSCOPE.arm) / (GYROSCOPE.wheel[0] * SPIN);

export const gyroscope: Experiment = {
  name: 'gyroscope',
  shows:
    'A wheel at 150 rad/s in two gimbals, released with a level axle 10 cm off its support: it precesses and nutates ' +
    "instead of falling. Reference: Lagrange's equations of wheel and rings, integrated to 1e-13; steady " +
    `precession would be m·g·l/(I·ω) = ${PRECESSION.toFixed(3)} rad/s.`,
  settings: 'default',
  run: (setup) =>
    withBench(GIMBALS, setup, {}, ({ place, run, state }) => {
      const start = [0, 0, 0, 0, 0, SPIN];
      place(0, (row) => row.jointVelocity.set([0, 0, SPIN]));
      // Where joints' angles wrap, yaw is counted on.
      let yaw = 0;
      let before = 0;
      let lowest = 0;
      for (let step = 0; step < Math.round(DURATION_S / setup.timestepS); step++) {
        const [now, pitch] = run(setup.timestepS).jointPosition;
        yaw += Math.atan2(Math.sin(now! - before), Math.cos(now! - before));
        before = now!;
        lowest = Math.max(lowest, Math.abs(pitch!));
      }
      let exactLowest = 0;
      const exact = integrate(makeGyroscope(GYROSCOPE, G), start, DURATION_S, {
        onStep(_, stepS, advance) {
          exactLowest = Math.max(exactLowest, Math.abs(advance(stepS)[1]!));
        },
      });
      const energy = (of: ArrayLike<number>) => computeGyroscopeEnergy(GYROSCOPE, G, of);
      const end = [...state.jointPosition, ...state.jointVelocity];
      const spun = energy(start);
      return [
        {
          quantity: `precession after ${DURATION_S} s`,
          unit: '%',
          exact: exact[0]!,
          error: computePercent(yaw, exact[0]!),
          tolerance: 2,
          why: 'the gyroscopic torque of rotors and reaction wheels is a few per cent of what a controller commands',
        },
        {
          quantity: 'deepest nutation',
          unit: 'rad',
          exact: exactLowest,
          error: Math.abs(lowest - exactLowest),
          tolerance: 0.02,
          why: '1°, what an inclinometer shows; nutation that is damped out (or grows) is the integrator’s doing',
        },
        {
          quantity: `energy after ${DURATION_S} s`,
          unit: '%',
          exact: 0,
          error: 100 * Math.abs(energy(end) / spun - 1),
          tolerance: 1,
          why: 'nothing rubs',
        },
      ];
    }),
};
