import type { Comparison } from './comparison.ts';
import { dropped, standingEfforts, trotting } from './comparisons/legs.ts';
import { roughGround, roughTrot, stairs } from './comparisons/terrain.ts';
import { figureEight } from './comparisons/wheels.ts';
import type { Experiment } from './experiment.ts';
import { bounce } from './experiments/bounce.ts';
import { driving } from './experiments/driving.ts';
import { energy } from './experiments/energy.ts';
import { freeFall } from './experiments/free-fall.ts';
import { gyroscope } from './experiments/gyroscope.ts';
import { incline } from './experiments/incline.ts';
import { landing } from './experiments/landing.ts';
import { lidar } from './experiments/lidar.ts';
import { folded, limp } from './experiments/lying.ts';
import { pdStep } from './experiments/pd-step.ts';
import { doublePendulum, pendulum } from './experiments/pendulums.ts';
import { rolling } from './experiments/rolling.ts';
import { rotor } from './experiments/rotor.ts';
import { standing } from './experiments/standing.ts';
import { statics } from './experiments/statics.ts';
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
  driving,
  standing,
  statics,
  landing,
  limp,
  folded,
  lidar,
];

/** What the engines are asked to agree on. */
export const COMPARISONS: readonly Comparison[] = [
  standingEfforts,
  dropped,
  trotting,
  roughGround,
  stairs,
  roughTrot,
  figureEight,
];
