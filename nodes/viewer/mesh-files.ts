import { createHash } from 'node:crypto';
import type { MeshAsset } from '../../sim/robot/geometry.ts';
import { listMeshUses } from '../../sim/robot/mesh/mesh-uses.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { computeMeshBytes, encodeMesh } from '../../web-viewer/mesh-format.ts';
import type { VisualMesh } from '../../web-viewer/robot-schema.ts';

/** [bytes] of all meshes of one robot, about 3 million triangles: what a page can hold and draw */
const MAX_BYTES = 64 * 1024 * 1024;

/** The meshes of one robot, ready to be asked for by a page. */
export interface MeshFiles {
  /** By the `uri` that shapes name. */
  readonly entries: Readonly<Record<string, VisualMesh>>;
  /** By path below the page: each is named by the hash of its bytes, so no request names a file. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Meshes that will not be drawn, and why. */
  readonly warnings: readonly { readonly uri: string; readonly text: string }[];
}

/**
 * Encodes every mesh that links name, once.
 * @param maxBytes [bytes] of them all; what does not fit any more is left out, with a warning
 */
export function makeMeshFiles(
  { links, meshes }: Pick<RobotModel, 'links' | 'meshes'>,
  maxBytes = MAX_BYTES,
): MeshFiles {
  const entries: Record<string, VisualMesh> = {};
  const files = new Map<string, Uint8Array>();
  const warnings: { uri: string; text: string }[] = [];
  let numBytes = 0;
  for (const { uri, visualLinks, collisionLinks } of listMeshUses(links)) {
    const asset = meshes.get(uri);
    const size = asset === undefined ? 0 : computeMeshBytes(asset);
    const isDrawn = asset !== undefined && numBytes + size <= maxBytes;
    if (isDrawn) {
      const bytes = encodeMesh(asset);
      const path = `meshes/${createHash('sha256').update(bytes).digest('base64url')}`;
      if (!files.has(path)) numBytes += size;
      files.set(path, bytes);
      entries[uri] = { path, numTriangles: asset.triangles.length / 3, ...computeBounds(asset) };
      continue;
    }
    const of = [...new Set([...visualLinks, ...collisionLinks])];
    const why =
      asset === undefined
        ? 'it was not read'
        : `with its ${asset.triangles.length / 3} triangles the robot's meshes exceed ${maxBytes / 2 ** 20} MiB`;
    warnings.push({ uri, text: `mesh '${uri}' of ${of.join(', ')} is not drawn: ${why}` });
  }
  return { entries, files, warnings };
}

function computeBounds({ vertices }: MeshAsset): Pick<VisualMesh, 'lower' | 'upper'> {
  const lower: [number, number, number] = [vertices[0]!, vertices[1]!, vertices[2]!];
  const upper: [number, number, number] = [...lower];
  for (let i = 0; i < vertices.length; i += 3) {
    for (const axis of [0, 1, 2] as const) {
      lower[axis] = Math.min(lower[axis], vertices[i + axis]!);
      upper[axis] = Math.max(upper[axis], vertices[i + axis]!);
    }
  }
  return { lower, upper };
}
