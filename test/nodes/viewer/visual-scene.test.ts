import { describe, expect, it } from 'vitest';
import { makeVisualScene } from '../../../nodes/viewer/visual-scene.ts';
import { decodeServerMessage, encodeServerMessage } from '../../../web-viewer/codec.ts';
import { readScene } from '../../../web-viewer/src/surroundings.ts';
import { buildScene, type GivenTerrain, getField } from '../../kit/scenes.ts';
import { makeTinyWelcome } from '../../web-viewer/tiny-welcome.ts';

/** A scene as the page has it after the welcome has gone over the wire. */
function send(terrain: GivenTerrain) {
  const scene = buildScene(terrain);
  const welcome = { ...makeTinyWelcome(), scene: makeVisualScene(scene) };
  const message = decodeServerMessage(encodeServerMessage({ type: 'welcome', welcome }));
  if (message.type !== 'welcome' || message.welcome.scene === undefined) {
    throw new TypeError(`no scene came: ${JSON.stringify(message)}`);
  }
  return { scene, seen: readScene(message.welcome.scene) };
}

describe('the scene on the page', () => {
  it('has the heights of the simulation to the 65535th part of their range', () => {
    const ground = { kind: 'rough', size: [6, 4], cellSize: 0.1, amplitude: 0.2 } as const;
    const { scene, seen } = send({ ground });
    const [field, shown] = [getField(scene), getField(seen)];
    expect([shown.numX, shown.numY, shown.cellSize]).toEqual([61, 41, 0.1]);
    expect(shown.origin).toEqual(field.origin);
    const worst = Math.max(...field.heights.map((z, k) => Math.abs(z - shown.heights[k]!)));
    // Half of 0.4 m / 65535 is 3e-6 m; heights are 32-bit.
    expect(worst).toBeLessThan(3.1e-6);
  });

  it('has objects where they are and on the ways that they go', () => {
    const { scene, seen } = send({
      boxes: [{ count: 3 }],
      moving: [{ count: 1, path: 'waypoints', reach: 1 }],
    });
    const pick = (objects: typeof scene.objects) =>
      objects.map(({ material: _, ...rest }) => JSON.parse(JSON.stringify(rest)) as unknown);
    expect(pick(seen.objects)).toEqual(pick(scene.objects));
    expect(seen.ground?.kind).toBe('plane');
  });

  it('of free space has no ground', () => {
    expect(send({ ground: { kind: 'none' } }).seen.ground).toBeUndefined();
  });

  it('is thinned out where it is finer than a page can draw', () => {
    // 1201² heights are 1.44 million: every second one is sent.
    const ground = { kind: 'slope', shape: 'single', grade: 0.5, cellSize: 0.01, size: [12, 12] };
    const { seen } = send({ ground } as GivenTerrain);
    const shown = getField(seen);
    expect([shown.numX, shown.numY, shown.cellSize]).toEqual([601, 601, 0.02]);
    // Row 450 lies at −6 + 450 · 0.02 = 3 m, at half of that; a level of 6 m / 65535 is 9e-5 m.
    expect(Math.abs(shown.heights[450 * 601]! - 1.5)).toBeLessThan(1e-4);
  });
});
