import type { Inspector } from '../../inspect/inspector.ts';
import type { Layer } from '../layer.ts';
import { BoxGeometry, Group, InstancedMesh, Matrix4, MeshBasicMaterial } from '../three.ts';
import { makeBoxGlyph, makeInertiaBoxes } from './glyphs.ts';
import { makeGlyphLayer } from './link-glyphs.ts';

/** Mass and inertia of each link as a box, seen through what lies before it. */
export function makeInertiaLayer(inspector: Inspector): Layer {
  const boxes = makeInertiaBoxes(inspector);
  const edges = makeGlyphLayer(inspector, boxes.map(makeBoxGlyph), { widthPx: 1.5, opacity: 0.9 });
  const material = new MeshBasicMaterial({
    color: '#c792ff',
    transparent: true,
    opacity: 0.12,
    depthWrite: false,
    depthTest: false,
  });
  const faces = new InstancedMesh(new BoxGeometry(1, 1, 1), material, boxes.length);
  faces.frustumCulled = false;
  faces.renderOrder = 7;
  const object = new Group();
  object.add(faces, edges.object);
  const matrix = new Matrix4();
  return {
    object,
    update: (view) => {
      if (!object.visible) return;
      boxes.forEach(({ link, linkFromBox, size }, i) => {
        matrix.multiplyMatrices(inspector.mapFromLink[link]!, linkFromBox).scale(size);
        faces.setMatrixAt(i, matrix);
      });
      faces.instanceMatrix.needsUpdate = true;
      edges.update(view);
    },
    dispose: () => {
      faces.geometry.dispose();
      material.dispose();
      faces.dispose();
      edges.dispose();
    },
  };
}
