import { once } from 'node:events';
import pc from 'picocolors';
import { makeInspection } from '../../nodes/viewer/inspection.ts';
import { startViewerServer } from '../../nodes/viewer/server.ts';
import { UserError } from '../../sim/errors.ts';
import { ensurePageBuilt } from '../../web-viewer/build.ts';
import { encodeServerMessage } from '../../web-viewer/codec.ts';
import { makePrinter, printJson } from '../output.ts';
import type { InspectReport } from './report.ts';

/** Options of `inspect` that are about the page. */
export interface InspectPageOptions {
  readonly page?: boolean;
  readonly host?: string;
  readonly port?: number;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Shows an inspected robot on a page until a signal comes; under `--json` the one line comes first, with the address.
 * @throws UserError for what is no robot, or an address that cannot be listened on
 */
export async function showInspection(
  target: string,
  report: InspectReport,
  options: InspectPageOptions & { readonly json: boolean },
): Promise<void> {
  if (report.robot === undefined) throw refuse(target, report.kind);
  const { welcome, files } = makeInspection(report.robot);
  const greeting = encodeServerMessage({ type: 'welcome', welcome });
  const server = await startViewerServer({
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 8080,
    pageDir: await ensurePageBuilt(),
    files,
    greet: () => [greeting],
    act: async (action) => ({ ok: false, text: `nothing runs here, so nothing can ${action}` }),
    onProblem: (text) => void process.stderr.write(`${pc.yellow('warn')} [viewer] ${text}\n`),
  });
  const ended = new AbortController();
  const end = () => ended.abort();
  for (const signal of SIGNALS) process.on(signal, end);
  const { ok, kind, problems, warnings } = report;
  makePrinter(options)(`page  ${pc.cyan(server.url)}   (Ctrl-C ends)`);
  if (options.json) printJson({ ok, kind, url: server.url, problems, warnings });
  await once(ended.signal, 'abort');
  for (const signal of SIGNALS) process.off(signal, end);
  await server.close();
}

function refuse(target: string, kind: InspectReport['kind']): UserError {
  return new UserError({
    where: `inspect ${target} --page`,
    problem: 'there is nothing to draw',
    expected: 'a robot',
    got: kind === 'episode' ? 'an episode' : `a ${kind}`,
    remedy:
      kind === 'recording'
        ? 'Use `zerogap replay`, which shows what was recorded.'
        : 'Leave --page out.',
  });
}
