import pc from 'picocolors';
import type { Middleware } from '../nodes/ros/middleware.ts';
import { checkConfig, readProfile, type StartConfig } from './config.ts';
import { EXIT, makePrinter, ProgressLine, printJson, reportError } from './output.ts';
import { makeStack, type Stack } from './stack.ts';
import type { Summary } from './summary.ts';

/** Options of `zerogap start`, as the command line parses them; each overrides the profile. */
export interface StartOptions {
  readonly profile: string;
  readonly duration?: number;
  readonly robots?: number;
  readonly policy?: string;
  readonly robot?: string;
  readonly seed?: number;
  readonly provider?: StartConfig['runtime']['provider'];
  readonly realTimeFactor?: number;
  readonly middleware?: Middleware;
  readonly headless?: boolean;
  readonly host?: string;
  readonly port?: number;
  readonly out?: string;
  readonly record?: boolean;
  readonly json?: boolean;
}

/** Runs a fleet until its time is up or a signal comes; returns the exit code. */
export async function runStart(options: StartOptions): Promise<number> {
  const config = checkConfig(applyOptions(readProfile(options.profile), options));
  const print = makePrinter({ json: options.json === true });
  const stack = await makeStack(config, {
    profile: options.profile,
    log: printLog,
    middleware: options.middleware,
  });
  const stopListening = listenForTheEnd(stack);
  printHead(stack, config, print);
  const progress = new ProgressLine(() => renderProgress(stack, options.duration));
  try {
    await stack.run(options.duration ?? Number.POSITIVE_INFINITY);
  } finally {
    progress.stop();
    await stack.close();
    stopListening();
  }
  const summary = stack.summarize();
  if (options.json) printJson(summary);
  else printSummary(stack, print);
  if (stack.error !== undefined) throw stack.error;
  return EXIT.success;
}

/** [ms] npm passes on a Ctrl-C that the terminal has sent already; only a later one is a second one */
const SECOND_SIGNAL_MS = 1000;
/** [ms] for recordings to be closed after an internal error */
const CRASH_TIMEOUT_MS = 3000;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * The first signal stops the motors and ends the run; a later one ends the process, whatever hangs. An
 * error that nobody caught stops the motors too, before it ends the process.
 * @returns what ends the listening
 */
function listenForTheEnd(stack: Stack): () => void {
  let firstMs: number | undefined;
  const onSignal = () => {
    const nowMs = performance.now();
    firstMs ??= nowMs;
    stack.requestEnd('a signal ended the run');
    if (nowMs - firstMs > SECOND_SIGNAL_MS) process.exit(EXIT.failure);
  };
  const onCrash = (error: unknown) => {
    stack.requestEnd('an internal error ended the run');
    const code = reportError(error);
    // What can still be saved is saved; a clean-up that hangs must not keep the process.
    setTimeout(() => process.exit(code), CRASH_TIMEOUT_MS).unref();
    void stack.close().finally(() => process.exit(code));
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  // Whoever read the output is gone (`| head`): nobody watches any more.
  process.stdout.on('error', onSignal);
  process.on('uncaughtException', onCrash);
  return () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    process.stdout.off('error', onSignal);
    process.off('uncaughtException', onCrash);
  };
}

function applyOptions(profile: StartConfig, options: StartOptions): StartConfig {
  const { viewer, recording } = profile;
  return {
    ...profile,
    numRobots: options.robots ?? profile.numRobots,
    policy: options.policy ?? profile.policy,
    robot: options.robot ?? profile.robot,
    seed: options.seed ?? profile.seed,
    runtime: { ...profile.runtime, provider: options.provider ?? profile.runtime.provider },
    realTimeFactor: options.realTimeFactor ?? profile.realTimeFactor,
    viewer: {
      ...viewer,
      enabled: viewer.enabled && options.headless !== true,
      host: options.host ?? viewer.host,
      port: options.port ?? viewer.port,
    },
    recording: {
      ...recording,
      enabled: recording.enabled && options.record !== false,
      folder: options.out ?? recording.folder,
    },
  };
}

function printHead(stack: Stack, config: StartConfig, print: (line: string) => void): void {
  const { policy, viewer, recorder } = stack.parts;
  const { name, periodS } = policy.manifest;
  const url = viewer?.url;
  print(
    `${pc.bold('zerogap')}  ${config.numRobots} × ${config.robot}, policy ${name} at ${Math.round(1 / periodS)} Hz on ${policy.provider.used}, seed ${config.seed}`,
  );
  print(`  middleware ${stack.parts.middleware}`);
  if (url !== undefined) print(`  page       ${pc.cyan(url)}`);
  if (recorder !== undefined) print(`  recording  ${recorder.path}`);
  print(`  stop       Ctrl-C${url === undefined ? '' : ', or the button on the page'}`);
}

function renderProgress(stack: Stack, durationS: number | undefined): string {
  const s = stack.summarize();
  const end = durationS === undefined ? '' : ` / ${durationS.toFixed(0)}`;
  const { clamp, hold, damp, stop } = s.safety;
  const bad = hold + damp + stop;
  const parts = [
    `t ${s.durationS.toFixed(1)}${end} s`,
    `×${s.realTimeFactor.toFixed(2)} real time`,
    s.episodes === undefined
      ? `error ${describeError(s.meanPositionErrorM, 2)}`
      : describeEpisodes(s.episodes),
    `ticks ${s.policyTicks}`,
    `late p99 ${((s.timing.jitterP99 ?? 0) / 1000).toFixed(1)} ms`,
    `clamped ${clamp}`,
    bad > 0 ? pc.red(`held ${hold} damped ${damp} stopped ${stop}`) : pc.green('no hazard'),
    `pages ${s.viewer.clients}`,
  ];
  return parts.join(pc.dim(' · '));
}

function describeError(metres: number | null, digits: number): string {
  return metres === null ? '(not on course yet)' : `${metres.toFixed(digits)} m`;
}

function describeEpisodes({ count, successRate }: NonNullable<Summary['episodes']>): string {
  const share = successRate === null ? '' : `, ${(100 * successRate).toFixed(0)} % succeeded`;
  return `episodes ${count}${share}`;
}

function printSummary(stack: Stack, print: (line: string) => void): void {
  const s = stack.summarize();
  const { pass, clamp, hold, damp, stop } = s.safety;
  const how =
    s.episodes === undefined
      ? `mean position error ${describeError(s.meanPositionErrorM, 3)}`
      : describeEpisodes(s.episodes);
  print(
    `ran ${s.durationS.toFixed(2)} s (×${s.realTimeFactor.toFixed(2)} real time), ${s.policyTicks} policy ticks, ${how}`,
  );
  if (s.episodes !== undefined) printEpisodes(s.episodes, print);
  print(
    `safety: ${pass} passed, ${clamp} clamped, ${hold} held, ${damp} damped, ${stop} stopped commands`,
  );
  for (const file of s.recordings) print(`recording: ${file}`);
}

function printEpisodes(
  { ends, metrics }: NonNullable<Summary['episodes']>,
  print: (line: string) => void,
): void {
  const list = (numbers: Readonly<Record<string, number>>, digits: number) =>
    Object.entries(numbers)
      .map(([name, value]) => `${name} ${Number(value.toPrecision(digits))}`)
      .join(', ');
  print(`ended: ${list(ends, 12) || 'none yet'}`);
  if (Object.keys(metrics).length > 0) print(`means: ${list(metrics, 3)}`);
}

function printLog(level: 'debug' | 'info' | 'warn' | 'error', node: string, message: string): void {
  if (level === 'debug' || level === 'info') return;
  const colour = level === 'error' ? pc.red : pc.yellow;
  process.stderr.write(
    `${process.stderr.isTTY ? '\r\x1b[2K' : ''}${colour(level)} [${node}] ${message}\n`,
  );
}
