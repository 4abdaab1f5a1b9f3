import { DOMParser } from '@xmldom/xmldom';
import { ColladaLoader } from 'three/examples/jsm/loaders/ColladaLoader.js';
import { runQuietly } from './quietly.ts';
import { collectCorners } from './three-corners.ts';

/** What the loader leaves out without a word; RViz draws it. */
const UNSUPPORTED = /<(tristrips|trifans|skew|lookat)[\s>]/;

/**
 * Corners of a COLLADA file's triangles, [numTriangles, 3, 3] m: node transforms and the file's unit are applied.
 * Its `up_axis` is not: RViz, Gazebo and MoveIt leave the coordinates as they are, and descriptions rely on it
 * (Shadow's finger meshes say Y_UP, and their fingers point along z, as their links do).
 * @throws Error for a file with parts that cannot be read
 */
export function readCollada(bytes: Uint8Array): Float32Array {
  // Pictures would be fetched into a page that is not there.
  const text = new TextDecoder()
    .decode(bytes)
    .replace(/<library_images[\s>].*?<\/library_images>/s, '');
  const unsupported = UNSUPPORTED.exec(text)?.[1];
  if (unsupported !== undefined) throw new Error(`<${unsupported}>, which is not supported`);
  const collada = parseInNode(text);
  if (collada === null) throw new Error('no COLLADA document');
  const { scene } = collada;
  scene.rotation.set(0, 0, 0);
  return collectCorners(scene);
}

/** The loader is made for a page and takes the parser from there. */
function parseInNode(text: string): ReturnType<ColladaLoader['parse']> {
  const page = globalThis as { DOMParser?: unknown };
  const before = page.DOMParser;
  page.DOMParser = DOMParser;
  try {
    return runQuietly(() => new ColladaLoader().parse(text, ''));
  } finally {
    if (before === undefined) delete page.DOMParser;
    else page.DOMParser = before;
  }
}
