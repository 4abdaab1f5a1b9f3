import type { Experiment } from './experiment.ts';
import { bounce } from './experiments/bounce.ts';
import { energy } from './experiments/energy.ts';
import { freeFall } from './experiments/free-fall.ts';
import { gyroscope } from './experiments/gyroscope.ts';
import { incline } from './experiments/incline.ts';
import { lidar } from './experiments/lidar.ts';
import { pdStep } from './experiments/pd-step.ts';
import { doublePendulum, pendulum } from './experiments/pendulums.ts';
import { rolling } from './experiments/rolling.ts';
import { rotor } from './experiments/rotor.ts';
import { tumbling } from './experiments/tumbling.ts';

/** Every experiment, in the order of the page. */
export const EXPERIMENTS: readonly Experiment[] = [
  freeFall,
  tumbling,
  gyroscope,
  pendulum,
  doublePendulum,
  energy,
  incline,
  rolling,
  bounce,
  pdStep,
  rotor,
  lidar,
];
