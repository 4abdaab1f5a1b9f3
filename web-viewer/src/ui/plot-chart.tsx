import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Plot } from '../../protocol.ts';
import { SERIES_COLOURS } from '../colours.ts';
import type { Fleet } from '../fleet.ts';
import { type Columns, HISTORY_S } from '../history.ts';
import type { Session } from '../session.ts';
import { formatNumber } from './format.ts';

const MIN_HEIGHT = 72;
const UPDATE_MS = 100;

/** One live chart of the selected robot, the last seconds up to now. */
export function PlotChart(props: {
  readonly session: Session;
  readonly fleet: Fleet;
  readonly plot: Plot;
  readonly index: number;
}) {
  const { session, fleet, plot, index } = props;
  const host = useRef<HTMLDivElement>(null);
  const values = useRef<HTMLSpanElement>(null);

  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const chart = new uPlot(makeOptions(plot, computeSize(element)), [[]], element);
    const observer = new ResizeObserver(() => {
      chart.setSize(computeSize(element));
    });
    observer.observe(element);
    const timer = setInterval(() => {
      if (element.offsetParent === null) return;
      const columns = fleet.history.copyColumns(index, plot.series.length, session.selected.get());
      chart.setData(columns as uPlot.AlignedData);
      if (values.current !== null) showNewest(values.current, columns);
    }, UPDATE_MS);
    return () => {
      clearInterval(timer);
      observer.disconnect();
      chart.destroy();
    };
  }, [session, fleet, plot, index]);

  return (
    <figure class="plot" aria-label={`${plot.title} in ${plot.unit}`}>
      <figcaption>
        {plot.title} <i>{plot.unit === '-' ? '' : plot.unit}</i>
        <span class="values" ref={values}>
          {plot.series.map((series, i) => (
            <span key={series.label} style={{ color: SERIES_COLOURS[i % SERIES_COLOURS.length] }}>
              {plot.series.length > 1 && <small>{series.label} </small>}
              <b>–</b>
            </span>
          ))}
        </span>
      </figcaption>
      <div class="chart" ref={host} />
    </figure>
  );
}

function showNewest(element: HTMLElement, columns: Columns): void {
  element.querySelectorAll('b').forEach((b, i) => {
    const newest = columns[i + 1]?.at(-1) ?? Number.NaN;
    b.textContent = formatNumber(newest, chooseDecimals(newest));
  });
}

/** Three digits, which is what changes slowly enough to be read. */
function chooseDecimals(value: number): number {
  if (Number.isInteger(value)) return 0;
  const size = Math.abs(value);
  return size < 1 ? 3 : size < 10 ? 2 : size < 100 ? 1 : 0;
}

function computeSize(element: HTMLElement): { width: number; height: number } {
  return { width: element.clientWidth, height: Math.max(MIN_HEIGHT, element.clientHeight) };
}

function makeOptions(plot: Plot, size: { width: number; height: number }): uPlot.Options {
  const axis = {
    stroke: '#8593a3',
    font: '11px system-ui, sans-serif',
    grid: { stroke: '#1c2630', width: 1 },
    ticks: { show: false },
  } satisfies uPlot.Axis;
  return {
    ...size,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 14, 0, 0],
    scales: {
      x: { time: false, range: [-HISTORY_S, 0] },
      y: { range: plot.range === undefined ? chooseRange : [...plot.range] },
    },
    axes: [
      {
        ...axis,
        size: 26,
        gap: 7,
        values: (_, ticks) => ticks.map((t) => `${t} s`.replace('-', '−')),
      },
      { ...axis, size: 44, gap: 4, space: 22 },
    ],
    series: [
      {},
      ...plot.series.map((series, i) => ({
        label: series.label,
        stroke: SERIES_COLOURS[i % SERIES_COLOURS.length]!,
        width: 1.5,
        points: { show: false },
      })),
    ],
  };
}

/** Some air around the data, and never a range so narrow that noise looks like an event. */
function chooseRange(_: uPlot, lower: number | null, upper: number | null): [number, number] {
  if (lower === null || upper === null) return [0, 1];
  const span = Math.max(upper - lower, 0.02 * Math.max(Math.abs(lower), Math.abs(upper)), 1e-3);
  const middle = (lower + upper) / 2;
  const isNonNegative = lower >= 0 && lower < 0.5 * span;
  return [isNonNegative ? 0 : middle - 0.6 * span, middle + 0.6 * span];
}
