/** [B] of the header with the count, and of one facet with its normal and attributes */
const HEADER = 84;
const FACET = 50;
/** [B] of a facet's normal, which nobody needs, and of its three corners */
const NORMAL = 12;
const CORNERS = 36;

/** Three numbers behind the word; what is no number is read, and refused by who asked. */
const VERTEX = /\bvertex\s+(\S+)\s+(\S+)\s+(\S+)/gi;

/**
 * Corners of an STL file's triangles, [numTriangles, 3, 3], in the file's unit: m by convention of ROS.
 * @throws Error for a binary file that is too short for its count, or a text that breaks off
 */
export function readStl(bytes: Uint8Array): Float32Array {
  if (bytes.length === 0) throw new Error('an empty file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Binary files may begin with the word of text files too, so their length decides first.
  if (bytes.length >= HEADER && bytes.length === computeLength(view)) return readBinary(view);
  const text = new TextDecoder('latin1').decode(bytes);
  // A mark of UTF-8 may stand in front.
  return /^(ï»¿)?\s*solid\b.*\bfacet\s+normal\s/is.test(text) ? readText(text) : readBinary(view);
}

function computeLength(view: DataView): number {
  return HEADER + FACET * view.getUint32(80, true);
}

function readBinary(view: DataView): Float32Array {
  if (view.byteLength < HEADER) throw new Error(`${view.byteLength} bytes, too few for a header`);
  const numFacets = view.getUint32(80, true);
  const wanted = computeLength(view);
  if (view.byteLength < wanted) {
    throw new Error(`${view.byteLength} bytes where ${numFacets} facets need ${wanted}`);
  }
  const corners = new Float32Array(9 * numFacets);
  for (let facet = 0; facet < numFacets; facet++) {
    const start = HEADER + FACET * facet + NORMAL;
    for (let at = 0; at < CORNERS; at += 4) {
      corners[9 * facet + at / 4] = view.getFloat32(start + at, true);
    }
  }
  return corners;
}

/** One or several solids. */
function readText(text: string): Float32Array {
  const numFacets = text.match(/\bendfacet\b/gi)?.length ?? 0;
  const corners = Float32Array.from(
    [...text.matchAll(VERTEX)].flatMap(([, x, y, z]) => [Number(x), Number(y), Number(z)]),
  );
  if (corners.length !== 9 * numFacets || !/\bendsolid\b[^\n\r]*\s*$/i.test(text)) {
    throw new Error(`${numFacets} whole facets and ${corners.length / 3} corners, or no end`);
  }
  return corners;
}
