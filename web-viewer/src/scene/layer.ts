import type { Fleet } from '../fleet.ts';
import type { Object3D, PerspectiveCamera } from './three.ts';

/** What each layer sees when it draws one picture. */
export interface SceneView {
  readonly fleet: Fleet;
  /** Blended frame, laid out as the fleet's layout; borrowed. */
  readonly values: Float32Array;
  /** [s] stamp being shown */
  readonly timeS: number;
  /** [s] wall time since the last picture */
  readonly wallDt: number;
  /** Index of the selected robot. */
  readonly selected: number;
  readonly camera: PerspectiveCamera;
  /** [px] size of the canvas in CSS pixels */
  readonly width: number;
  readonly height: number;
  /** Drawn pixels per CSS pixel. */
  readonly pixelRatio: number;
  /** Robots are drawn this many times larger than they are; 1 = true size. */
  readonly robotScale: number;
}

/** One kind of thing in the scene. Made for one fleet and thrown away with it. */
export interface Layer {
  readonly object: Object3D;
  update(view: SceneView): void;
  dispose(): void;
}
