import type { Rng } from '../math/rng.ts';
import type { Actor } from './actor.ts';

/** Every number of every action uniform in `range`, each robot from the stream of its episode. */
export function makeRandomActor(options: {
  readonly numRobots: number;
  readonly numActions: number;
  /** Of the raw action, before scale and offset. */
  readonly range: readonly [lower: number, upper: number];
}): Actor {
  const { numRobots, numActions, range } = options;
  const [lower, upper] = range;
  const streams: (Rng | undefined)[] = new Array(numRobots).fill(undefined);
  return {
    name: 'random',
    reset(robot, stream) {
      streams[robot] = stream;
    },
    act(raw) {
      for (let robot = 0; robot < numRobots; robot++) {
        const stream = streams[robot];
        if (stream === undefined) continue;
        for (let k = robot * numActions; k < (robot + 1) * numActions; k++) {
          raw[k] = stream.uniform(lower, upper);
        }
      }
    },
    release() {},
  };
}
