import type { VisualModel } from '../../robot-schema.ts';
import { makeGeometry, type Visual } from './geometry.ts';
import { makeMatrix } from './kinematics.ts';
import type { MeshLibrary } from './mesh-library.ts';
import {
  BufferGeometry,
  DoubleSide,
  DynamicDrawUsage,
  InstancedMesh,
  type Matrix4,
  MeshStandardMaterial,
} from './three.ts';

/** What robots look like, and what they touch the world with. */
export type ShapeKind = 'visuals' | 'collisions';

const DEFAULT_COLOUR = [0.62, 0.66, 0.72, 1] as const;
const COLLISION_COLOUR = [1, 0.62, 0.36, 0.4] as const;

/** One shape of a model, drawn once for all its robots. */
export interface ShapePart {
  /** Index in the model. */
  readonly link: number;
  readonly linkFromShape: Matrix4;
  readonly mesh: InstancedMesh<BufferGeometry, MeshStandardMaterial>;
  dispose(): void;
}

/** Every shape of the kind; meshes appear when they have arrived. */
export function makeShapeParts(
  model: VisualModel,
  kind: ShapeKind,
  count: number,
  library: MeshLibrary,
): ShapePart[] {
  return model.links.flatMap((link, index) =>
    (link[kind] ?? []).map((shape) => {
      const material = makeMaterial(shape, kind);
      const own = makeGeometry(shape.geometry);
      const mesh = new InstancedMesh(own ?? new BufferGeometry(), material, count);
      mesh.instanceMatrix.setUsage(DynamicDrawUsage);
      // Instances fly about; the bounding sphere of the first pose would cut them off.
      mesh.frustumCulled = false;
      mesh.castShadow = kind === 'visuals';
      mesh.userData.link = index;
      if (shape.geometry.kind === 'mesh') {
        mesh.visible = false;
        // Exporters wind triangles either way.
        material.side = DoubleSide;
        void library.load(model, shape.geometry).then((geometry) => {
          if (geometry === undefined) return;
          mesh.geometry = geometry;
          mesh.visible = true;
        });
      }
      return {
        ...{ link: index, linkFromShape: makeMatrix(shape.linkFromShape), mesh },
        dispose: () => {
          own?.dispose();
          material.dispose();
          mesh.dispose();
        },
      };
    }),
  );
}

function makeMaterial({ colour }: Visual, kind: ShapeKind): MeshStandardMaterial {
  const [r, g, b, a] = kind === 'collisions' ? COLLISION_COLOUR : (colour ?? DEFAULT_COLOUR);
  const material = new MeshStandardMaterial({ roughness: 0.55, metalness: 0.1 });
  material.color.setRGB(r, g, b, 'srgb');
  material.opacity = a;
  material.transparent = a < 1;
  if (kind === 'collisions') {
    // Often they lie exactly on what is seen.
    material.depthWrite = false;
    material.polygonOffset = true;
    material.polygonOffsetFactor = -1;
    material.polygonOffsetUnits = -4;
  }
  return material;
}
