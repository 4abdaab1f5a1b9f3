import { UserError } from '../errors.ts';

/** Where a server listens. */
export type Address =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

/** [bytes] sun_path of the smallest systems (macOS: 104), less the zero at its end. */
const MAX_PATH = 103;
const LOOPBACK = /^(127(\.\d{1,3}){3}|::1|localhost)$/;

/**
 * `unix:/path/of/socket` or a path with a slash; `tcp:127.0.0.1:7700`, `127.0.0.1:7700`, `[::1]:7700`; port 0 is any
 * free one.
 * @throws UserError for anything else
 */
export function parseAddress(text: string): Address {
  const path = /^unix:(.+)$/.exec(text)?.[1] ?? (text.includes('/') ? text : undefined);
  if (path !== undefined) {
    if (Buffer.byteLength(path) <= MAX_PATH) return { kind: 'unix', path };
    throw refuse(
      text,
      `a path of at most ${MAX_PATH} bytes`,
      'Choose a shorter one, such as /tmp/env',
    );
  }
  const match = /^(?:tcp:)?(?:\[([^\]]+)\]|([^:[\]]+)):(\d+)$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host !== undefined && port <= 65535) return { kind: 'tcp', host, port };
  throw refuse(text, 'unix:PATH or tcp:HOST:PORT, port 0 to 65535', 'Correct it, or leave it out');
}

export function formatAddress(address: Address): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  const { host, port } = address;
  return host.includes(':') ? `tcp:[${host}]:${port}` : `tcp:${host}:${port}`;
}

/** Whether nobody on another machine can connect. */
export function isLocal(address: Address): boolean {
  return address.kind === 'unix' || LOOPBACK.test(address.host);
}

function refuse(text: string, expected: string, remedy: string): UserError {
  return new UserError({
    where: 'address of the environment server',
    problem: 'this is no address to listen on',
    expected,
    got: `'${text}'`,
    remedy,
  });
}
