import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import pc from 'picocolors';
import type { Dataset } from '../../sim/dataset/dataset.ts';
import { REPORT_HTML } from '../../sim/dataset/layout-paths.ts';
import { planShards, type Shard } from '../../sim/episode/plan.ts';
import { EXIT, makePrinter, printJson } from '../output.ts';
import { readOrigin } from '../provenance.ts';
import { listenForSignals } from '../signals.ts';
import { identifyAdversary } from './actors.ts';
import { type EpisodesOptions, type EpisodesPlan, planEpisodes } from './plan.ts';
import { showProgress } from './progress.ts';
import { EpisodesRun } from './run.ts';
import { describeSummary, summarizeRun } from './summary.ts';

/**
 * `zerogap episodes`: simulates episodes, and keeps them as a dataset.
 * @returns the exit code; `EXIT.interrupted` if a signal ended it, with what is complete kept
 */
export async function runEpisodes(options: EpisodesOptions): Promise<number> {
  const { json = false } = options;
  const print = makePrinter({ json });
  const plan = await planEpisodes(options);
  const dataset = await openStore(plan, options);
  for (const warning of describeDamage(dataset)) print(warning);
  const shards = dataset === undefined ? plan.shards : continueShards(plan, options, dataset);
  const run = new EpisodesRun({ ...plan, shards, store: dataset });
  print(describeStart(plan, options));
  if (!isDeepStrictEqual(shards, plan.shards)) print(OTHER_FILES);
  const numBefore = run.readProgress().episodes;
  const progress = showProgress(options.episodes, numBefore, () => run.readProgress());
  const signals = listenForSignals(() => run.stop());
  const result = await run.finish().finally(() => {
    progress.stop();
    signals.end();
  });
  const summary = summarizeRun(plan.job, options.episodes, result);
  for (const line of describeSummary(summary)) print(line);
  if (!summary.complete && dataset !== undefined) {
    print(
      `${summary.episodes} episodes are in ${dataset.folder}; --resume adds ${summary.episodesUnderWay} that have ended and goes on after them`,
    );
  }
  try {
    // Where the run failed, its error is what matters.
    if (dataset !== undefined && result.error === undefined) await reportOn(dataset, print);
  } finally {
    dataset?.close();
    if (json) printJson(summary);
  }
  if (result.error !== undefined) throw result.error;
  return summary.complete ? EXIT.success : EXIT.interrupted;
}

async function openStore(
  { job }: EpisodesPlan,
  options: EpisodesOptions,
): Promise<Dataset | undefined> {
  if (job.output === undefined) return undefined;
  const { openDataset } = await import('../../sim/dataset/dataset.ts');
  const { task, engine, seed, randomization, terrain = null } = job;
  const { episodes, resume = false, force = false } = options;
  const { commit, versions } = readOrigin();
  return openDataset({
    ...job.output,
    layout: job.layout,
    config: {
      ...{ task, engine, seed, episodes, randomization, terrain },
      adversary: identifyAdversary(job.adversary),
    },
    resume,
    // Other code may well make other episodes.
    code: { commit, ...versions },
    force,
  });
}

/** A dataset that was begun with fewer episodes keeps the files that it has. */
function continueShards(
  { shards }: EpisodesPlan,
  { episodes }: EpisodesOptions,
  { receipts }: Dataset,
): readonly Shard[] {
  if (receipts.length === 0) return shards;
  const kept = receipts.map(({ shard, firstEpisode, numEpisodes }) => {
    return { index: shard, firstEpisode, numEpisodes };
  });
  return planShards(episodes, kept);
}

function describeDamage(dataset: Dataset | undefined): readonly string[] {
  return (dataset?.damaged ?? []).map(({ receipt, problems }) => {
    const { shard, firstEpisode, numEpisodes } = receipt;
    const episodes = `episodes ${firstEpisode} to ${firstEpisode + numEpisodes - 1}`;
    return `warning: shard ${shard}, ${episodes}, is damaged and is made again: ${problems.join('; ')}`;
  });
}

const OTHER_FILES =
  'episodes and frames are those of one run over all of them, but other files hold them: the dataset was begun with fewer';

/** Says what is in a dataset, if anything is. */
async function reportOn(dataset: Dataset, print: (line: string) => void): Promise<void> {
  if (dataset.receipts.length === 0) return;
  const { writeReport } = await import('../../sim/dataset/report/write-report.ts');
  await writeReport(dataset.folder);
  print(`report    ${join(dataset.folder, REPORT_HTML)}`);
}

function describeStart(
  { job, shards, numWorkers }: EpisodesPlan,
  options: EpisodesOptions,
): string {
  const { robot, policy } = job.layout;
  const workers = Math.min(numWorkers, shards.length);
  return [
    `${pc.bold('zerogap')}  ${options.episodes} episodes of ${job.task} by ${policy}, ${robot} in ${job.engine},`,
    `seed ${job.seed}, ${workers} worker${workers === 1 ? '' : 's'}`,
  ].join(' ');
}
