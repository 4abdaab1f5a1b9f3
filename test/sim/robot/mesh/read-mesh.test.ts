import { describe, expect, it } from 'vitest';
import { UserError } from '../../../../sim/errors.ts';
import type { MeshAsset } from '../../../../sim/robot/geometry.ts';
import { readMesh } from '../../../../sim/robot/mesh/read-mesh.ts';
import { weldTriangles } from '../../../../sim/robot/mesh/weld.ts';
import { makeBinaryStl, makeCollada, makeObj, makeTextStl } from '../../../kit/mesh-files.ts';

const corner = ({ vertices }: MeshAsset, i: number) => [...vertices.subarray(3 * i, 3 * i + 3)];

/** Six times the volume inside: positive if triangles are counterclockwise seen from outside. */
function computeSignedVolume(mesh: MeshAsset): number {
  let sum = 0;
  for (let t = 0; t < mesh.triangles.length; t += 3) {
    const [a, b, c] = [0, 1, 2].map((k) => corner(mesh, mesh.triangles[t + k]!)) as [
      number[],
      number[],
      number[],
    ];
    sum +=
      a[0]! * (b[1]! * c[2]! - b[2]! * c[1]!) -
      a[1]! * (b[0]! * c[2]! - b[2]! * c[0]!) +
      a[2]! * (b[0]! * c[1]! - b[1]! * c[0]!);
  }
  return sum;
}

const listCorners = (mesh: MeshAsset) =>
  Array.from({ length: mesh.vertices.length / 3 }, (_, i) => corner(mesh, i).join(' ')).sort();
const TETRAHEDRON = ['0 0 0', '0 0 1', '0 1 0', '1 0 0'];

describe('readMesh', () => {
  const files: readonly [kind: string, file: string, bytes: Uint8Array][] = [
    ['binary STL that calls itself solid', 'a.STL', makeBinaryStl()],
    ['STL as text', 'a.stl', makeTextStl()],
    ['OBJ', 'a.obj', makeObj()],
    ['COLLADA', 'a.dae', makeCollada({})],
  ];
  it.each(files)('reads %s with shared corners, outside kept outside', (_kind, file, bytes) => {
    const mesh = readMesh(bytes, file);
    expect(listCorners(mesh)).toEqual(TETRAHEDRON);
    expect(mesh.triangles).toHaveLength(12);
    // A corner of the unit cube: volume 1/6.
    expect(computeSignedVolume(mesh)).toBeCloseTo(1, 6);
  });

  const textStl = new TextDecoder().decode(makeTextStl());
  const variants: readonly [what: string, content: string][] = [
    ['in capitals', textStl.toUpperCase()],
    ['behind a mark of UTF-8', `\uFEFF${textStl}`],
    ['with the line ends of Windows', textStl.replaceAll('\n', '\r\n')],
    ['under a name of 5000 letters', textStl.replace('tetrahedron', 'a'.repeat(5000))],
    ['in two solids', textStl + textStl.replaceAll('vertex 0 0 1', 'vertex 0 0 2')],
  ];
  it.each(variants)('reads STL as text %s', (_what, content) => {
    const numSolids = content.match(/endsolid/gi)!.length;
    const mesh = readMesh(new TextEncoder().encode(content), 'a.stl');
    expect(listCorners(mesh)).toEqual(expect.arrayContaining(TETRAHEDRON));
    expect(mesh.triangles).toHaveLength(12 * numSolids);
  });

  it('takes a binary STL for one whatever its header says and whatever hangs on at its end', () => {
    const bytes = new Uint8Array(84 + 50 * 4 + 5);
    bytes.set(makeBinaryStl());
    bytes.set(new TextEncoder().encode('solid facet of a car'));
    expect(readMesh(bytes, 'a.stl').triangles).toHaveLength(12);
  });

  it('splits the polygons of OBJ into triangles', () => {
    const quad = 'v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nf 1 2 3 4\n';
    expect(readMesh(new TextEncoder().encode(quad), 'q.obj').triangles).toHaveLength(6);
  });

  it('applies unit and node of COLLADA', () => {
    // Turned 90° about z, then moved by 1 along x, in units of 0.1 m: corner 1 0 0 becomes (1, 1, 0) · 0.1.
    const node = '<translate>1 0 0</translate><rotate>0 0 1 90</rotate>';
    const mesh = readMesh(makeCollada({ unit: 0.1, node }), 'a.dae');
    const near = listCorners(mesh).map((text) => text.split(' ').map((x) => Number(x).toFixed(3)));
    expect(near).toContainEqual(['0.100', '0.100', '0.000']);
  });

  it('turns triangles back that a mirroring node turns inside out', () => {
    const mesh = readMesh(makeCollada({ node: '<scale>-1 1 1</scale>' }), 'a.dae');
    expect(computeSignedVolume(mesh)).toBeCloseTo(1, 6);
  });

  it('leaves up_axis alone, as RViz and Gazebo do', () => {
    for (const upAxis of ['X_UP', 'Y_UP', 'Z_UP']) {
      expect(listCorners(readMesh(makeCollada({ upAxis }), 'a.dae'))).toEqual(TETRAHEDRON);
    }
  });

  it('leaves the console and the globals as they were', () => {
    const { debug, warn } = console;
    readMesh(makeCollada({}), 'a.dae');
    expect(() => readMesh(new TextEncoder().encode('<COLLADA'), 'a.dae')).toThrow(UserError);
    expect([console.debug, console.warn]).toEqual([debug, warn]);
    expect('DOMParser' in globalThis).toBe(false);
  });

  const text = (content: string) => new TextEncoder().encode(content);
  const faults: readonly [what: string, file: string, bytes: Uint8Array, message: RegExp][] = [
    [
      'of another kind',
      'a.fbx',
      text(''),
      /a\.fbx: meshes of this kind .*\.stl, \.obj, \.dae, got \.fbx/,
    ],
    ['that is empty', 'a.stl', text(''), /a\.stl: the mesh cannot be read .*an empty file/],
    [
      'that is cut short',
      'a.stl',
      makeBinaryStl().subarray(0, 200),
      /200 bytes where 4 facets need 284/,
    ],
    [
      'whose second solid breaks off',
      'a.stl',
      text(textStl + textStl.slice(0, -60)),
      // Of 8 facets with 24 corners; two corners stand in the last 60 characters.
      /7 whole facets and 22 corners, or no end/,
    ],
    [
      'that Git LFS has not fetched',
      'a.stl',
      text('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'),
      /got a pointer of Git LFS\)\. Fetch the file \(`git lfs pull`\)/,
    ],
    [
      'with parts that would be left out',
      'a.dae',
      text(new TextDecoder().decode(makeCollada({})).replaceAll('triangles', 'tristrips')),
      /got <tristrips>, which is not supported/,
    ],
    ['without triangles', 'a.obj', text('v 0 0 0\n'), /no triangle/],
    [
      'with a word for a number',
      'a.obj',
      text('v 0 0 0\nv x 0 0\nv 0 1 0\nf 1 2 3\n'),
      /no numbers/,
    ],
    ['that names corners it lacks', 'a.obj', text('v 0 0 0\nf 1 2 3\n'), /no numbers/],
    ['of another format inside', 'a.dae', text('<robot name="r"/>'), /the mesh cannot be read/],
  ];
  it.each(faults)('refuses a file %s', (_what, file, bytes, message) => {
    expect(() => readMesh(bytes, file)).toThrow(UserError);
    expect(() => readMesh(bytes, file)).toThrow(message);
  });
});

describe('weldTriangles', () => {
  it('takes minus zero for zero and drops triangles without area', () => {
    const { vertices, triangles } = weldTriangles(
      Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0, -0, 0, 0, 0, 0, 0, 1, 0, 0),
    );
    expect([vertices.length, triangles.length]).toEqual([9, 3]);
  });
});
