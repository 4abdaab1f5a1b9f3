import { describe, expect, it } from 'vitest';
import { computeFrameLayout, type Plot } from '../../web-viewer/protocol.ts';
import { History } from '../../web-viewer/src/history.ts';
import { makeTinyWelcome } from './tiny-welcome.ts';

const { robots } = makeTinyWelcome();
const layout = computeFrameLayout(robots);
const plots: Plot[] = [
  { title: 'x', unit: 'm', series: [{ label: 'x', field: 'position', component: 0 }] },
  {
    title: 'two',
    unit: '-',
    series: [
      { label: 'tilt', field: 'tilt', component: 0 },
      { label: 'none', field: 'no_such_field', component: 2 },
    ],
  },
];

/** Robot 1 only: x and tilt. */
function makeFrame(x: number, tilt: number): Float32Array {
  const frame = new Float32Array(layout.size).fill(Number.NaN);
  frame[layout.offsets[1]!.get('position')!] = x;
  frame[layout.offsets[1]!.get('tilt')!] = tilt;
  return frame;
}

describe('the charts’ history', () => {
  it('gives columns oldest first, x counted back from the newest sample', () => {
    const history = new History(plots, layout, 10);
    history.push(5, makeFrame(1, 10));
    history.push(5.5, makeFrame(2, 20));
    expect(history.copyColumns(0, 1, 1)).toEqual([
      [-0.5, 0],
      [1, 2],
    ]);
  });

  it('makes gaps of what is not known and of fields that a robot lacks', () => {
    const history = new History(plots, layout, 10);
    history.push(0, makeFrame(1, 10));
    expect(history.copyColumns(1, 2, 1)).toEqual([[0], [10], [null]]);
    expect(history.copyColumns(0, 1, 0)).toEqual([[0], [null]]);
  });

  it('keeps twenty seconds and no more', () => {
    const history = new History(plots, layout, 10);
    for (let i = 0; i <= 400; i++) history.push(i / 10, makeFrame(i, 0));
    // 20 s at 10 Hz: 200 samples, the last of them number 400.
    const [times, xs] = history.copyColumns(0, 1, 1);
    expect(xs).toHaveLength(200);
    expect(xs!.at(0)).toBe(201);
    expect(times!.at(0)).toBeCloseTo(-19.9, 6);
  });

  it('starts afresh when the clock goes back', () => {
    const history = new History(plots, layout, 10);
    history.push(7, makeFrame(1, 0));
    history.push(0, makeFrame(2, 0));
    expect(history.copyColumns(0, 1, 1)).toEqual([[0], [2]]);
  });
});
