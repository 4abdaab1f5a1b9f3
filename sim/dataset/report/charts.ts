import { parse, resetSVGDefIds, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { QualityReport, SeriesReport } from './quality.ts';

const COLOUR = '#2a6f97';
const CONFIG = {
  background: 'white',
  font: 'system-ui, sans-serif',
  axis: { labelFontSize: 11, titleFontSize: 12, titleFontWeight: 'normal' },
  view: { stroke: null },
} as const;

export interface Chart {
  readonly title: string;
  /** An SVG element. */
  readonly svg: string;
}

/** All charts of a report, drawn without a browser. */
export async function drawCharts(report: QualityReport): Promise<readonly Chart[]> {
  const charts: [string, TopLevelSpec][] = [
    ['Returns', plotSeries(report.returns, 'return of an episode')],
    ['Lengths', plotSeries(report.lengths, 'control steps of an episode')],
    ['How episodes ended', plotBars(Object.entries(report.ends), 'episodes', report.episodes)],
    [
      'Actions at their limits',
      plotBars(
        report.saturation.map(({ action, share }) => [action, share]),
        'share of the frames',
        1,
      ),
    ],
  ];
  const covered = listCoverage(report);
  if (covered.length > 0) charts.push(['Coverage of what was declared', plotCoverage(covered)]);
  for (const parameter of report.parameters) {
    charts.push([`Success by ${parameter.name}`, plotSuccess(parameter)]);
  }
  if (report.pairs.length > 0) charts.push(['Combinations that do not occur', plotPairs(report)]);
  return drawAll(charts);
}

/** Draws charts that are described in vega-lite. */
export async function drawAll(
  charts: readonly (readonly [title: string, spec: TopLevelSpec])[],
): Promise<readonly Chart[]> {
  const drawn: Chart[] = [];
  // One after the other: vega numbers its gradients as they come, here from the first on.
  resetSVGDefIds();
  for (const [title, spec] of charts) {
    drawn.push({ title, svg: await drawSvg({ ...spec, config: CONFIG }) });
  }
  return drawn;
}

async function drawSvg(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

function plotSeries({ histogram }: SeriesReport, title: string): TopLevelSpec {
  const { lower, upper, counts } = histogram;
  const width = (upper - lower) / counts.length;
  return {
    width: 420,
    height: 160,
    data: {
      values: counts.map((episodes, k) => {
        return { from: lower + k * width, to: lower + (k + 1) * width, episodes };
      }),
    },
    mark: { type: 'bar', color: COLOUR },
    encoding: {
      x: { field: 'from', type: 'quantitative', bin: { binned: true }, title },
      x2: { field: 'to' },
      y: { field: 'episodes', type: 'quantitative', title: 'episodes' },
    },
  };
}

export function plotBars(
  entries: readonly (readonly [string, number])[],
  title: string,
  most: number,
): TopLevelSpec {
  return {
    width: 420,
    data: { values: entries.map(([name, value]) => ({ name, value })) },
    mark: { type: 'bar', color: COLOUR },
    encoding: {
      y: { field: 'name', type: 'nominal', sort: null, title: null, axis: { labelLimit: 240 } },
      x: { field: 'value', type: 'quantitative', title, scale: { domain: [0, Math.max(1, most)] } },
    },
  };
}

/** Success in the parts of what a number was drawn from. */
export interface SuccessByPart {
  readonly name: string;
  readonly bins: readonly {
    readonly mean?: number | null | undefined;
    readonly successRate?: number | null | undefined;
    readonly ci95?: readonly [lower: number, upper: number] | null | undefined;
    readonly episodes: number;
  }[];
}

/** Points with 95 % intervals over the mean value of each part of the range. */
export function plotSuccess({ name, bins }: SuccessByPart): TopLevelSpec {
  const values = bins.flatMap(({ mean, successRate, ci95, episodes }) => {
    return ci95 === undefined || ci95 === null
      ? []
      : [{ mean, rate: successRate, lower: ci95[0], upper: ci95[1], episodes }];
  });
  const x = { field: 'mean', type: 'quantitative', title: name, scale: { zero: false } } as const;
  const scale = { domain: [0, 1] };
  return {
    width: 260,
    height: 150,
    data: { values },
    layer: [
      {
        mark: { type: 'rule', color: COLOUR },
        encoding: {
          x,
          y: { field: 'lower', type: 'quantitative', title: 'success rate', scale },
          y2: { field: 'upper' },
        },
      },
      {
        mark: { type: 'point', filled: true, color: COLOUR, opacity: 1 },
        encoding: { x, y: { field: 'rate', type: 'quantitative', scale } },
      },
    ],
  };
}

interface Coverage {
  readonly name: string;
  /** From 1 on. */
  readonly part: number;
  /** [-] episodes over those that are to be expected */
  readonly ratio: number;
}

/** Every part of which it is known how likely it is. */
function listCoverage({ parameters, episodes }: QualityReport): readonly Coverage[] {
  return parameters.flatMap(({ name, bins }) =>
    bins.flatMap(({ episodes: found, share = 0 }, k) => {
      const expected = episodes * share;
      return expected > 0 ? [{ name, part: k + 1, ratio: found / expected }] : [];
    }),
  );
}

function plotCoverage(values: readonly Coverage[]): TopLevelSpec {
  return {
    width: 300,
    data: { values: [...values] },
    mark: { type: 'rect' },
    encoding: {
      y: { field: 'name', type: 'nominal', sort: null, title: null, axis: { labelLimit: 240 } },
      x: {
        field: 'part',
        type: 'ordinal',
        title: 'parts of the range, lowest first',
        axis: { labelAngle: 0 },
      },
      color: {
        field: 'ratio',
        type: 'quantitative',
        title: 'of expected',
        scale: { domain: [0, 1, 2], range: ['#b2182b', '#f7f7f7', '#2166ac'], clamp: true },
      },
    },
  };
}

function plotPairs({ pairs }: QualityReport): TopLevelSpec {
  const values = pairs.flatMap(({ names, empty, expectedEmpty }) => [
    { pair: names.join(' × '), kind: 'found', share: empty },
    { pair: names.join(' × '), kind: 'expected', share: expectedEmpty },
  ]);
  return {
    width: 320,
    data: { values },
    mark: { type: 'point', filled: true, opacity: 1, size: 50 },
    encoding: {
      y: { field: 'pair', type: 'nominal', sort: null, title: null, axis: { labelLimit: 320 } },
      x: {
        field: 'share',
        type: 'quantitative',
        title: 'share of empty cells, 5 × 5 each',
        scale: { domain: [0, 1] },
      },
      color: {
        field: 'kind',
        type: 'nominal',
        title: null,
        scale: { domain: ['found', 'expected'], range: [COLOUR, '#bbbbbb'] },
      },
    },
  };
}
