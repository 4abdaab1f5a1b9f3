import { makeSimEnv, type SimEnv } from '../../sim/env.ts';
import type { Actor } from '../../sim/episode/actor.ts';
import type { Shard } from '../../sim/episode/plan.ts';
import { makeRandomActor } from '../../sim/episode/random-actor.ts';
import {
  type EpisodeLayout,
  type EpisodeRecord,
  listFrameCriticNames,
} from '../../sim/episode/record.ts';
import { runShard } from '../../sim/episode/run-shard.ts';
import { getTask } from '../../sim/tasks/registry.ts';

/** A record that is the test's own. */
export function copyRecord(record: EpisodeRecord): EpisodeRecord {
  return {
    ...record,
    observation: record.observation.slice(),
    critic: record.critic.slice(),
    criticConstants: record.criticConstants.slice(),
    action: record.action.slice(),
    reward: record.reward.slice(),
    rewardTerms: record.rewardTerms.slice(),
    costTerms: record.costTerms.slice(),
    achievedGoal: record.achievedGoal.slice(),
    desiredGoal: record.desiredGoal.slice(),
    controller: record.controller.slice(),
    pose: record.pose.slice(),
  };
}

/** What the critic saw, [T + 1, numCritic], as readers put it together. */
export function rebuildCritic(
  layout: Pick<EpisodeLayout, 'criticNames' | 'constantCriticNames'>,
  { critic, criticConstants }: Pick<EpisodeRecord, 'critic' | 'criticConstants'>,
): number[] {
  const frameNames = listFrameCriticNames(layout);
  const width = frameNames.length;
  return Array.from({ length: critic.length / width }, (_, frame) =>
    layout.criticNames.map((name) => {
      const at = frameNames.indexOf(name);
      if (at >= 0) return critic[frame * width + at]!;
      return criticConstants[layout.constantCriticNames.indexOf(name)]!;
    }),
  ).flat();
}

/** Few cartpoles whose episodes are short, and differ in length when they are moved at random. */
export function makeShortCartpoles(numEnvs: number, episodeLengthS = 1): Promise<SimEnv> {
  const task = { ...getTask('cartpole-balance'), episodeLengthS };
  return makeSimEnv({ task, numEnvs, autoreset: 'disabled' });
}

/** Runs a shard under random actions. @returns its episodes in their order */
export async function collectShard(
  env: SimEnv,
  options: {
    readonly shard: Shard;
    readonly seed?: number;
    readonly actor?: Actor;
    readonly adversary?: Actor;
  },
): Promise<EpisodeRecord[]> {
  const { shard, seed = 1 } = options;
  const { numEnvs: numRobots, numActions } = env;
  const actor = options.actor ?? makeRandomActor({ numRobots, numActions, range: [-1, 1] });
  const records: EpisodeRecord[] = [];
  const sink = (record: EpisodeRecord) => void records.push(copyRecord(record));
  await runShard({ env, actor, adversary: options.adversary, seed, shard, sink });
  return records.sort((a, b) => a.index - b.index);
}
