import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RESULT, Refusal } from './codes.ts';

/** @throws Refusal for a file that cannot be read */
export function readFileUri(uri: string): string {
  try {
    return readFileSync(fileURLToPath(uri), 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Refusal(RESULT.notFound, `'${uri}' cannot be read: ${reason}`);
  }
}
