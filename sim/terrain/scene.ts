import type { Geometry, Material, Transform } from '../robot/geometry.ts';
import { DEFAULT_MATERIAL } from '../robot/geometry.ts';

/** What stands around a robot, in its odom frame. Every copy of a robot has the same around itself. */
export interface Scene {
  /** Absent: free space. */
  readonly ground?: Plane | HeightField | undefined;
  readonly objects: readonly SceneObject[];
}

/** z = 0 everywhere. */
export interface Plane {
  readonly kind: 'plane';
  readonly material: Material;
}

/**
 * Heights over a rectangular grid; a triangle mesh between them, and nothing outside. Cells are split along the
 * diagonal from (x, y) to (x + 1, y + 1). In MuJoCo it is the top of a solid that reaches 1 m below its lowest vertex.
 */
export interface HeightField {
  readonly kind: 'height_field';
  /** [1] @range ≥ 2 vertices along x and along y */
  readonly numX: number;
  readonly numY: number;
  /** [m] between neighbouring vertices */
  readonly cellSize: number;
  /** [m] [@frame odom] x, y of vertex (0, 0) */
  readonly origin: readonly [x: number, y: number];
  /** [m] [numX, numY] row-major: vertex (i, j) at origin + cellSize · (i, j) */
  readonly heights: Float32Array;
  readonly material: Material;
  /** Of a field that is a grid of tiles: where robots may start. */
  readonly tiles?: TileGrid | undefined;
}

/** Tiles of rising difficulty along x, of several kinds along y. */
export interface TileGrid {
  readonly numLevels: number;
  readonly numColumns: number;
  /** [numLevels, numColumns, 3] m [@frame odom] middle of each tile, on its ground */
  readonly origins: Float64Array;
}

/** A solid of the scene. A mesh geometry has no place here. */
export interface SceneObject {
  readonly name: string;
  readonly geometry: Exclude<Geometry, { readonly kind: 'mesh' }>;
  readonly odomFromObject: Transform;
  readonly material: Material;
  /** Moves on its own way, or may stand elsewhere in every episode, and is not moved by what it hits. */
  readonly moves: boolean;
  /** Of several objects with the same name here one is there, the others are out of reach. */
  readonly variantOf?: string | undefined;
  /** The way of one that moves; absent where whoever steps the world places it. */
  readonly motion?: Motion | undefined;
  readonly colour?: readonly [number, number, number, number] | undefined;
}

/**
 * A way in the plane, at the height and with the orientation of `odomFromObject`: a function of time alone,
 * see motion.ts. Points are x, y. [m] [@frame odom]
 */
export type Motion =
  | {
      /** A pendulum's way between two points: at rest at both, fastest half-way. */
      readonly kind: 'back_and_forth';
      readonly from: readonly [x: number, y: number];
      readonly to: readonly [x: number, y: number];
      /** [m/s] half-way */
      readonly speed: number;
      /** [rad] of the oscillation at time 0; 0: half-way, moving towards `to` */
      readonly phase: number;
    }
  | {
      readonly kind: 'circle';
      readonly centre: readonly [x: number, y: number];
      /** [m] */
      readonly radius: number;
      /** [m/s] counterclockwise if positive */
      readonly speed: number;
      /** [rad] direction from the centre at time 0 */
      readonly phase: number;
    }
  | {
      /** Around the corners and back to the first, turning on the spot. */
      readonly kind: 'waypoints';
      readonly points: readonly (readonly [x: number, y: number])[];
      /** [m/s] */
      readonly speed: number;
      /** [m] along the way at time 0 */
      readonly phase: number;
    };

export const EMPTY_SCENE: Scene = { objects: [] };
/** A floor at z = 0. */
export const FLAT_SCENE: Scene = {
  ground: { kind: 'plane', material: DEFAULT_MATERIAL },
  objects: [],
};
