import type { Rng } from '../math/rng.ts';
import type { Motion } from '../terrain/scene.ts';
import type { Ways } from './ways.ts';

/** Where one object is in one episode. [@frame odom] */
export interface FieldPlace {
  /** [m] of its middle; of one that moves, `motion` says it */
  readonly x: number;
  readonly y: number;
  /** [rad] about z, from how the scene has it */
  readonly yaw: number;
  /** Its own way in this episode; absent where it stands. */
  readonly motion?: Motion | undefined;
}

/** What stands and moves around one robot in one episode, and between where it is to find its way. */
export interface Field {
  /** By the name of the object in the scene; what is not named is out of reach. */
  readonly objects: Readonly<Record<string, FieldPlace>>;
  /** [m, rad] [@frame odom] of base_link */
  readonly start: { readonly x: number; readonly y: number; readonly yaw: number };
  /** [m] [@frame odom] */
  readonly goal: { readonly x: number; readonly y: number };
  /** [m] of the shortest way between the two with room for the robot, as far as who drew it knows */
  readonly pathLength: number;
  readonly ways: Ways;
}

/** How a task draws its fields. */
export interface FieldSpec {
  /** Objects of the scene that it places; all must move. */
  readonly objectNames: readonly string[];
  /** Those of them that may walk: a critic sees where each is and how fast it goes. */
  readonly walkerNames: readonly string[];
  /** @param rng of the episode's field alone @param difficulty [-] @range 0, 1 as drawn, or as a curriculum has it */
  make(rng: Rng, difficulty: number): Field;
}
