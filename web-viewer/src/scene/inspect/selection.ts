import type { Inspector, Selection } from '../../inspect/inspector.ts';
import { findLink } from '../kinematics.ts';
import type { Layer } from '../layer.ts';
import { Group } from '../three.ts';
import { makeAxisGlyph, makeBoxGlyph, makeFrameGlyph, makeInertiaBoxes } from './glyphs.ts';
import { type LinkGlyph, makeGlyphLayer } from './link-glyphs.ts';

const HIGHLIGHT = '#ffffff';

/** What is selected, in bold, whatever else is shown: a joint's axis, a link's frame and inertia. */
export function makeSelectionLayer(inspector: Inspector, size: number): Layer {
  const object = new Group();
  let shown: Selection | undefined;
  let glyphs: Layer | undefined;

  function change(selection: Selection | undefined): void {
    shown = selection;
    object.clear();
    glyphs?.dispose();
    glyphs = undefined;
    const list = selection === undefined ? [] : listGlyphs(inspector, selection, size);
    if (list.length === 0) return;
    glyphs = makeGlyphLayer(inspector, list, { widthPx: 3.5, opacity: 1 });
    object.add(glyphs.object);
  }

  return {
    object,
    update: (view) => {
      const selection = inspector.selection.get();
      if (selection !== shown) change(selection);
      glyphs?.update(view);
    },
    dispose: () => glyphs?.dispose(),
  };
}

function listGlyphs(inspector: Inspector, { kind, name }: Selection, size: number): LinkGlyph[] {
  if (kind === 'joint') {
    const glyph = makeAxisGlyph(inspector, name, 1.4 * size, HIGHLIGHT);
    if (glyph !== undefined) return [glyph];
    // A fixed joint is a frame.
    const child = inspector.model.joints.find((joint) => joint.name === name)?.child ?? '';
    return [makeFrameGlyph(findLink(inspector.model, child), 1.4 * size)];
  }
  const link = findLink(inspector.model, name);
  const boxes = makeInertiaBoxes(inspector).filter((box) => box.link === link);
  return [makeFrameGlyph(link, 1.4 * size), ...boxes.map(makeBoxGlyph)];
}

/** [0, 1] how brightly a link glows: as the selected one, or as the one that the selected joint carries */
export function computeGlow({ model, selection }: Inspector, link: number): number {
  const selected = selection.get();
  if (selected === undefined) return 0;
  const name = model.links[link]?.name;
  if (selected.kind === 'link') return selected.name === name ? 1 : 0;
  return model.joints.find((joint) => joint.name === selected.name)?.child === name ? 0.6 : 0;
}
