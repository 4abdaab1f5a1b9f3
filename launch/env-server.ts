import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pc from 'picocolors';
import type { AutoresetMode } from '../sim/config.ts';
import { type Address, parseAddress } from '../sim/env-server/address.ts';
import type { EnvRequest } from '../sim/env-server/requests.ts';
import { type EnvServer, type SessionEvent, startEnvServer } from '../sim/env-server/server.ts';
import { makeTaskEnv } from '../sim/env-server/task-env.ts';
import { UserError } from '../sim/errors.ts';
import type { RandomizationConfig } from '../sim/randomize/config.ts';
import type { VecEnvOptions } from '../sim/vec-env/vec-env.ts';
import { type EpisodesOptions, fixDifficulty, planEpisodes } from './episodes/plan.ts';
import { EXIT, makePrinter, printJson } from './output.ts';
import { Problems } from './problems.ts';

/** Options of `zerogap episodes --env-server`, as the command line parses them. */
export interface EnvServerOptions
  extends Pick<
    EpisodesOptions,
    'task' | 'robot' | 'engine' | 'workers' | 'randomize' | 'difficulty' | 'terrain' | 'json'
  > {
  /** Where to listen; true: a Unix socket in a folder of its own, on Windows any port of this machine. */
  readonly envServer: string | true;
  /** Of each client that asks for nothing else. */
  readonly numEnvs: number;
  readonly autoreset: AutoresetMode;
  readonly maxClients: number;
  /** Whoever has started us holds the other end of our standard input; it closes when they die. */
  readonly exitWithStdin?: boolean;
}

/** What a client gets that asks for nothing else. */
type Served = Omit<VecEnvOptions, 'numWorkers'> & {
  readonly task: string;
  readonly numEnvs: number;
  readonly autoreset: AutoresetMode;
  readonly randomization: RandomizationConfig;
  readonly workers: number | undefined;
};

/**
 * Serves a task's environments until a signal ends it.
 * @param name and version, for the clients
 * @throws UserErrors for everything that is wrong with the options, UserError for an address that is taken
 */
export async function runEnvServer(options: EnvServerOptions, name: string): Promise<number> {
  const { json = false } = options;
  const print = makePrinter({ json });
  const served = await planServed(options);
  const place = choosePlace(options.envServer);
  const totals = { clients: 0, steps: 0 };
  const ended = waitForEnd(options.exitWithStdin === true);
  let server: EnvServer | undefined;
  try {
    server = await startEnvServer({
      address: place.address,
      name,
      token: process.env.ZEROGAP_ENV_TOKEN,
      maxSessions: options.maxClients,
      makeEnv: (request) => makeTaskEnv(chooseEnv(served, request)),
      onSession: (event) => tell(event, totals),
    });
    // Whoever has started us reads this line to learn where to connect.
    print(`listening on ${server.address}`);
    process.stderr.write(
      `${pc.dim(`${served.numEnvs} environments of ${served.task} for each client; Ctrl-C ends it`)}\n`,
    );
    await ended;
  } finally {
    await server?.close();
    place.remove();
  }
  if (json) printJson({ task: served.task, address: server.address, ...totals });
  return EXIT.success;
}

/** @throws UserErrors with everything that is wrong, before any client has come */
async function planServed(options: EnvServerOptions): Promise<Served> {
  const { numEnvs, autoreset, workers } = options;
  const problems = new Problems();
  const { envServer: address } = options;
  await problems.attempt(() => (address === true ? undefined : parseAddress(address)));
  const own = { episodes: 1, seed: 0, policy: 'random', inSequence: true };
  const plan = await problems.attempt(() => planEpisodes({ ...options, ...own }));
  problems.throwIfAny();
  // Without a plan there is a problem.
  const { job } = plan!;
  const { task, model: robot, engine, randomization, terrain } = job;
  return {
    ...{ task, robot, engine, randomization, numEnvs, autoreset, workers },
    ...(terrain && { terrain }),
  };
}

/** What the client asks for instead of what the server was started with. */
function chooseEnv({ workers, ...env }: Served, request: EnvRequest): VecEnvOptions {
  const { task, numEnvs = env.numEnvs, autoreset = env.autoreset, difficulty } = request;
  if (task !== undefined && task !== env.task) {
    throw new UserError({
      where: 'hello: env.task',
      problem: 'this server serves another task',
      expected: `'${env.task}', or none named`,
      got: `'${task}'`,
      remedy: 'Start a server for that task, or connect to it',
    });
  }
  const drawn = request.randomization ?? env.randomization;
  const randomization =
    difficulty === undefined ? drawn : fixDifficulty(drawn, difficulty, 'hello: env.difficulty');
  return { ...env, numEnvs, autoreset, randomization, numWorkers: workers };
}

function choosePlace(given: string | true): { readonly address: Address; remove(): void } {
  if (given !== true) return { address: parseAddress(given), remove: () => {} };
  if (process.platform === 'win32') {
    return { address: { kind: 'tcp', host: '127.0.0.1', port: 0 }, remove: () => {} };
  }
  const folder = mkdtempSync(join(tmpdir(), 'zerogap-'));
  return {
    address: { kind: 'unix', path: join(folder, 'env.sock') },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function tell(event: SessionEvent, totals: { clients: number; steps: number }): void {
  const { what, numEnvs, numSteps, error } = event;
  if (what === 'began') {
    totals.clients++;
    process.stderr.write(`client ${totals.clients} has connected\n`);
    return;
  }
  totals.steps += numSteps * (numEnvs ?? 0);
  const sum = numEnvs === undefined ? 'without a word' : `after ${numSteps} steps of ${numEnvs}`;
  process.stderr.write(`a client has left ${sum}\n`);
  if (error !== undefined) process.stderr.write(`${pc.red('its environments')}: ${error}\n`);
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function waitForEnd(exitWithStdin: boolean): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of SIGNALS) process.once(signal, () => resolve());
    if (!exitWithStdin) return;
    process.stdin.on('end', resolve).on('close', resolve).on('error', resolve).resume();
  });
}
