import type { EngineName } from '../../sim/engine/engine.ts';
import type { EpisodeSummary } from '../../sim/env-result.ts';
import { computeWilsonInterval } from '../../sim/math/interval.ts';
import type { RandomizationConfig } from '../../sim/randomize/config.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { openRobot } from '../../sim/robot/open.ts';
import type { TaskDefinition } from '../../sim/task/task.ts';
import type { TerrainConfig } from '../../sim/terrain/config.ts';
import type { EvaluationScore } from '../manifest.ts';
import type { JudgedPolicy } from './flight.ts';
import { FlightCrew } from './flight-crew.ts';

export interface EvaluateOptions {
  readonly task: TaskDefinition;
  readonly policy: JudgedPolicy;
  readonly episodes: number;
  /** Episode i runs under seed firstSeed + i, whoever flies: the same start, robot, course, weather. */
  readonly firstSeed: number;
  /** The physics that it is flown in, whatever it was trained in; default: rapier */
  readonly engine?: EngineName | undefined;
  /** Default: the task's */
  readonly robot?: RobotModel | undefined;
  /** Replaces the task's own as a whole. */
  readonly randomization?: RandomizationConfig | undefined;
  readonly terrain?: TerrainConfig | undefined;
  /** Threads that fly; default: the thread that asks flies */
  readonly crew?: FlightCrew | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface Evaluation {
  readonly score: EvaluationScore;
  /** 95 % interval of the success rate. */
  readonly interval: readonly [lower: number, upper: number];
  readonly meanReturn: number;
  /** In the order of their seeds. */
  readonly episodes: readonly EpisodeSummary[];
}

/**
 * Flies seeded episodes and scores them. The same options give the same score to the last bit on
 * the same machine, whatever the number of threads.
 * @throws UserError if the policy cannot be read, or does not fit the task or its robot, or if the engine
 *   is not installed
 */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { task, policy, episodes, firstSeed, onProgress } = options;
  if (!Number.isInteger(episodes) || episodes < 1) {
    throw new RangeError(`evaluate: episodes must be at least 1, got ${episodes}`);
  }
  const conditions = {
    policy,
    model: options.robot ?? (await openRobot(task.robot, { meshes: 'collision' })),
    engine: options.engine ?? 'rapier',
    randomization: options.randomization,
    terrain: options.terrain,
  };
  const crew = options.crew ?? new FlightCrew(0);
  const seeds = Array.from({ length: episodes }, (_, i) => firstSeed + i);
  const flight = await crew.fly(task, conditions, seeds, (done) => onProgress?.(done, episodes));
  const isLearnt = typeof policy === 'string' || policy instanceof Uint8Array;
  return summarize(flight.episodes, isLearnt ? 'policy' : flight.pilotName, options);
}

function summarize(
  episodes: readonly EpisodeSummary[],
  controller: string,
  { task, firstSeed, engine = 'rapier' }: EvaluateOptions,
): Evaluation {
  const successes = episodes.filter((episode) => episode.success).length;
  const interval = computeWilsonInterval(successes, episodes.length);
  const meanReturn = computeMean(episodes.map((episode) => episode.return));
  const terminated = episodes.filter((episode) => episode.end === 'terminated').length;
  return {
    score: {
      task: task.name,
      engine,
      controller,
      episodes: episodes.length,
      firstSeed,
      successRate: successes / episodes.length,
      metrics: {
        ...computeMetricMeans(episodes),
        terminatedRate: terminated / episodes.length,
        meanReturn,
        ci95Lower: interval[0],
        ci95Upper: interval[1],
      },
    },
    interval,
    meanReturn,
    episodes,
  };
}

/** Mean of each of the judge's numbers over the episodes that have it. */
function computeMetricMeans(episodes: readonly EpisodeSummary[]): Record<string, number> {
  const names = new Set(episodes.flatMap((episode) => Object.keys(episode.metrics)));
  return Object.fromEntries(
    [...names].sort().map((name) => [
      name,
      computeMean(
        episodes.flatMap((episode) => {
          const value = episode.metrics[name];
          return value === undefined ? [] : [value];
        }),
      ),
    ]),
  );
}

function computeMean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
