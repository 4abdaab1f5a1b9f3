import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { RequestListener, ServerResponse } from 'node:http';
import path from 'node:path';

interface PageFile {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string | number>>;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/**
 * Answers requests for the built page, which is read into memory here (less than 1 MB). A request
 * then touches no file: nothing that a client sends, and no file that has gone since, can fail while it
 * is answered, in a process that may be running robots.
 * @param extras more files by path below the page, each named by its content
 */
export function makePageHandler(
  pageDir: string,
  extras: ReadonlyMap<string, Uint8Array> = new Map(),
): RequestListener {
  const files = readPage(pageDir);
  for (const [name, bytes] of extras) {
    const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    files.set(`/${name}`, { body, headers: makeHeaders(name, body, 'for ever') });
  }
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      answer(response, 405);
      return;
    }
    const [name = '/'] = (request.url ?? '/').split('?', 1);
    const file = files.get(name === '/' ? '/index.html' : name);
    if (file === undefined) {
      answer(response, 404);
      return;
    }
    for (const [header, value] of Object.entries(file.headers)) response.setHeader(header, value);
    const isKnown = request.headers['if-none-match']?.includes(String(file.headers.ETag)) === true;
    if (isKnown) answer(response, 304);
    else response.setHeader('Content-Length', file.body.length).end(file.body);
  };
}

function answer(response: ServerResponse, status: number): void {
  response.statusCode = status;
  response.end();
}

/** Every file below the folder by the path that a browser asks for. */
function readPage(pageDir: string): Map<string, PageFile> {
  const entries = readdirSync(pageDir, { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const file = path.join(entry.parentPath, entry.name);
        const name = `/${path.relative(pageDir, file).split(path.sep).join('/')}`;
        const body = readFileSync(file);
        // Files under /assets carry a hash of their content in their name.
        const kept = name.startsWith('/assets/') ? 'for ever' : 'asked about';
        return [name, { body, headers: makeHeaders(name, body, kept) }];
      }),
  );
}

/** @param kept whether a browser may use what it has without asking */
function makeHeaders(
  name: string,
  body: Buffer,
  kept: 'for ever' | 'asked about',
): PageFile['headers'] {
  return {
    'Content-Type': CONTENT_TYPES[path.extname(name)] ?? 'application/octet-stream',
    ETag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
    'Cache-Control': kept === 'for ever' ? 'max-age=31536000, immutable' : 'no-cache',
    'X-Content-Type-Options': 'nosniff',
    // A page of somebody else must not lay itself over a stop or reset button.
    'Content-Security-Policy':
      "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
  };
}
