import path from 'node:path';
import type { Table } from 'apache-arrow';
import type { EpisodeLayout } from '../../episode/record.ts';
import { computeWilsonInterval } from '../../math/interval.ts';
import { getProperty, PROPERTY_KEYS } from '../../randomize/properties.ts';
import { readJournal } from '../journal.ts';
import { getShardPaths } from '../layout-paths.ts';
import { readParquet } from '../parquet-file.ts';
import { readRun } from '../run-file.ts';
import { readUnderWay } from '../spool.ts';
import { makeBinning } from './binning.ts';
import { listFindings } from './findings.ts';
import { DuplicateTally, Histogram, PairTally, ParameterTally, RunningMean } from './tallies.ts';

export const REPORT_SCHEMA = 'zerogap.report/1';

/** [1] parts of a parameter's range, and of it when two are looked at together */
const BINS = 10;
const PAIR_BINS = 5;
const HISTOGRAM_BINS = 40;
/** [1] pairs of parameters, and episodes with numbers that are not finite, that are named */
const MAX_NAMED = 20;

export interface ParameterBin {
  /** Mean of the values in it; undefined where there is none. */
  readonly mean: number | undefined;
  readonly episodes: number;
  /** [-] of all episodes that are to be expected in it; undefined where the difficulty moves the range */
  readonly share: number | undefined;
  readonly successRate: number | undefined;
  /** 95 % interval of the success rate. */
  readonly ci95: readonly [lower: number, upper: number] | undefined;
}

export interface ParameterReport {
  readonly name: string;
  /** As it was declared. */
  readonly distribution: unknown;
  readonly bins: readonly ParameterBin[];
  /** [1] episodes whose value the distribution does not reach */
  readonly outside: number;
}

export interface PairReport {
  readonly names: readonly [string, string];
  /** [1] combinations of a part of one with a part of the other */
  readonly cells: number;
  /** Share of the cells without an episode, and the share to be expected by chance if the two are independent. */
  readonly empty: number;
  readonly expectedEmpty: number;
}

export interface SeriesReport {
  readonly mean: number;
  readonly deviation: number;
  readonly min: number;
  readonly max: number;
  readonly histogram: { readonly lower: number; readonly upper: number; readonly counts: number[] };
}

/** What is in a dataset and whether it is any good; plain JSON. */
export interface QualityReport {
  readonly schema: typeof REPORT_SCHEMA;
  readonly task: string;
  readonly robot: string;
  readonly policy: string;
  readonly engine: string;
  readonly format: string;
  readonly episodes: number;
  readonly frames: number;
  /** Episodes that have ended in shards that are not complete: on disk, and in none of the other numbers. */
  readonly underWay: {
    readonly episodes: number;
    readonly frames: number;
    readonly successes: number;
  };
  /** [bytes] */
  readonly size: number;
  readonly successes: number;
  readonly successRate: number;
  readonly ci95: readonly [lower: number, upper: number];
  readonly returns: SeriesReport;
  /** [1] control steps */
  readonly lengths: SeriesReport;
  /** Episodes by how they ended. */
  readonly ends: Readonly<Record<string, number>>;
  readonly duplicates: { readonly episodes: number; readonly firstObservations: number };
  readonly nonFinite: { readonly numbers: number; readonly episodes: readonly number[] };
  /** Mean share of the frames in which each action was clipped. */
  readonly saturation: readonly { readonly action: string; readonly share: number }[];
  readonly parameters: readonly ParameterReport[];
  /** The emptiest compared with what is to be expected. */
  readonly pairs: readonly PairReport[];
  /** What makes the data wrong, and what may. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Reads through the table of episodes of a dataset, shard by shard; 16 bytes per episode stay in memory.
 * @throws UserError if there is no dataset, or a file is missing or damaged
 */
export function computeQuality(folder: string): QualityReport {
  const { format, layout } = readRun(folder);
  const receipts = readJournal(folder);
  const ranges = receipts.map(({ outcomes }) => outcomes.returnRange ?? [0, 0]);
  const tally = new EpisodeTally(layout, [
    Math.min(...ranges.map(([lower]) => lower)),
    Math.max(...ranges.map(([, upper]) => upper)),
  ]);
  for (const { shard } of receipts) {
    tally.addShard(readParquet(path.join(folder, getShardPaths(format, shard).episodes)));
  }
  const last = receipts.at(-1);
  const size = receipts.reduce((sum, { bytes }) => sum + bytes, 0);
  const found = tally.describe();
  const { task, robot, policy, engine } = layout;
  const frames = last === undefined ? 0 : last.firstFrame + last.numFrames;
  const underWay = tallyUnderWay(folder, found.episodes);
  const facts = { task, robot, policy, engine, format, frames, underWay, size, ...found };
  return { schema: REPORT_SCHEMA, ...facts, ...listFindings(facts) };
}

/** @param firstEpisode the first that is not part of the dataset */
function tallyUnderWay(folder: string, firstEpisode: number): QualityReport['underWay'] {
  let [episodes, frames, successes] = [0, 0, 0];
  for (const { record } of readUnderWay(folder, firstEpisode)) {
    episodes++;
    frames += record.numFrames;
    if (record.summary.success) successes++;
  }
  return { episodes, frames, successes };
}

/** Adds up episodes. */
class EpisodeTally {
  readonly #layout: EpisodeLayout;
  readonly #parameters: readonly ParameterTally[];
  readonly #pairs: readonly { readonly tally: PairTally; readonly at: readonly [number, number] }[];
  readonly #returns = new RunningMean();
  readonly #lengths = new RunningMean();
  readonly #returnHistogram: Histogram;
  readonly #lengthHistogram: Histogram;
  readonly #ends = new Map<string, number>();
  readonly #digests = new DuplicateTally();
  readonly #firsts = new DuplicateTally();
  readonly #saturation: readonly RunningMean[];
  readonly #nonFiniteEpisodes: number[] = [];
  #nonFinite = 0;
  #successes = 0;

  constructor(layout: EpisodeLayout, returnRange: readonly [number, number]) {
    this.#layout = layout;
    this.#parameters = makeParameterTallies(layout);
    this.#pairs = makePairTallies(layout, this.#parameters);
    this.#returnHistogram = new Histogram(returnRange, HISTOGRAM_BINS);
    this.#lengthHistogram = new Histogram([0, layout.maxFrames], HISTOGRAM_BINS);
    this.#saturation = layout.actionNames.map(() => new RunningMean());
  }

  addShard(table: Table): void {
    const column = (name: string) => table.getChild(name)!;
    const [success, end, reason] = ['success', 'end', 'reason'].map(column);
    const [episode, length, total] = ['episode_index', 'length', 'return'].map(column);
    const [digest, first, nonFinite] = ['digest', 'first_observation', 'non_finite'].map(column);
    const saturation = column('saturation');
    const context = this.#parameters.map(({ name }) => column(`context/${name}`));
    const values = new Float64Array(context.length);
    for (let row = 0; row < table.numRows; row++) {
      const isSuccess = success!.get(row) as boolean;
      if (isSuccess) this.#successes++;
      this.#addReturn(total!.get(row) as number, Number(length!.get(row)));
      const how = `${end!.get(row)}: ${reason!.get(row)}`;
      this.#ends.set(how, (this.#ends.get(how) ?? 0) + 1);
      this.#digests.add(digest!.get(row) as string);
      this.#firsts.add(first!.get(row) as string);
      this.#addNonFinite(Number(episode!.get(row)), Number(nonFinite!.get(row)));
      [...(saturation.get(row) as Iterable<number>)].forEach((share, k) => {
        this.#saturation[k]!.add(share);
      });
      for (let k = 0; k < context.length; k++) values[k] = context[k]!.get(row) as number;
      this.#addContext(values, isSuccess);
    }
  }

  #addReturn(total: number, length: number): void {
    if (Number.isFinite(total)) this.#returns.add(total);
    this.#returnHistogram.add(total);
    this.#lengths.add(length);
    this.#lengthHistogram.add(length);
  }

  #addNonFinite(episode: number, count: number): void {
    this.#nonFinite += count;
    if (count > 0 && this.#nonFiniteEpisodes.length < MAX_NAMED) {
      this.#nonFiniteEpisodes.push(episode);
    }
  }

  #addContext(values: Float64Array, success: boolean): void {
    this.#parameters.forEach((tally, k) => {
      tally.add(values[k]!, success);
    });
    for (const { tally, at } of this.#pairs) tally.add(values[at[0]]!, values[at[1]]!);
  }

  describe() {
    const episodes = this.#lengths.count;
    return {
      episodes,
      successes: this.#successes,
      successRate: episodes === 0 ? 0 : this.#successes / episodes,
      ci95: episodes === 0 ? ([0, 1] as const) : computeWilsonInterval(this.#successes, episodes),
      returns: describeSeries(this.#returns, this.#returnHistogram),
      lengths: describeSeries(this.#lengths, this.#lengthHistogram),
      ends: Object.fromEntries([...this.#ends].sort((a, b) => b[1] - a[1])),
      duplicates: { episodes: this.#digests.count(), firstObservations: this.#firsts.count() },
      nonFinite: { numbers: this.#nonFinite, episodes: this.#nonFiniteEpisodes },
      saturation: this.#saturation.map(({ mean }, k) => {
        return { action: this.#layout.actionNames[k]!, share: mean };
      }),
      parameters: this.#parameters.map((tally) => describeParameter(tally, this.#layout)),
      pairs: this.#pairs
        .flatMap(({ tally }) => describePair(tally, episodes))
        .sort((a, b) => b.empty - b.expectedEmpty - (a.empty - a.expectedEmpty))
        .slice(0, MAX_NAMED),
    };
  }
}

function isWhole(name: string): boolean {
  const key = PROPERTY_KEYS.find((one) => name === one || name.startsWith(`${one}.`));
  return key !== undefined && getProperty(key).isWhole === true;
}

function makeParameterTallies(layout: EpisodeLayout): ParameterTally[] {
  return layout.contextNames.flatMap((name, k) => {
    const options = { maxBins: BINS, isWhole: isWhole(name) };
    const binning = makeBinning(layout.contextDistributions[k] ?? 0, options);
    return binning === undefined ? [] : [new ParameterTally(name, binning)];
  });
}

function makePairTallies(layout: EpisodeLayout, parameters: readonly ParameterTally[]) {
  const binnings = parameters.map(({ name }) => {
    const distribution = layout.contextDistributions[layout.contextNames.indexOf(name)]!;
    return makeBinning(distribution, { maxBins: PAIR_BINS, isWhole: isWhole(name) })!;
  });
  return parameters.flatMap((a, i) =>
    parameters.slice(i + 1).map((b, offset) => {
      const j = i + 1 + offset;
      return {
        tally: new PairTally([a.name, b.name], [binnings[i]!, binnings[j]!]),
        at: [i, j] as const,
      };
    }),
  );
}

function describeParameter(tally: ParameterTally, layout: EpisodeLayout): ParameterReport {
  const { name, binning, episodes, successes, sums, outside } = tally;
  return {
    name,
    distribution: layout.contextDistributions[layout.contextNames.indexOf(name)],
    outside,
    bins: Array.from(episodes, (count, k): ParameterBin => {
      const share = binning.shares?.[k];
      if (count === 0) {
        return { mean: undefined, episodes: 0, share, successRate: undefined, ci95: undefined };
      }
      return {
        mean: sums[k]! / count,
        episodes: count,
        share,
        successRate: successes[k]! / count,
        ci95: computeWilsonInterval(successes[k]!, count),
      };
    }),
  };
}

function describePair(tally: PairTally, episodes: number): readonly PairReport[] {
  const { names, numCells, numEmpty } = tally;
  const expected = tally.computeExpectedEmpty(episodes);
  if (expected === undefined) return [];
  return [
    { names, cells: numCells, empty: numEmpty / numCells, expectedEmpty: expected / numCells },
  ];
}

function describeSeries(series: RunningMean, histogram: Histogram): SeriesReport {
  const { mean, deviation, count } = series;
  return {
    mean,
    deviation,
    min: count === 0 ? 0 : series.min,
    max: count === 0 ? 0 : series.max,
    histogram: {
      lower: histogram.lower,
      upper: histogram.upper,
      counts: [...histogram.counts],
    },
  };
}
