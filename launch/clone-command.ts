import type { EvaluationScore } from '../policies/manifest.ts';
import type { CloneProgress } from '../policies/training/clone.ts';
import { parseValue } from '../sim/schema.ts';
import { CloneOptions, clone } from './clone.ts';
import { EXIT, makePrinter, ProgressLine, printJson } from './output.ts';
import { setValue, type Tree } from './set-value.ts';

/** Options of `zerogap clone`, as the command line parses them. */
export interface CloneCommandOptions {
  readonly task: string;
  readonly out: string;
  readonly seed: number;
  readonly episodes: number;
  readonly rounds?: number;
  /** `key=value` each. */
  readonly set: readonly string[];
  readonly json?: boolean;
}

const PHASES = { fly: 'flying', fit: 'fitting', evaluate: 'judging' } as const;

/** `zerogap clone`: teaches a network what the task's classical controller does. */
export async function runClone(options: CloneCommandOptions): Promise<number> {
  const { json = false, set, ...named } = options;
  const settings = readSettings(named, set);
  const print = makePrinter({ json });
  let latest: CloneProgress = { phase: 'fly', round: 0, share: 0 };
  const progress = new ProgressLine(
    () => `${(100 * latest.share).toFixed(0)} % · round ${latest.round} · ${PHASES[latest.phase]}`,
  );
  const report = await clone({
    ...settings,
    onProgress: (now) => {
      latest = now;
    },
  }).finally(() => progress.stop());
  for (const { round, rows, trainLoss, heldOutLoss } of report.curve) {
    print(
      `round ${round}  ${rows} states  loss ${trainLoss.toExponential(2)}, held out ${heldOutLoss.toExponential(2)}`,
    );
  }
  print(describeScore('policy ', report.policy));
  print(describeScore('teacher', report.teacher));
  print(`wrote ${report.out} after ${report.wallS.toFixed(0)} s`);
  if (json) printJson(report);
  return EXIT.success;
}

/** @throws UserErrors with every key that is unknown or does not fit */
function readSettings(named: Tree, set: readonly string[]): CloneOptions {
  const tree = structuredClone(named);
  for (const one of set) setValue(tree, one);
  return parseValue(CloneOptions, tree, {
    where: '--set',
    remedy: 'Every key is described in launch/clone.ts',
  });
}

function describeScore(name: string, score: EvaluationScore): string {
  const metrics = Object.entries(score.metrics).map(
    ([key, value]) => `${key} ${value.toPrecision(3)}`,
  );
  return `${name}  ${(100 * score.successRate).toFixed(1)} % of ${score.episodes} episodes · ${metrics.join(', ')}`;
}
