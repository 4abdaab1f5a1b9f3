import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Curve } from '../../../protocol.ts';
import { SERIES_COLOURS } from '../../colours.ts';
import { formatNumber } from '../format.ts';

const HEIGHT = 110;

/** One quantity over the steps that were learnt from. */
export function CurveChart({ curve }: { readonly curve: Curve }) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const { title, unit, series } = curve;
  // What decides the chart's make-up, as values that stay equal when the numbers change.
  const labels = series.map(({ label }) => label).join('\n');
  const [lower, upper] = curve.range ?? [];
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const plot = new uPlot(
      makeOptions({ labels: labels.split('\n'), lower, upper }, element.clientWidth),
      [[]],
      element,
    );
    chart.current = plot;
    const observer = new ResizeObserver(() => {
      plot.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [labels, lower, upper]);
  // After the other one: a chart that was made anew has no numbers yet.
  useEffect(() => {
    chart.current?.setData(alignSeries(curve));
  }, [curve]);
  return (
    <figure class="plot curve" aria-label={title}>
      <figcaption>
        {title} <i>{unit === '-' ? '' : unit}</i>
        <span class="values">
          {series.map(({ label, values }, i) => (
            <span key={label} style={{ color: SERIES_COLOURS[i % SERIES_COLOURS.length] }}>
              {series.length > 1 && <small>{label} </small>}
              <b>{formatNumber(values.findLast((value) => value !== null) ?? Number.NaN, 3)}</b>
            </span>
          ))}
        </span>
      </figcaption>
      <div class="chart" ref={host} />
    </figure>
  );
}

/** Series may be known at other steps than one another. */
function alignSeries({ series }: Curve): uPlot.AlignedData {
  const tables = series.map(({ steps, values }) => [[...steps], [...values]] as uPlot.AlignedData);
  return tables.length === 0 ? [[]] : uPlot.join(tables);
}

interface MakeUp {
  readonly labels: readonly string[];
  readonly lower: number | undefined;
  readonly upper: number | undefined;
}

function makeOptions({ labels, lower, upper }: MakeUp, width: number): uPlot.Options {
  const axis = {
    stroke: '#8593a3',
    font: '11px system-ui, sans-serif',
    grid: { stroke: '#1c2630', width: 1 },
    ticks: { show: false },
  } satisfies uPlot.Axis;
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 14, 0, 0],
    scales: {
      x: { time: false },
      y: lower === undefined || upper === undefined ? {} : { range: [lower, upper] },
    },
    axes: [
      { ...axis, size: 26, gap: 7, values: (_, ticks) => ticks.map(formatSteps) },
      { ...axis, size: 44, gap: 4, space: 22 },
    ],
    series: [
      {},
      ...labels.map((label, i) => ({
        label,
        stroke: SERIES_COLOURS[i % SERIES_COLOURS.length]!,
        width: 1.5,
        spanGaps: true,
        points: { show: i > 0, size: 4 },
      })),
    ],
  };
}

/** `1.5M` */
function formatSteps(steps: number): string {
  if (steps >= 1e6) return `${Number((steps / 1e6).toPrecision(3))}M`;
  return steps >= 1e3 ? `${Number((steps / 1e3).toPrecision(3))}k` : String(steps);
}
