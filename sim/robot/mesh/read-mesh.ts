import { UserError } from '../../errors.ts';
import type { MeshAsset } from '../geometry.ts';
import { readCollada } from './collada.ts';
import { readObj } from './obj.ts';
import { readStl } from './stl.ts';
import { weldTriangles } from './weld.ts';

/** By the end of the file's name. Each returns corners [numTriangles, 3, 3] m, or throws an Error that says why not. */
const READERS: Readonly<Record<string, (bytes: Uint8Array) => Float32Array>> = {
  '.stl': readStl,
  '.obj': readObj,
  '.dae': readCollada,
};

/** Beyond this a coordinate cannot be computed with in 32 bits. [m] */
const MAX_COORDINATE = 1e9;

/** What Git leaves in place of a large file that was not fetched. */
const LFS_POINTER = 'version https://git-lfs';

interface Refusal {
  readonly cause?: unknown;
  readonly remedy?: string;
}

/**
 * Reads the triangles of a mesh file: STL (binary or text), OBJ, COLLADA.
 * @throws UserError for a file of another kind, one that is broken, and one without triangles
 */
export function readMesh(bytes: Uint8Array, path: string): MeshAsset {
  const extension = /\.[^./\\]*$/.exec(path)?.[0].toLowerCase() ?? '';
  const read = READERS[extension];
  if (read === undefined) {
    throw new UserError({
      where: path,
      problem: 'meshes of this kind cannot be read',
      expected: Object.keys(READERS).join(', '),
      got: extension === '' ? 'no extension' : extension,
      remedy: 'Export the mesh to one of these.',
    });
  }
  const refuse = (got: string, { cause, remedy = 'Export it again.' }: Refusal = {}) =>
    new UserError({
      where: path,
      problem: 'the mesh cannot be read',
      expected: `a whole ${extension} file with triangles`,
      got,
      remedy,
      cause,
    });
  if (startsWith(bytes, LFS_POINTER)) {
    throw refuse('a pointer of Git LFS', { remedy: 'Fetch the file (`git lfs pull`).' });
  }
  let corners: Float32Array;
  try {
    corners = read(bytes);
  } catch (error) {
    throw refuse(describeFault(error), { cause: error });
  }
  // A comparison that also NaN fails.
  if (!corners.every((value) => Math.abs(value) <= MAX_COORDINATE)) {
    throw refuse(
      'coordinates that are no numbers or beyond 1e9, or faces over corners that it lacks',
    );
  }
  const { vertices, triangles } = weldTriangles(corners);
  if (triangles.length === 0) throw refuse('no triangle');
  return { vertices, triangles, path };
}

/** Loaders take files for whole, and stumble over what is not there. */
function describeFault(error: unknown): string {
  if (error instanceof TypeError) return `parts that do not belong together (${error.message})`;
  return error instanceof Error ? error.message : String(error);
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return new TextDecoder('latin1').decode(bytes.subarray(0, text.length)) === text;
}
