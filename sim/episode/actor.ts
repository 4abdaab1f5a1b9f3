import type { SeenArrays } from '../env-arrays.ts';
import { Rng } from '../math/rng.ts';
import type { RobotView } from '../task/robot-view.ts';
import type { EpisodeId } from './plan.ts';

/** What an environment shows to whoever acts in it, who looks at one of them: rows are robots. */
export type SeenRows = Pick<SeenArrays, 'observation' | 'critic'>;

/** Whoever acts for the robots of an environment: a network, a classical controller, or chance. */
export interface Actor {
  readonly name: string;
  /**
   * Forgets one robot's past. Before the first `act` of every episode.
   * @param stream of this episode alone, for whoever draws
   */
  reset(robot: number, stream: Rng): void;
  /**
   * @param raw [numRobots, numActions] to be written, before clip, scale and offset
   * @param seen [numRobots, width] each, as the environments have written them
   */
  act(raw: Float32Array, seen: SeenRows, view: RobotView): void;
  release(): void;
}

/** The stream that whoever acts draws from in one episode; apart from all that the episode itself draws from. */
export function makeActorStream(
  { seed, env, episode }: EpisodeId,
  role: 'actor' | 'adversary' = 'actor',
): Rng {
  return new Rng(seed, 'env', env, 'episode', episode, role);
}
