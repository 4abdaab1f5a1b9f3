import { decodeMesh } from '../../mesh-format.ts';
import type { VisualMesh, VisualModel } from '../../robot-schema.ts';
import { computeCreasedMesh } from './creased-mesh.ts';
import { BufferAttribute, BufferGeometry } from './three.ts';

/** A mesh as a shape names it. */
type MeshShape = Extract<
  VisualModel['links'][number]['visuals'][number]['geometry'],
  { readonly kind: 'mesh' }
>;

/** Meshes of one connection's robots: each is fetched once, and made once per scale. */
export class MeshLibrary {
  /** [1] triangles of all that has arrived */
  numTriangles = 0;
  readonly #onProblem: (text: string) => void;
  /** On their way, by path. */
  readonly #bytes = new Map<string, Promise<Uint8Array>>();
  readonly #geometries = new Map<string, Promise<BufferGeometry | undefined>>();
  #isDisposed = false;

  /** @param onProblem told of every mesh that could not be had */
  constructor(onProblem: (text: string) => void) {
    this.#onProblem = onProblem;
  }

  /** Undefined for a mesh that the server does not have or that did not arrive; it has been said why. */
  load(model: VisualModel, { uri, scale }: MeshShape): Promise<BufferGeometry | undefined> {
    const entry = model.meshes?.[uri];
    if (entry === undefined) return Promise.resolve(undefined);
    const key = `${entry.path} ${scale.join(' ')}`;
    const known = this.#geometries.get(key);
    if (known !== undefined) return known;
    const made = this.#make(entry, scale).catch((error: unknown) => {
      this.#onProblem(`mesh '${uri}' is not drawn: ${String(error)}`);
      return undefined;
    });
    this.#geometries.set(key, made);
    return made;
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const made of this.#geometries.values()) void made.then((geometry) => geometry?.dispose());
  }

  async #make(entry: VisualMesh, scale: readonly number[]): Promise<BufferGeometry | undefined> {
    const bytes = this.#bytes.get(entry.path) ?? fetchBytes(entry.path);
    this.#bytes.set(entry.path, bytes);
    const mesh = decodeMesh(await bytes.finally(() => this.#bytes.delete(entry.path)));
    if (typeof mesh === 'string') throw new Error(mesh);
    if (this.#isDisposed) return undefined;
    const { positions, normals, index } = computeCreasedMesh(mesh, scale);
    const geometry = new BufferGeometry();
    geometry.setAttribute('position', new BufferAttribute(positions, 3));
    geometry.setAttribute('normal', new BufferAttribute(normals, 3));
    geometry.setIndex(new BufferAttribute(index, 1));
    this.numTriangles += index.length / 3;
    return geometry;
  }
}

async function fetchBytes(path: string): Promise<Uint8Array> {
  const response = await fetch(new URL(path, document.baseURI));
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
