import type { UserError } from '../../errors.ts';
import type { MeshAsset } from '../geometry.ts';
import type { Link } from '../model.ts';

/** A mesh file that a description names, however often. */
export interface MeshUse {
  readonly uri: string;
  /** Links whose collision shapes and whose visuals it gives. */
  readonly collisionLinks: readonly string[];
  readonly visualLinks: readonly string[];
}

/** What became of it: the triangles, or why there are none. */
export interface MeshResult extends MeshUse {
  readonly asset?: MeshAsset | undefined;
  readonly error?: UserError | undefined;
}

/** Every mesh file that links name, once, in document order. */
export function listMeshUses(links: readonly Link[]): MeshUse[] {
  const uses = new Map<string, { collisionLinks: string[]; visualLinks: string[] }>();
  const note = (uri: string, kind: 'collisionLinks' | 'visualLinks', link: string) => {
    const use = uses.get(uri) ?? { collisionLinks: [], visualLinks: [] };
    uses.set(uri, use);
    if (!use[kind].includes(link)) use[kind].push(link);
  };
  for (const { name, visuals, collisions } of links) {
    for (const { geometry } of visuals) {
      if (geometry.kind === 'mesh') note(geometry.uri, 'visualLinks', name);
    }
    for (const { geometry } of collisions) {
      if (geometry.kind === 'mesh') note(geometry.uri, 'collisionLinks', name);
    }
  }
  return [...uses].map(([uri, use]) => ({ uri, ...use }));
}

/** Whether something touches the world with it. */
export function isNeeded({ collisionLinks }: MeshUse): boolean {
  return collisionLinks.length > 0;
}
