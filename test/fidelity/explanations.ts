import type { EngineName } from '../../sim/engine/engine.ts';

type ByEngine = Readonly<Partial<Record<EngineName, string>>>;

/**
 * Why an engine misses a tolerance, by experiment; printed only where it does. Each figure was measured by the
 * experiment or by a variation of it that the text names.
 */
export const EXPLANATIONS: Readonly<Record<string, ByEngine>> = {
  'tennis-racket': {
    rapier:
      'rates are 32-bit numbers and gyroscopic torque is solved once a step. How long the body rests between flips hangs on ' +
      'the difference of L² and 2·E·I₂, here 1.4 parts in a million of either, and energy wanders by more. Half the step does ' +
      'not help, the flips are then 5 % late: it is not the order of the integrator.',
    mujoco:
      "`implicitfast` solves a free body's gyroscopic torque implicitly, which brakes it; the flips stay in time all the same. " +
      'On the same body `implicit` loses as much, `Euler` gains 85 %, `RK4` keeps energy to 1e-6 at twice the time.',
  },
  gyroscope: {
    rapier:
      'the joints of the gimbals give way under the gyroscopic load, so the wheel dips deeper; precession and energy are ' +
      'right. The error falls with the step.',
    mujoco:
      '`implicitfast` leaves the derivatives of centrifugal and Coriolis forces out, so they act a step late and feed the ' +
      'nutation. On the same gyroscope `implicit` loses 0.08 % of energy and nutates by 0.117 rad, `RK4` follows the exact ' +
      'motion to 1e-7.',
  },
  pendulum: {
    rapier:
      'joints are impulses between free bodies: each step lets the rod fly straight and pulls it back, which takes energy. ' +
      'Both errors halve with the step.',
  },
  energy: {
    rapier:
      'the losses are those of the pendulum and fall with the step. The growth of go2 with loose legs is not understood; it ' +
      'was 0.07 % before reflected inertia of motors was simulated.',
    mujoco:
      'centrifugal and Coriolis forces act a step late (see gyroscope): where a motion is fast they feed it or brake it, by ' +
      'half as much at half the step. The single free body is braked (see tennis-racket).',
  },
  incline: {
    mujoco:
      'friction is a soft constraint: at the default impedance ratio of 1 the box creeps by 1.1 mm/s whatever the step, at 10 ' +
      'by 0.11, at 100 by 0.014 mm/s. What slides is lifted by the convex model of contact, which predicts up to twice the ' +
      'time constant of contacts × μ × speed = 2 × 20 ms × 0.5 × 0.38 m/s = 8 mm, and hops; at ratios of 1 to 100 and contact ' +
      'impedances of 0.9 and 0.99 it was 2 to 8 mm off.',
  },
  bounce: {
    mujoco:
      'an impact is a spring and a damper that the step has to resolve; of a height of 4 cm, 16 % are 6 mm. It is less at ' +
      'half the step.',
  },
  lidar: {
    rapier:
      'Rapier casts rays on capsules and cylinders by iteration: on the capsule it is off by up to 4.6 mm, on the wall of the ' +
      'column by 0.5 mm, and two rays that pass the rim of the column 1 mm away meet it, 49 and 85 mm before what they ' +
      'should meet. Boxes, balls, planes and height fields are right.',
  },
};

/** Where and why the engines differ, by comparison, in words that its numbers support. */
export const REMARKS: Readonly<Record<string, readonly string[]>> = {
  'go2 standing': [
    'Twelve torques on four feet that stick are not determined by statics: how the feet came to stick decides what they push ' +
      'against one another. In MuJoCo alone, the torque of a rear hip is 3.2 N·m at a friction impedance ratio of 1, where ' +
      'feet creep until they push no more, and 0.05 N·m at 100. Where nothing sticks ([statics](#statics)) both engines hold ' +
      'the same load.',
  ],
  'go2 dropped': [
    'The root mean squares fall by two fifths at a quarter of the step; how deep the base gets differs by 3 to 5 mm at ' +
      'either step, which leaves the contacts.',
  ],
  'go2 trotting': [
    'Without feedback a trot adds up what each step leaves. At a quarter of the step the touch-downs agree to 10 ms on ' +
      'average, and each foot makes as many in one engine as in the other: most of the difference is that of the steps.',
  ],
  'turtlebot figure-eight': [
    'Both paths end 35 to 39 mm from where they began and 3 mm from one another: what is missing to a closed figure is not ' +
      "an engine's.",
  ],
};

/** The same for the table of others' robots. */
export const ROBOT_NOTES: readonly string[] = [
  'g1 in Rapier: no setting tried, up to 2000 Hz and 64 sweeps, holds it within the bounds. Heavy trunks on light feet through ' +
    'chains of six joints are what a solver by sweeps is worst at; judge such robots in MuJoCo.',
  'turtlebot4 in MuJoCo: its wheel drops are joints with an effort limit of 0, which MuJoCo takes for an empty range.',
  'fer and allegro are refused, as they should be: the moments of inertia that are published for them cannot belong to a ' +
    'rigid body. With moments of your own in a copy they load.',
];
