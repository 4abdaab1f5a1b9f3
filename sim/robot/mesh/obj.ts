import { OBJLoader } from 'three/examples/jsm/loaders/OBJLoader.js';
import { runQuietly } from './quietly.ts';
import { collectCorners } from './three-corners.ts';

/** Corners of an OBJ file's faces as triangles, [numTriangles, 3, 3], in the file's unit: m by convention of ROS. */
export function readObj(bytes: Uint8Array): Float32Array {
  const text = new TextDecoder().decode(bytes);
  return collectCorners(runQuietly(() => new OBJLoader().parse(text)));
}
