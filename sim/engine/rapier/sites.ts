import type RAPIER from '@dimforge/rapier3d-simd-compat';
import type { BodyConnection } from '../../robot/rigid-bodies.ts';
import type { Pair } from './joints.ts';

/** A joint of a copy. */
export interface JointSite {
  /** Index in [numRobots, numJoints]. */
  readonly index: number;
  readonly robot: number;
  readonly connection: BodyConnection;
  /** The world that it is in now. */
  world(): RAPIER.World;
  /** Its bodies, now. */
  pair(): Pair;
}
