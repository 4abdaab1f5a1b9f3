import { UserError } from '../../sim/errors.ts';
import {
  MANIFEST_KEY,
  type PolicyManifest,
  parseManifest,
  sealManifest,
  type UnsealedManifest,
} from '../manifest.ts';
import { type OnnxSummary, readModel, setMetadata } from './model-proto.ts';

/**
 * Reads the manifest that a policy file carries.
 * @throws UserErrors if the bytes are not ONNX, carry no manifest or a faulty one
 */
export function readManifest(bytes: Uint8Array, where: string): PolicyManifest {
  return readManifestOf(readModel(bytes, where), where);
}

/** As {@link readManifest}, from a summary that was read already. */
export function readManifestOf(model: OnnxSummary, where: string): PolicyManifest {
  const text = model.metadata.get(MANIFEST_KEY);
  if (text !== undefined) return parseManifest(text, where);
  const keys = [...model.metadata.keys()];
  throw new UserError({
    where,
    problem: 'the ONNX file carries no policy manifest',
    expected: `a metadata entry '${MANIFEST_KEY}'`,
    got: keys.length === 0 ? 'no metadata' : `the entries ${keys.join(', ')}`,
    remedy: 'Export it with `zerogap clone`; a policy from elsewhere has no manifest.',
  });
}

/**
 * The same policy with its manifest replaced and its hash renewed; the graph's bytes stay as they are.
 * @throws UserErrors if the bytes are not ONNX or the manifest does not fit its schema
 */
export function writeManifest(
  bytes: Uint8Array,
  manifest: UnsealedManifest,
  where = manifest.name,
): Uint8Array {
  return setMetadata(bytes, MANIFEST_KEY, JSON.stringify(sealManifest(manifest, where)), where);
}
