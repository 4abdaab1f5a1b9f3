import { STLLoader } from 'three/examples/jsm/loaders/STLLoader.js';
import { runQuietly } from './quietly.ts';

/** [B] of the header with the count, and of one facet */
const HEADER = 84;
const FACET = 50;

/**
 * Corners of an STL file's triangles, [numTriangles, 3, 3], in the file's unit: m by convention of ROS.
 * @throws Error for a binary file whose length does not fit its count, or a facet that is no triangle
 */
export function readStl(bytes: Uint8Array): Float32Array {
  if (bytes.length === 0) throw new Error('an empty file');
  // A Buffer's own slice() would share its pool.
  const { buffer } = new Uint8Array(bytes);
  if (!isText(bytes)) checkLength(new DataView(buffer));
  const { result, faults } = runQuietly(() => new STLLoader().parse(buffer));
  // Normals that are no numbers do no harm: they are not used.
  const fault = faults.find((said) => said.includes('vertices'));
  if (fault !== undefined) throw new Error(fault);
  const position = result.getAttribute('position');
  return new Float32Array(position?.array ?? []);
}

/** Binary files may begin with the word too, so the first facet has to be there as well. */
function isText(bytes: Uint8Array): boolean {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 4096));
  const isExact =
    bytes.length >= HEADER &&
    HEADER + FACET * new DataView(bytes.buffer, bytes.byteOffset).getUint32(80, true) ===
      bytes.length;
  return !isExact && /^\s*solid/.test(head) && /\bfacet\b/.test(head);
}

function checkLength(view: DataView): void {
  if (view.byteLength < HEADER) throw new Error(`${view.byteLength} bytes, too few for a header`);
  const numFacets = view.getUint32(80, true);
  const wanted = HEADER + FACET * numFacets;
  if (view.byteLength < wanted) {
    throw new Error(`${view.byteLength} bytes where ${numFacets} facets need ${wanted}`);
  }
}
