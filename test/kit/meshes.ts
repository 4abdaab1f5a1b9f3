import type { MeshAsset } from '../../sim/robot/geometry.ts';

/** A prism over an outline in the plane z = 0, from there up to `height`. Counterclockwise outlines only. */
export function makePrism(outline: readonly (readonly [number, number])[], height: number) {
  const n = outline.length;
  const vertices: number[] = [];
  for (const z of [0, height]) for (const [x, y] of outline) vertices.push(x, y, z);
  const triangles: number[] = [];
  for (let i = 0; i < n; i++) {
    const j = (i + 1) % n;
    triangles.push(i, j, j + n, i, j + n, i + n);
  }
  // Fans from corner 0 close both ends: right for outlines that corner 0 sees all of.
  for (let i = 1; i < n - 1; i++) triangles.push(0, i + 1, i, n, n + i, n + i + 1);
  return {
    vertices: new Float32Array(vertices),
    triangles: new Uint32Array(triangles),
    path: '/meshes/prism.stl',
  } satisfies MeshAsset;
}

/** An L with legs 2 m long and 0.5 m thick, 0.5 m high, its corner at the origin. */
export const L_MESH = makePrism(
  [
    [0, 0],
    [2, 0],
    [2, 0.5],
    [0.5, 0.5],
    [0.5, 2],
    [0, 2],
  ],
  0.5,
);

/** A cube of 1 m with its centre at the origin. */
export const CUBE_MESH: MeshAsset = (() => {
  const { vertices, triangles } = makePrism(
    [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ],
    1,
  );
  return { vertices: vertices.map((x) => x - 0.5), triangles, path: '/meshes/cube.stl' };
})();
