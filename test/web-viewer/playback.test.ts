import { describe, expect, it } from 'vitest';
import { computeFrameLayout } from '../../web-viewer/protocol.ts';
import { Playback } from '../../web-viewer/src/playback.ts';
import { makeTinyWelcome, TINY_VISUAL_MODEL } from './tiny-welcome.ts';

const welcome = makeTinyWelcome();
/** The tiny robot with a set point, whose fourth number is a yaw, and a joint with limits. */
const robots = welcome.robots.map((robot) => ({
  ...robot,
  fields: [
    ...robot.fields.filter(({ name }) => name !== 'joint_position'),
    { name: 'joint_position', width: 2, unit: 'rad' },
    { name: 'reference', width: 4, unit: 'm, rad', frame: 'map' },
    { name: 'episode', width: 1, unit: '1' },
  ],
}));
const hub = TINY_VISUAL_MODEL.joints[0]!;
const models = [
  {
    ...TINY_VISUAL_MODEL,
    joints: [hub, { ...hub, name: 'lever', type: 'revolute' as const }],
    jointNames: ['hub', 'lever'],
  },
];
const layout = computeFrameLayout(robots);
const at = (field: string) => layout.offsets[0]!.get(field)!;

function makeFrame(values: Readonly<Record<string, readonly number[]>>): Float32Array {
  const frame = new Float32Array(layout.size).fill(Number.NaN);
  for (const [field, numbers] of Object.entries(values)) frame.set(numbers, at(field));
  return frame;
}

/** Frames 0.1 s apart, x growing by 1 per frame. */
function makeRunning(numFrames: number): Playback {
  const playback = new Playback(robots, models, layout);
  for (let i = 0; i < numFrames; i++) playback.push(0.1 * i, makeFrame({ position: [i, 0, 0] }));
  return playback;
}

describe('playback', () => {
  it('shows nothing known before the first frame', () => {
    const playback = new Playback(robots, models, layout);
    expect(Number.isNaN(playback.advance(0.02, 1)[at('position')])).toBe(true);
  });

  it('begins one and a half periods behind the newest frame, between two frames', () => {
    // Frames at 0 … 0.3 s; 0.3 − 1.5 · 0.1 = 0.15 s, half-way from x = 1 to x = 2.
    const values = makeRunning(4).advance(0.02, 1);
    expect(values[at('position')]).toBeCloseTo(1.5, 5);
  });

  it('shows a robot that was put elsewhere there, and nowhere in between', () => {
    const playback = new Playback(robots, models, layout);
    for (let i = 0; i < 4; i++) {
      // From the third frame on it is another episode, 1 m away.
      playback.push(
        0.1 * i,
        makeFrame({ position: [i < 2 ? 0 : 1, 0, 0], episode: [i < 2 ? 1 : 2] }),
      );
    }
    // At 0.15 s, half-way between the second frame and the third.
    expect(playback.advance(0.02, 1)[at('position')]).toBe(1);
  });

  it('moves on evenly between arrivals, at the rate of the stamps', () => {
    const playback = makeRunning(4);
    playback.advance(0, 1);
    const before = playback.playheadS;
    // At its place already, so nothing pulls: 0.04 s of wall time at half speed are 0.02 s.
    playback.advance(0.04, 0.5);
    expect(playback.playheadS - before).toBeCloseTo(0.02, 6);
  });

  it('never runs past the newest frame', () => {
    const playback = makeRunning(4);
    for (let i = 0; i < 100; i++) playback.advance(0.02, 1);
    expect(playback.playheadS).toBeLessThanOrEqual(0.1 * 3);
  });

  it('jumps when the clock goes back', () => {
    const playback = makeRunning(4);
    playback.advance(0.02, 1);
    playback.push(0, makeFrame({ position: [9, 0, 0] }));
    expect(playback.advance(0.02, 1)[at('position')]).toBe(9);
    expect(playback.playheadS).toBe(0);
  });

  it('blends orientations the short way round and keeps them unit length', () => {
    const playback = new Playback(robots, models, layout);
    // 0° and 90° about z, the second with its sign turned: the same rotation.
    playback.push(0, makeFrame({ orientation: [0, 0, 0, 1] }));
    playback.push(0.1, makeFrame({ orientation: [0, 0, -Math.SQRT1_2, -Math.SQRT1_2] }));
    playback.push(0.2, makeFrame({ orientation: [0, 0, -Math.SQRT1_2, -Math.SQRT1_2] }));
    // 0.2 − 1.5 · 0.1 = 0.05 s: half-way, 45° about z.
    const values = playback.advance(0, 1);
    const q = values.subarray(at('orientation'), at('orientation') + 4);
    const sign = Math.sign(q[3]!);
    expect(sign * q[2]!).toBeCloseTo(Math.sin(Math.PI / 8), 6);
    expect(sign * q[3]!).toBeCloseTo(Math.cos(Math.PI / 8), 6);
  });

  it('blends a yaw and a joint without limits the short way round, others straight', () => {
    const playback = new Playback(robots, models, layout);
    const before = { reference: [0, 0, -3, 3], joint_position: [3, 3] };
    const after = { reference: [0, 0, 3, -3], joint_position: [-3, -3] };
    for (const [i, values] of [before, after, after].entries()) {
      playback.push(0.1 * i, makeFrame(values));
    }
    // 0.2 − 1.5 · 0.1 = 0.05 s: half-way. From 3 over π to −3: both ends mean ±π, written near −3.
    const values = playback.advance(0, 1);
    expect(values[at('reference') + 3]).toBeCloseTo(-Math.PI, 5);
    expect(values[at('joint_position')]).toBeCloseTo(-Math.PI, 5);
    // (3 + −3) / 2 = 0, for a height and for a joint with limits.
    expect(values[at('reference') + 2]).toBeCloseTo(0, 5);
    expect(values[at('joint_position') + 1]).toBeCloseTo(0, 5);
  });

  it('takes safety states whole, never in between', () => {
    const playback = new Playback(robots, models, layout);
    for (const [i, action] of [0, 4, 4].entries()) {
      playback.push(0.1 * i, makeFrame({ safety: [action, 0] }));
    }
    expect(playback.advance(0, 1)[at('safety')]).toBe(4);
  });

  it('shows a robot as soon as it is known', () => {
    const playback = new Playback(robots, models, layout);
    playback.push(0, makeFrame({}));
    for (const timeS of [0.1, 0.2]) {
      playback.push(timeS, makeFrame({ position: [1, 2, 3], orientation: [0, 0, 0, 1] }));
    }
    // 0.2 − 1.5 · 0.1 = 0.05 s lies between not known and known: there is nothing to blend with.
    const values = playback.advance(0, 1);
    expect(values[at('position')]).toBe(1);
    expect(values[at('orientation') + 3]).toBe(1);
  });
});
