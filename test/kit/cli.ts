import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../launch/bin.js', import.meta.url));

export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly child: ChildProcess;
  /** Resolves when the text has appeared on stdout or stderr; rejects if the process ends first. */
  waitFor(text: string | RegExp): Promise<string>;
  readonly result: Promise<CliResult>;
}

/** Plain text, also where whoever runs the tests asked for colours. */
export function makePlainEnvironment(): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _, ...environment } = process.env;
  return { ...environment, NO_COLOR: '1' };
}

export interface CliOptions {
  /** Beside what this process has. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A command that runs the rest of its line, such as `ip netns exec far`. */
  readonly under?: readonly string[];
}

/** Starts the real command line in a process of its own. */
export function startCli(args: readonly string[], options: CliOptions = {}): RunningCli {
  const [command = '', ...rest] = [...(options.under ?? []), process.execPath, BIN, ...args];
  const child = spawn(command, rest, {
    env: { ...makePlainEnvironment(), ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    tell();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    tell();
  });
  const result = new Promise<CliResult>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return {
    child,
    result,
    waitFor: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const all = stdout + stderr;
          if (typeof text === 'string' ? !all.includes(text) : !text.test(all)) return;
          listeners.delete(look);
          resolve(all);
        };
        listeners.add(look);
        void result.then(() => reject(new Error(`ended before '${text}':\n${stdout}${stderr}`)));
        look();
      }),
  };
}

export function runCli(args: readonly string[]): Promise<CliResult> {
  return startCli(args).result;
}

/** The last line of stdout, which `--json` promises to be one JSON object. */
export function readJsonLine(stdout: string): Record<string, unknown> {
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
}
