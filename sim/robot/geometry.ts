import type { QuatXYZW } from '../math/quat.ts';
import type { Vec3 } from '../math/vec3.ts';

/** `frameA from frameB`: rotates first, then translates. The two frames are named by the field. */
export interface Transform {
  /** [m] */
  readonly translation: Vec3;
  readonly rotation: QuatXYZW;
}

export type Geometry =
  | { readonly kind: 'box' /** [m] full extents */; readonly size: Vec3 }
  | { readonly kind: 'sphere' /** [m] */; readonly radius: number }
  | {
      readonly kind: 'cylinder';
      /** [m] */ readonly radius: number;
      /** [m] along z */ readonly length: number;
    }
  | {
      readonly kind: 'capsule';
      /** [m] */ readonly radius: number;
      /** [m] along z, between the centres of the two caps */ readonly length: number;
    }
  | {
      readonly kind: 'mesh';
      /** As written in the description; key of {@link RobotModel.meshes}. */ readonly uri: string;
      readonly scale: Vec3;
    };

/** Triangles of one mesh file, in the unit and axes of the shape that names it, before its scale. */
export interface MeshAsset {
  /** [m] [numVertices, 3], row-major */
  readonly vertices: Float32Array;
  /** [numTriangles, 3] indices of vertices, counterclockwise seen from outside */
  readonly triangles: Uint32Array;
  /** Absolute path of the file, for messages and for the page. */
  readonly path: string;
}

/**
 * How a surface meets another. Of a pair of shapes the smaller friction and the larger restitution
 * hold, so a frictionless caster slides on any floor.
 */
export interface Material {
  /** [-] Coulomb friction, the same for sticking and sliding */
  readonly friction: number;
  /** [-] @range 0, 1 speed after a head-on impact over the speed before it */
  readonly restitution: number;
}

/** Hard plastic on a hard floor; URDF has no word for it. */
export const DEFAULT_MATERIAL: Material = { friction: 0.5, restitution: 0 };

export interface Shape {
  readonly name: string;
  readonly linkFromShape: Transform;
  readonly geometry: Geometry;
  /** Red, green, blue, alpha in [0, 1]. */
  readonly colour?: readonly [number, number, number, number];
}

/** What a link touches the world with. Names are unique within a robot. */
export interface CollisionShape extends Shape {
  readonly material: Material;
  /**
   * Meshes only: how solid parts stand for the mesh; `hull`: one convex hull around it, `decomposition`:
   * several hulls that follow its hollows
   */
  readonly solid: 'hull' | 'decomposition';
}
