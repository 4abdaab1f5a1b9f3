/**
 * Triangles over shared vertices from loose ones: corners with equal coordinates become one vertex, and triangles
 * without area are dropped, so that hulls and edges can be computed.
 * @param corners [numTriangles, 3, 3] m, row-major
 */
export function weldTriangles(corners: Float32Array): {
  readonly vertices: Float32Array;
  readonly triangles: Uint32Array;
} {
  const numCorners = Math.floor(corners.length / 9) * 3;
  const bits = new Uint32Array(corners.length);
  // Minus zero plus zero is zero: the two have other bits and are the same place.
  for (let i = 0; i < corners.length; i++) corners[i]! += 0;
  bits.set(new Uint32Array(corners.buffer, corners.byteOffset, corners.length));
  const table = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(16, 2 * numCorners)))).fill(-1);
  const mask = table.length - 1;
  const vertices = new Float32Array(corners.length);
  const owner = new Uint32Array(numCorners);
  const firstCorner = new Uint32Array(numCorners);
  let numVertices = 0;
  for (let corner = 0; corner < numCorners; corner++) {
    const at = 3 * corner;
    let slot = hash(bits[at]!, bits[at + 1]!, bits[at + 2]!) & mask;
    for (;;) {
      const vertex = table[slot]!;
      if (vertex < 0) {
        table[slot] = numVertices;
        firstCorner[numVertices] = corner;
        vertices.set(corners.subarray(at, at + 3), 3 * numVertices);
        owner[corner] = numVertices++;
        break;
      }
      const other = 3 * firstCorner[vertex]!;
      if (
        bits[other] === bits[at] &&
        bits[other + 1] === bits[at + 1] &&
        bits[other + 2] === bits[at + 2]
      ) {
        owner[corner] = vertex;
        break;
      }
      slot = (slot + 1) & mask;
    }
  }
  return { vertices: vertices.slice(0, 3 * numVertices), triangles: dropFlat(owner) };
}

function dropFlat(owner: Uint32Array): Uint32Array {
  let kept = 0;
  for (let i = 0; i + 2 < owner.length; i += 3) {
    const a = owner[i]!;
    const b = owner[i + 1]!;
    const c = owner[i + 2]!;
    if (a === b || b === c || a === c) continue;
    owner[kept++] = a;
    owner[kept++] = b;
    owner[kept++] = c;
  }
  return owner.slice(0, kept);
}

/** Mixes three words as MurmurHash3's finaliser does. */
function hash(a: number, b: number, c: number): number {
  let h = Math.imul(a, 0x85ebca6b) ^ Math.imul(b, 0xc2b2ae35) ^ Math.imul(c, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
