import {
  InstancedMesh,
  type Object3D,
  type PerspectiveCamera,
  Raycaster,
  Vector2,
} from '../three.ts';

/** The link of the foremost shape that is seen at a point of the canvas, as an index in the model, or −1. */
export function pickLink(
  scene: Object3D,
  camera: PerspectiveCamera,
  at: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): number {
  const shapes: InstancedMesh[] = [];
  scene.traverseVisible((object) => {
    if (!(object instanceof InstancedMesh) || object.userData.link === undefined) return;
    // It is computed once, and the robot has moved since.
    object.boundingSphere = null;
    shapes.push(object);
  });
  const raycaster = new Raycaster();
  const point = new Vector2((2 * at.x) / at.width - 1, 1 - (2 * at.y) / at.height);
  raycaster.setFromCamera(point, camera);
  const [hit] = raycaster.intersectObjects(shapes, false);
  return Number(hit?.object.userData.link ?? -1);
}
