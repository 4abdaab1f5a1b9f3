import { makeHinge, makeLink, makeRobot, STAND, withBench } from '../bodies.ts';
import { integrate, type Rate } from '../exact/integrate.ts';
import type { Experiment, Row, Setup } from '../experiment.ts';

/** [kg·m²] about the hinge, half of it the link's and half the motor's rotor, felt through its gears */
const MOMENT = 0.02;
const ARM = makeRobot(
  'arm',
  'fixed',
  [STAND, makeLink('arm', { mass: 1, moments: [0.01, 0.01, MOMENT / 2] })],
  [{ ...makeHinge('hinge', 'stand', 'arm', [0, 0, 0], [0, 0, 1]), armature: MOMENT / 2 }],
);
/** [rad] */
const STEP = 0.5;

interface Servo {
  readonly stiffness: number;
  readonly damping: number;
  readonly maxEffort: number;
}

/** ω_n = √(k/I) = 20 rad/s and ζ = d/(2√(kI)) = 0.5, as a leg's position loop. */
const SOFT: Servo = { stiffness: 8, damping: 0.4, maxEffort: 1000 };
/** ω_n = 2000 rad/s, four radians in a step of 2 ms: no explicit controller survives that. */
const STIFF: Servo = { stiffness: 80_000, damping: 80, maxEffort: 1e6 };
/** The soft servo when its motor gives half of what the step asks for: 4 N·m at the start. */
const WEAK: Servo = { ...SOFT, maxEffort: 2 };

/** I·q″ = clamp(k (q* − q) − d q′). */
function makeServoArm({ stiffness, damping, maxEffort }: Servo): Rate {
  return (rate, [angle, speed]) => {
    const effort = stiffness * (STEP - angle!) - damping * speed!;
    rate[0] = speed!;
    rate[1] = Math.max(-maxEffort, Math.min(maxEffort, effort)) / MOMENT;
  };
}

/** Angles every 10 ms. */
function measure(servo: Servo, setup: Setup, durationS: number): Promise<readonly number[]> {
  return withBench(ARM, setup, { gravityW: [0, 0, 0] }, ({ engine, run }) => {
    engine.setDrive(0, 0, servo);
    engine.drivePosition[0] = STEP;
    return Array.from({ length: Math.round(durationS / 0.01) }, () => run(0.01).jointPosition[0]!);
  });
}

async function compare(servo: Servo, setup: Setup): Promise<number> {
  const angles = await measure(servo, setup, 0.5);
  let exact: ArrayLike<number> = [0, 0];
  let worst = 0;
  for (const angle of angles) {
    exact = integrate(makeServoArm(servo), exact, 0.01, { tolerance: 1e-11 });
    worst = Math.max(worst, Math.abs(angle - exact[0]!));
  }
  return (100 * worst) / STEP;
}

export const pdStep: Experiment = {
  name: 'pd-step',
  shows:
    'A servo in the solver steps an arm by 0.5 rad; the reference is I·q″ = k(q* − q) − d·q′ with its effort limit, half of I ' +
    'being armature. The stiff one has a natural frequency of 2000 rad/s and must simply arrive.',
  settings: 'default',
  async run(setup) {
    const stiff = await measure(STIFF, setup, 0.5);
    const arrived = Math.max(...stiff.slice(10).map((angle) => Math.abs(angle - STEP)));
    const rows: Row[] = [
      {
        quantity: 'ω = 20 rad/s, ζ = 0.5: worst in 0.5 s',
        unit: '% of the step',
        error: await compare(SOFT, setup),
        tolerance: 4,
        why: 'implicit Euler is late by h/2 and adds ω·h/2 = 0.02 to ζ: 2 % each',
      },
      {
        quantity: 'the same with half the effort it asks for',
        unit: '% of the step',
        error: await compare(WEAK, setup),
        tolerance: 4,
        why: 'the same',
      },
      {
        quantity: 'ω = 2000 rad/s: from 0.1 s on, off its target by',
        unit: '% of the step',
        error: (100 * arrived) / STEP,
        tolerance: 0.1,
        why: 'stable at any gain; the exact one has arrived to 1e-40 by then',
      },
    ];
    return rows;
  },
};
