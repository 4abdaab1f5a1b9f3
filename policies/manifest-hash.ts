import { createHash } from 'node:crypto';

/** Where a manifest keeps its own hash. */
const HASH_KEY = 'manifestSha256';

/**
 * sha256, in hex, of a manifest as it is read from its JSON, without its own hash: independent of the
 * order of keys and of white space, and of what later versions fill in by default.
 */
export function computeManifestSha256(value: unknown): string {
  const { [HASH_KEY]: _, ...rest } = value as Readonly<Record<string, unknown>>;
  return createHash('sha256')
    .update(JSON.stringify(sortKeys(rest)))
    .digest('hex');
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, part]) => [key, sortKeys(part)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
