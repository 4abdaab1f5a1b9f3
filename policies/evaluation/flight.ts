import { setImmediate as letOthersRun } from 'node:timers/promises';
import type { EngineName } from '../../sim/engine/engine.ts';
import { makeSimEnv, type SimEnv } from '../../sim/env.ts';
import type { EpisodeSummary } from '../../sim/env-result.ts';
import { makeActorStream } from '../../sim/episode/actor.ts';
import type { RandomizationConfig } from '../../sim/randomize/config.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import type { TaskDefinition } from '../../sim/task/task.ts';
import type { TerrainConfig } from '../../sim/terrain/config.ts';
import { makePilot, type Pilot } from './pilot.ts';

/** Who is judged: path or bytes of an .onnx file, or the task's hand-made baseline. */
export type JudgedPolicy = string | Uint8Array | { readonly kind: 'classical' };

/** Everything about an evaluated episode but its seed; can be sent to a thread, with the task's name for the task. */
export interface FlightConditions {
  readonly policy: JudgedPolicy;
  readonly model: RobotModel;
  readonly engine: EngineName;
  /** Undefined: the task's own. */
  readonly randomization: RandomizationConfig | undefined;
  readonly terrain: TerrainConfig | undefined;
}

/** Whoever flies, with what it is called in reports. */
export interface Flight {
  readonly pilotName: string;
  /** In the order of the seeds. */
  readonly episodes: readonly EpisodeSummary[];
}

/**
 * Flies one episode under each seed, all at once, in a world of their own: nothing depends on what was flown before,
 * beside them or in another thread.
 * @throws UserError if the policy does not fit; NonFiniteError
 */
export async function flySeeds(
  task: TaskDefinition,
  { policy, model, engine, randomization, terrain }: FlightConditions,
  seeds: readonly number[],
): Promise<Flight> {
  const pilot = await makePilot(policy, task, model, seeds.length);
  try {
    const env = await makeSimEnv({
      task: pilot.task,
      robot: model,
      numEnvs: seeds.length,
      autoreset: 'disabled',
      engine,
      ...(randomization && { randomization }),
      ...(terrain && { terrain }),
    });
    try {
      return { pilotName: pilot.name, episodes: await flyAll(env, pilot, seeds) };
    } finally {
      env.free();
    }
  } finally {
    pilot.release();
  }
}

/** One episode in each environment. */
async function flyAll(
  env: SimEnv,
  pilot: Pilot,
  seeds: readonly number[],
): Promise<EpisodeSummary[]> {
  const { numEnvs } = env;
  const raw = new Float32Array(numEnvs * env.numActions);
  const ended: EpisodeSummary[] = [];
  env.reset(seeds);
  seeds.forEach((seed, robot) => {
    pilot.reset(robot, makeActorStream({ seed, env: 0, episode: 0 }));
  });
  for (let step = 0; ended.length < numEnvs; step++) {
    if (step % 50 === 0) await letOthersRun();
    pilot.act(raw, env.result, env.view);
    ended.push(...env.step(raw).info.episodes);
  }
  return ended.sort((a, b) => a.env - b.env);
}
