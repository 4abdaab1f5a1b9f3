import { setImmediate as letOthersRun } from 'node:timers/promises';
import type { EngineName } from '../../sim/engine/engine.ts';
import { makeSimEnv } from '../../sim/env.ts';
import type { EpisodeSummary } from '../../sim/env-result.ts';
import { makeActorStream } from '../../sim/episode/actor.ts';
import { computeWilsonInterval } from '../../sim/math/interval.ts';
import type { RandomizationConfig } from '../../sim/randomize/config.ts';
import { openRobot } from '../../sim/robot/open.ts';
import type { TaskDefinition } from '../../sim/task/task.ts';
import type { EvaluationScore } from '../manifest.ts';
import { makePilot, type Pilot } from './pilot.ts';

export interface EvaluateOptions {
  readonly task: TaskDefinition;
  /** Path or bytes of an .onnx file; 'classical' is the task's hand-made baseline. */
  readonly policy: string | Uint8Array | { readonly kind: 'classical' };
  readonly episodes: number;
  /** Episode i runs under seed firstSeed + i, whoever flies: the same start, robot, course, weather. */
  readonly firstSeed: number;
  /** The physics that it is flown in, whatever it was trained in; default: rapier */
  readonly engine?: EngineName;
  /** Replaces the task's own as a whole. */
  readonly randomization?: RandomizationConfig;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Evaluation {
  readonly score: EvaluationScore;
  /** 95 % interval of the success rate. */
  readonly interval: readonly [lower: number, upper: number];
  readonly meanReturn: number;
  /** In the order of their seeds. */
  readonly episodes: readonly EpisodeSummary[];
}

/** Robots that share a world. */
const BATCH = 50;

/**
 * Flies seeded episodes and scores them. The same options give the same score to the last bit on
 * the same machine.
 * @throws UserError if the policy cannot be read, or does not fit the task or its robot, or if the engine
 *   is not installed
 */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { task, episodes, firstSeed, onProgress } = options;
  if (!Number.isInteger(episodes) || episodes < 1) {
    throw new RangeError(`evaluate: episodes must be at least 1, got ${episodes}`);
  }
  const model = await openRobot(task.robot);
  const numEnvs = Math.min(BATCH, episodes);
  const pilot = await makePilot(options.policy, task, model, numEnvs);
  const env = await makeSimEnv({
    task: pilot.task,
    robot: model,
    numEnvs,
    autoreset: 'disabled',
    engine: options.engine ?? 'rapier',
    ...(options.randomization === undefined ? {} : { randomization: options.randomization }),
  });
  const finished: EpisodeSummary[] = [];
  try {
    while (finished.length < episodes) {
      const first = firstSeed + finished.length;
      const batch = await flyBatch(env, pilot, first);
      finished.push(...batch.slice(0, episodes - finished.length));
      onProgress?.(finished.length, episodes);
    }
  } finally {
    env.free();
    await pilot.release();
  }
  const isLearnt = typeof options.policy === 'string' || options.policy instanceof Uint8Array;
  return summarize(finished, isLearnt ? 'policy' : pilot.name, options);
}

/** One episode in each environment, in the order of the environments. */
async function flyBatch(
  env: Awaited<ReturnType<typeof makeSimEnv>>,
  pilot: Pilot,
  firstSeed: number,
): Promise<EpisodeSummary[]> {
  const { numEnvs } = env;
  const raw = new Float32Array(numEnvs * env.numActions);
  const ended: EpisodeSummary[] = [];
  const seeds = Array.from({ length: numEnvs }, (_, i) => firstSeed + i);
  let { observation } = env.reset(seeds);
  seeds.forEach((seed, robot) => {
    pilot.reset(robot, makeActorStream({ seed, env: 0, episode: 0 }));
  });
  for (let step = 0; ended.length < numEnvs; step++) {
    if (step % 50 === 0) await letOthersRun();
    await pilot.act(raw, observation, env.view);
    const result = env.step(raw);
    observation = result.observation;
    ended.push(...result.info.episodes);
  }
  return ended.sort((a, b) => a.env - b.env);
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
