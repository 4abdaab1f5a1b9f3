import type { Fleet } from '../fleet.ts';
import type { Inspector } from '../inspect/inspector.ts';
import { makeArrowsLayer } from './arrows.ts';
import { makeFloorShadowLayer } from './inspect/floor-shadow.ts';
import { computeRobotSize, makeAxisGlyph, makeFrameGlyph } from './inspect/glyphs.ts';
import { makeInertiaLayer } from './inspect/inertia-boxes.ts';
import { makeGlyphLayer } from './inspect/link-glyphs.ts';
import { makeLinkNamesLayer } from './inspect/link-names.ts';
import { makeMassCentresLayer } from './inspect/mass-centres.ts';
import { makeSelectionLayer } from './inspect/selection.ts';
import type { Layer } from './layer.ts';
import { makeMarkersLayer } from './markers.ts';
import type { MeshLibrary } from './mesh-library.ts';
import { makePathsLayer } from './paths.ts';
import { makeRobotsLayer } from './robots.ts';
import { makeScansLayer } from './scans.ts';
import { makeShadowsLayer } from './shadows.ts';
import { makeSurroundingsLayer } from './surroundings.ts';
import { makeTargetsLayer } from './targets.ts';
import { makeTrailsLayer } from './trails.ts';

/** Layers that can be shown and hidden, and whether they are shown at first. */
export const FLEET_TOGGLES = {
  targets: true,
  courses: true,
  trails: true,
  forces: true,
  scans: true,
  shadows: true,
  collisions: false,
} as const;
export const INSPECTION_TOGGLES = {
  visuals: true,
  collisions: false,
  inertia: false,
  'centre of mass': false,
  axes: false,
  frames: false,
  names: false,
} as const;

export type LayerName = keyof typeof FLEET_TOGGLES | keyof typeof INSPECTION_TOGGLES;

/** A layer without a name is always shown. */
export interface NamedLayer {
  readonly name?: LayerName;
  readonly layer: Layer;
}

/**
 * Everything that is drawn for a fleet, in drawing order.
 * @param overlay element over the canvas, for texts
 */
export function makeLayers(
  fleet: Fleet,
  library: MeshLibrary,
  overlay: HTMLElement,
): readonly NamedLayer[] {
  if (fleet.inspector !== undefined) {
    return makeInspectionLayers(fleet, fleet.inspector, library, overlay);
  }
  return [
    { layer: makeSurroundingsLayer(fleet) },
    { name: 'shadows', layer: makeShadowsLayer(fleet) },
    { name: 'courses', layer: makePathsLayer(fleet) },
    { name: 'trails', layer: makeTrailsLayer(fleet) },
    { name: 'targets', layer: makeTargetsLayer(fleet) },
    { layer: makeRobotsLayer(fleet, library, 'visuals') },
    { name: 'collisions', layer: makeRobotsLayer(fleet, library, 'collisions') },
    { name: 'forces', layer: makeArrowsLayer(fleet) },
    { name: 'scans', layer: makeScansLayer(fleet) },
    { layer: makeMarkersLayer(fleet) },
  ];
}

function makeInspectionLayers(
  fleet: Fleet,
  inspector: Inspector,
  library: MeshLibrary,
  overlay: HTMLElement,
): readonly NamedLayer[] {
  const { links, joints } = inspector.model;
  const size = computeRobotSize(inspector);
  const axes = joints.flatMap(({ name }) => makeAxisGlyph(inspector, name, size) ?? []);
  const frames = links.map((_, link) => makeFrameGlyph(link, size));
  const thin = { widthPx: 2, opacity: 0.95 };
  return [
    { layer: makeFloorShadowLayer(inspector) },
    { name: 'visuals', layer: makeRobotsLayer(fleet, library, 'visuals') },
    { name: 'collisions', layer: makeRobotsLayer(fleet, library, 'collisions') },
    { name: 'inertia', layer: makeInertiaLayer(inspector) },
    { name: 'frames', layer: makeGlyphLayer(inspector, frames, thin) },
    { name: 'axes', layer: makeGlyphLayer(inspector, axes, thin) },
    { name: 'centre of mass', layer: makeMassCentresLayer(inspector) },
    { layer: makeSelectionLayer(inspector, size) },
    { name: 'names', layer: makeLinkNamesLayer(inspector, overlay) },
  ];
}
