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
/** Of two learners that take turns, what the other one's metrics begin with. */
const OTHER_SIDE = /^adversary\//;

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
  /** Names in any line: not every one has all of them. */
  readonly #names = new Set<string>();

  constructor(plan: Pick<EnvPlan, 'randomization' | 'parts' | 'layout'>) {
    this.#plan = plan;
  }

  /** Takes note of the rounds of a run that is gone on with, and of the evaluations among their metrics. */
  restore(lines: readonly MetricsLine[]): void {
    for (const line of lines) {
      this.addLine(line, []);
      const { round, steps } = line;
      const successRate = line['evaluation/successRate'];
      const meanReturn = line['evaluation/meanReturn'];
      if (typeof successRate !== 'number' || typeof meanReturn !== 'number') continue;
      this.addEvaluation({ round, steps: steps as number, successRate, meanReturn });
    }
  }

  addLine(line: MetricsLine, episodes: readonly EpisodeSummary[]): void {
    this.#lines.push(line);
    for (const name of Object.keys(line)) this.#names.add(name);
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
      ...this.#listMetrics().map(([title, keys]) => ({
        title,
        unit: '-',
        series: keys.map((key) => this.#pick(key, key)),
      })),
    ];
  }

  /** What learners say of their rounds: titles, and the metrics that belong together under each. */
  #listMetrics(): (readonly [title: string, keys: readonly string[]])[] {
    const metrics = new Map<string, string[]>();
    for (const key of this.#names) {
      const title = key.replace(OTHER_SIDE, '');
      if (!title.includes('/') || NOT_LEARNER.test(title)) continue;
      metrics.set(title, [...(metrics.get(title) ?? []), key]);
    }
    return [...metrics].slice(0, MAX_METRICS);
  }

  #pick(key: string, label: string): Curve['series'][number] {
    const known = this.#lines.filter((line) => key in line);
    const stride = Math.ceil(known.length / MAX_POINTS);
    // Counted from the last one, which must not be missing.
    const last = known.length - 1;
    const lines = known.filter((_, i) => (last - i) % stride === 0);
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
