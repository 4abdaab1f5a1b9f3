import { Mesh, type Object3D, Vector3 } from 'three';

/** Corners of all triangles below a three object, in its frame, [numTriangles, 3, 3]; lines and points are left out. */
export function collectCorners(root: Object3D): Float32Array {
  const meshes: Mesh[] = [];
  root.updateMatrixWorld(true);
  root.traverse((object) => {
    if (object instanceof Mesh) meshes.push(object);
  });
  const counts = meshes.map(({ geometry }) => {
    const count = geometry.index?.count ?? geometry.getAttribute('position')?.count ?? 0;
    return 3 * Math.floor(count / 3);
  });
  const corners = new Float32Array(3 * counts.reduce((sum, count) => sum + count, 0));
  const point = new Vector3();
  let next = 0;
  meshes.forEach(({ geometry, matrixWorld }, m) => {
    const position = geometry.getAttribute('position');
    // A mirroring transform turns triangles inside out; the other order turns them back.
    const order = matrixWorld.determinant() < 0 ? [0, 2, 1] : [0, 1, 2];
    for (let i = 0; i < counts[m]!; i++) {
      const corner = i - (i % 3) + order[i % 3]!;
      point.fromBufferAttribute(position, geometry.index?.getX(corner) ?? corner);
      point.applyMatrix4(matrixWorld).toArray(corners, next);
      next += 3;
    }
  });
  return corners;
}
