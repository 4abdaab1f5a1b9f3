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
  },
  gyroscope: {
    rapier:
      'the joints of the gimbals give way under the gyroscopic load, so the wheel dips deeper; precession and energy are ' +
      'right. The error falls with the step.',
  },
  pendulum: {
    rapier:
      'joints are impulses between free bodies: each step lets the rod fly straight and pulls it back, which takes energy. ' +
      'Both errors halve with the step.',
  },
  energy: {
    rapier: 'the losses of the double pendulum are those of the pendulum and fall with the step.',
  },
  'lying-folded': {
    rapier:
      'the ends of joints are left to the solver’s sweeps, which take back in every step what the drives were foreseen to do; ' +
      'more sweeps do not help, two substeps leave a third of it. Without ends to press on, the joints move at 0.03 rad/s ' +
      'and at 2 × 8 not at all.',
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
    'The root mean squares are halved and more at a quarter of the step; how deep the base gets differs by 2 to 3 mm at ' +
      'either step, which leaves the contacts.',
  ],
  'go2 trotting': [
    'Without feedback a trot adds up what each step leaves. At a quarter of the step the touch-downs agree to 5 ms on ' +
      'average, and each foot makes as many in one engine as in the other: most of the difference is that of the steps.',
  ],
  'go2 on rough ground': [
    'MuJoCo finds contacts after a step and then stops them in two, so it sinks in by what a step moves when it lands: at a ' +
      'quarter of the step 0.8 mm. Rapier looks a step ahead. Standing, both are in by less than 0.2 mm.',
  ],
  'go2 on stairs': [
    'The same. Edges and risers are no different from level ground in either engine: what lands on them at a given speed ' +
      'sinks in no deeper than on a plane.',
  ],
  'go2 trotting on rough ground': [
    'It is carried off by half a metre in both engines. Where a foot comes down decides where the next one does, so what ' +
      'the steps leave adds up: at a quarter of the step the places are 3 mm apart instead of 18 mm.',
  ],
  'turtlebot figure-eight': [
    'Both paths end 35 to 39 mm from where they began and 3 mm from one another: what is missing to a closed figure is not ' +
      "an engine's.",
  ],
};

/** The same for the table of others' robots. */
export const ROBOT_NOTES: readonly string[] = [
  'fer and allegro are refused, as they should be: the moments of inertia that are published for them cannot belong to a ' +
    'rigid body. With moments of your own in a copy they load.',
];
