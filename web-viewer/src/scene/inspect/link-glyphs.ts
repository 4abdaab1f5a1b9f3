import type { Inspector } from '../../inspect/inspector.ts';
import { FatLines } from '../fat-lines.ts';
import type { Layer } from '../layer.ts';
import { Color, type Matrix4, Vector3 } from '../three.ts';

/** Straight lines that a link carries about. */
export interface LinkGlyph {
  /** Index in the model. */
  readonly link: number;
  readonly segments: readonly GlyphSegment[];
}

export interface GlyphSegment {
  /** [m] [@frame link] */
  readonly from: Vector3;
  readonly to: Vector3;
  readonly colour: string;
}

/** Draws lines that links carry, over everything else: what is inside a robot is what they are for. */
export function makeGlyphLayer(
  inspector: Inspector,
  glyphs: readonly LinkGlyph[],
  style: { readonly widthPx: number; readonly opacity: number },
): Layer {
  const segments = glyphs.flatMap(({ link, segments }) =>
    segments.map((segment) => ({ ...segment, link })),
  );
  const lines = new FatLines(segments.length, { ...style, depth: 'always seen' });
  const colour = new Color();
  segments.forEach((segment, i) => {
    lines.setColour(i, colour.set(segment.colour));
    lines.setBirth(i, 0);
  });
  const ends = [new Vector3(), new Vector3()] as const;
  const numbers = [
    [0, 0, 0],
    [0, 0, 0],
  ] as const;
  let drawn = -1;

  function place({ from, to, link }: GlyphSegment & { readonly link: number }, i: number): void {
    const mapFromLink: Matrix4 = inspector.mapFromLink[link]!;
    [from, to].forEach((point, k) => {
      ends[k]!.copy(point).applyMatrix4(mapFromLink);
      ends[k]!.toArray(numbers[k]! as unknown as number[]);
    });
    lines.set(i, numbers[0], 0, numbers[1], 0);
  }

  return {
    object: lines.mesh,
    update: ({ width, height }) => {
      lines.setView(0, width, height);
      const version = inspector.poseVersion.get();
      if (version === drawn || !lines.mesh.visible) return;
      drawn = version;
      segments.forEach(place);
      lines.markChanged(0, segments.length);
    },
    dispose: () => lines.dispose(),
  };
}
