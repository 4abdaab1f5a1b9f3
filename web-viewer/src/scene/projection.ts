import { type PerspectiveCamera, Vector3 } from './three.ts';

export interface ScreenPoint {
  /** [px] from the left and top of the canvas */
  x: number;
  y: number;
  /** [px/m] at the point's distance */
  scale: number;
  isInFront: boolean;
}

const eye = new Vector3();

/** Where a point of the map frame is seen. */
export function writeScreenPoint(
  out: ScreenPoint,
  position: ArrayLike<number>,
  offset: number,
  camera: PerspectiveCamera,
  size: { readonly width: number; readonly height: number },
): ScreenPoint {
  eye.set(position[offset]!, position[offset + 1]!, position[offset + 2]!);
  eye.applyMatrix4(camera.matrixWorldInverse);
  const depth = -eye.z;
  out.isInFront = depth > camera.near;
  out.scale = (camera.projectionMatrix.elements[5]! * size.height) / 2 / Math.max(depth, 1e-6);
  eye.applyMatrix4(camera.projectionMatrix);
  out.x = ((eye.x + 1) / 2) * size.width;
  out.y = ((1 - eye.y) / 2) * size.height;
  return out;
}
