import type { EpisodeId } from '../../sim/episode/plan.ts';
import type { PolicyMirror } from '../../sim/task/mirror.ts';
import type { WholeNetwork } from '../onnx/policy-network.ts';
import { type BatchPolicy, openBatchPolicy } from './batch-policy.ts';
import type { TrainingEnv } from './training-env.ts';

/**
 * Environments in which somebody acts besides the learner: before each step of a group, `combine` makes of what the learner
 * did, and of what the partner says to what the policy sees, what is done.
 */
export interface PartnerEnvOptions {
  readonly env: TrainingEnv;
  /** Absent: nobody, and `said` is empty. */
  readonly partner: WholeNetwork | undefined;
  /** What the learner acts on, by name. */
  readonly actionNames: readonly string[];
  /** How what the learner sees and does looks in a mirror; undefined: not the same. */
  readonly mirror: PolicyMirror | undefined;
  /** What the learner earns for a reward of 1. */
  readonly rewardScale: 1 | -1;
  /** @param done [count, numActions] of the learner @param said [count, …] of the partner; rows from `first` on */
  combine(done: Float32Array, said: Float32Array, rows: GroupRows): void;
}

export interface GroupRows {
  readonly first: number;
  readonly count: number;
}

export interface PartnerEnv extends TrainingEnv {
  /** Who acts beside from the next step on. Has to be told before a `reset`, where it remembers anything. */
  setPartner(network: WholeNetwork | undefined): Promise<void>;
  /** Dismisses the partner; the environments around which these were made stay. */
  free(): Promise<void>;
}

const NOTHING = new Float32Array(0);

/** Makes them around others. The learner's own `action` is apart from theirs. */
export async function makePartnerEnv(options: PartnerEnvOptions): Promise<PartnerEnv> {
  const { env, actionNames, mirror, rewardScale, combine } = options;
  const numActions = actionNames.length;
  const action = new Float32Array(env.numEnvs * numActions);
  const reward = new Float32Array(env.numEnvs);
  const arrays = { ...env.arrays, reward };
  const groups = Array.from({ length: env.numGroups }, (_, group) => env.getGroupRows(group));
  /** One for each group. */
  let partners: readonly BatchPolicy[] = [];
  const setPartner = async (network: WholeNetwork | undefined): Promise<void> => {
    const dismissed = partners;
    partners =
      network === undefined
        ? []
        : await Promise.all(groups.map(({ count }) => openBatchPolicy(network, count)));
    for (const partner of dismissed) await partner.free();
  };
  await setPartner(options.partner);

  const forget = (row: number): void => {
    const group = groups.findIndex(({ first, count }) => row >= first && row < first + count);
    partners[group]?.reset(row - groups[group]!.first);
  };
  const begin = async (group: number): Promise<void> => {
    const { first, count } = groups[group]!;
    const width = env.arrays.observation.length / env.numEnvs;
    const seen = env.arrays.observation.slice(first * width, (first + count) * width);
    const said = (await partners[group]?.run(seen)) ?? NOTHING;
    const done = action.subarray(first * numActions, (first + count) * numActions);
    combine(done, said, { first, count });
    await env.beginStep(group);
  };
  const end = async (group: number) => {
    const result = await env.endStep(group);
    const { first, count } = groups[group]!;
    for (let row = first; row < first + count; row++) {
      reward[row] = rewardScale * env.arrays.reward[row]!;
      if (env.arrays.terminated[row] === 1 || env.arrays.truncated[row] === 1) forget(row);
    }
    return result;
  };
  return {
    task: env.task,
    layout: { ...env.layout, actionNames },
    mirror,
    numEnvs: env.numEnvs,
    numActions,
    numGroups: env.numGroups,
    controlPeriodS: env.controlPeriodS,
    arrays,
    action,
    getGroupRows: (group) => env.getGroupRows(group),
    setPartner,
    free: () => setPartner(undefined),
    async reset(start) {
      for (let row = 0; row < env.numEnvs; row++) if (start.mask?.[row] !== 0) forget(row);
      await env.reset(start);
    },
    ...(env.cutEpisodes !== undefined && {
      async cutEpisodes(mask: Uint8Array, visits: readonly (EpisodeId | undefined)[]) {
        for (let row = 0; row < env.numEnvs; row++) if (mask[row] === 1) forget(row);
        await env.cutEpisodes!(mask, visits);
      },
    }),
    beginStep: begin,
    endStep: end,
    async step() {
      for (let group = 0; group < groups.length; group++) await begin(group);
      const results = [];
      for (let group = 0; group < groups.length; group++) results.push(await end(group));
      const episodes = results.flatMap(({ info }) => info.episodes);
      const rows = results.flatMap(({ info }, g) => info.rows.map((row) => groups[g]!.first + row));
      return { reward, info: { ...results[0]!.info, episodes, rows } };
    },
  };
}
