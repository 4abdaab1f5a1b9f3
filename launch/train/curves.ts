import { describeTally, makeContextTallies } from '../../policies/evaluation/context-tallies.ts';
import type { MetricsLine } from '../../policies/training/run/metrics-file.ts';
import type { EnvPlan } from '../../sim/env-plan.ts';
import type { EpisodeSummary } from '../../sim/env-result.ts';
import type { Curve, Training } from '../../web-viewer/protocol.ts';

/** [1] points of a curve that a page is sent, metrics of a learner that have one, and episodes that are remembered */
const MAX_POINTS = 400;
const MAX_METRICS = 6;
const MAX_EPISODES = 1000;
/** [1] numbers of the context on the page, and equally likely parts of each */
const MAX_CONTEXTS = 10;
const CONTEXT_BINS = 5;

/** Metrics that are not of the learner's doing. */
const NOT_LEARNER = /^(reward|cost|end|time|evaluation)\//;

export interface EvaluationPoint {
  readonly round: number;
  readonly steps: number;
  readonly successRate: number;
  readonly meanReturn: number;
}

/** What a page shows of a run: lines of its metrics, evaluations, and its last episodes. */
export class Curves {
  readonly #plan: Pick<EnvPlan, 'randomization' | 'parts' | 'layout'>;
  #lines: MetricsLine[] = [];
  #evaluations: EvaluationPoint[] = [];
  #episodes: Pick<EpisodeSummary, 'context' | 'success'>[] = [];

  constructor(plan: Pick<EnvPlan, 'randomization' | 'parts' | 'layout'>) {
    this.#plan = plan;
  }

  addLine(line: MetricsLine, episodes: readonly EpisodeSummary[]): void {
    this.#lines.push(line);
    this.#episodes.push(...episodes.map(({ context, success }) => ({ context, success })));
    if (this.#episodes.length > MAX_EPISODES) this.#episodes = this.#episodes.slice(-MAX_EPISODES);
  }

  addEvaluation(point: EvaluationPoint): void {
    this.#evaluations.push(point);
  }

  /** Forgets the rounds after one. */
  cutAfter(round: number): void {
    this.#lines = this.#lines.filter((line) => line.round <= round);
    this.#evaluations = this.#evaluations.filter((point) => point.round <= round);
  }

  describe(): Pick<Training, 'curves' | 'byContext' | 'episodes'> {
    return {
      curves: this.#makeCurves(),
      byContext: this.#describeContexts(),
      episodes: this.#episodes.length,
    };
  }

  #makeCurves(): Curve[] {
    const metrics = Object.keys(this.#lines.at(-1) ?? {})
      .filter((key) => key.includes('/') && !NOT_LEARNER.test(key))
      .slice(0, MAX_METRICS);
    const evaluated = (key: 'successRate' | 'meanReturn') => ({
      label: 'evaluated',
      steps: this.#evaluations.map(({ steps }) => steps),
      values: this.#evaluations.map((point) => point[key]),
    });
    return [
      {
        title: 'Return',
        unit: '-',
        series: [this.#pick('meanReturn', 'training'), evaluated('meanReturn')],
      },
      {
        title: 'Success',
        unit: '-',
        range: [0, 1],
        series: [this.#pick('successRate', 'training'), evaluated('successRate')],
      },
      { title: 'Episode', unit: 's', series: [this.#pick('meanLengthS', 'training')] },
      { title: 'Speed', unit: 'steps/s', series: [this.#pick('stepsPerSecond', 'training')] },
      ...metrics.map((key) => ({ title: key, unit: '-', series: [this.#pick(key, key)] })),
    ];
  }

  #pick(key: string, label: string): Curve['series'][number] {
    const stride = Math.ceil(this.#lines.length / MAX_POINTS);
    // Counted from the last one, which must not be missing.
    const last = this.#lines.length - 1;
    const lines = this.#lines.filter((_, i) => (last - i) % stride === 0);
    return {
      label,
      steps: lines.map((line) => line.steps as number),
      values: lines.map((line) => (line[key] as number | null | undefined) ?? null),
    };
  }

  #describeContexts(): Training['byContext'] {
    const tallies = makeContextTallies(this.#plan, CONTEXT_BINS);
    for (const { context, success } of this.#episodes) {
      for (const tally of tallies) tally.add(context[tally.name] ?? Number.NaN, success);
    }
    return tallies
      .map(describeTally)
      .sort((a, b) => b.dependence - a.dependence)
      .slice(0, MAX_CONTEXTS)
      .map(({ name, bins }) => ({
        name,
        bins: bins.map(({ mean, episodes, successRate }) => ({ mean, episodes, successRate })),
      }));
  }
}
