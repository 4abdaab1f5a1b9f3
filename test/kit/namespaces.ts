import { spawnSync } from 'node:child_process';

/** Two hosts as the kernel has them: network namespaces, joined by a cable. Nothing else is on it. */
export interface TwoHosts {
  readonly names: readonly [string, string];
  /** Pulls the cable out at the second host, or plugs it in again. The first one can still talk to itself. */
  setCable(state: 'up' | 'down'): void;
  remove(): void;
}

/** Addresses for documentation, RFC 5737: nobody has them. */
const ADDRESSES = ['192.0.2.101/24', '192.0.2.102/24'] as const;

/** @throws Error saying what is missing where namespaces may not be made */
export function makeTwoHosts(): TwoHosts {
  const names = [`zg${process.pid}a`, `zg${process.pid}b`] as const;
  const remove = () => {
    for (const name of names) spawnSync('ip', ['netns', 'del', name]);
  };
  try {
    for (const name of names) runIp('netns', 'add', name);
    const [a, b] = names;
    runIp('link', 'add', 'cable', 'netns', a, 'type', 'veth', 'peer', 'name', 'cable', 'netns', b);
    names.forEach((name, i) => {
      runIp('-n', name, 'addr', 'add', ADDRESSES[i]!, 'dev', 'cable');
      for (const device of ['lo', 'cable']) runIp('-n', name, 'link', 'set', device, 'up');
    });
  } catch (error) {
    remove();
    throw error;
  }
  return {
    names: [...names],
    setCable: (state) => runIp('-n', names[1], 'link', 'set', 'cable', state),
    remove,
  };
}

function runIp(...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status === 0) return;
  const got = error === undefined ? stderr.trim() : error.message;
  throw new Error(
    `ip ${args.join(' ')}: ${got}. Two hosts are network namespaces: run as root on Linux, with iproute2 and CAP_NET_ADMIN and CAP_SYS_ADMIN.`,
  );
}
