import { statSync } from 'node:fs';
import { extname } from 'node:path';
import { inspectRecording, openRecording } from '../../nodes/recording/mcap-reader.ts';
import type { PolicyManifest } from '../../policies/manifest.ts';
import { inspectPolicy } from '../../policies/runtime/policy.ts';
import { isDataset } from '../../sim/dataset/folder.ts';
import { UserError } from '../../sim/errors.ts';
import { listRobots } from '../../sim/robot/load.ts';
import { EXIT, makePrinter, printJson } from '../output.ts';
import { findPolicyFile, listTrainedPolicies } from '../paths.ts';
import { inspectEpisode, isEpisode } from './episode.ts';
import type { InspectPageOptions } from './page.ts';
import { describeRanges } from './ranges.ts';
import type { InspectReport } from './report.ts';
import { type InspectRobotOptions, inspectRobot } from './robot.ts';

export type InspectOptions = InspectRobotOptions &
  InspectPageOptions & {
    readonly json: boolean;
    /** Folder for the episodes of a dataset whose shards are not complete. */
    readonly salvage?: string;
  };

/** `zerogap inspect`: exit code 0 if the file is sound, 2 if it has problems. With `--page`, at the end of it. */
export async function runInspect(target: string, options: InspectOptions): Promise<number> {
  const print = makePrinter(options);
  const { salvage } = options;
  if (salvage !== undefined && !isDataset(target)) throw refuseSalvage(target);
  const report = await inspect(target, options);
  for (const line of report.lines) print(line);
  for (const warning of report.warnings) print(`warning: ${warning}`);
  for (const problem of report.problems) print(`problem: ${problem}`);
  if (salvage !== undefined) {
    const { salvageDataset } = await import('./dataset.ts');
    print(await salvageDataset(target, salvage));
  }
  print(report.ok ? `${report.kind} is sound` : `${report.problems.length} problem(s)`);
  if (options.page === true) {
    const { showInspection } = await import('./page.ts');
    await showInspection(target, report, options);
  } else if (options.json) {
    const { kind, ok, problems, warnings, details } = report;
    printJson({ ok, kind, problems, warnings, ...details });
  }
  return report.ok ? EXIT.success : EXIT.badInput;
}

async function inspect(target: string, options: InspectRobotOptions): Promise<InspectReport> {
  const extension = extname(target).toLowerCase();
  if (extension === '.onnx' || listTrainedPolicies().includes(target))
    return inspectPolicyFile(findPolicyFile(target, 'inspect'));
  if (extension === '.mcap' || isRecordingFolder(target)) return inspectRecordingFile(target);
  if (isDataset(target)) {
    const { inspectDataset } = await import('./dataset.ts');
    return inspectDataset(target);
  }
  const isDescription = extension === '.urdf' || extension === '.xacro';
  if (isDescription || isFolder(target) || listRobots().includes(target)) {
    return inspectRobot(target, options);
  }
  throw new UserError({
    where: `inspect ${target}`,
    problem: 'not a kind of file that can be inspected',
    expected: `.onnx, .mcap, .urdf, .xacro, a folder, a robot in the box (${listRobots().join(', ')}) or a shipped policy (${listTrainedPolicies().join(', ')})`,
    got: `'${target}'`,
    remedy: 'Give one of these.',
  });
}

function refuseSalvage(target: string): UserError {
  return new UserError({
    where: '--salvage',
    problem: 'only a dataset has episodes that can be salvaged',
    expected: 'the folder of a dataset',
    got: `'${target}'`,
    remedy: 'Leave --salvage away, or give the folder of --out',
  });
}

function isFolder(target: string): boolean {
  return statSync(target, { throwIfNoEntry: false })?.isDirectory() === true;
}

function isRecordingFolder(target: string): boolean {
  return (
    isFolder(target) && statSync(`${target}/metadata.yaml`, { throwIfNoEntry: false }) !== undefined
  );
}

async function inspectPolicyFile(path: string): Promise<InspectReport> {
  const found = await inspectPolicy(path);
  const { manifest, model, goldenError } = found;
  const lines = [`policy  ${path} (${found.size} bytes)`];
  if (model !== undefined)
    lines.push(
      `  graph         opset ${Object.values(model.opsets).join(', ')}, ${model.numParameters} parameters, ${model.inputs.map(describeValue).join(', ')} → ${model.outputs.map(describeValue).join(', ')}`,
    );
  if (manifest !== undefined) {
    lines.push(
      `  task          ${manifest.task} on ${manifest.robot}, every ${manifest.periodS} s`,
      `  joints        ${manifest.jointNames.join(', ')}`,
      ...(manifest.privileged === undefined
        ? ['  observations', ...manifest.observations.map(describeTerm)]
        : describePrivileged(manifest.privileged)),
      `  action        ${manifest.action.kind}, clip [${manifest.action.clip.join(', ')}]`,
      ...manifest.evaluation.map(
        (score) =>
          `  score         ${score.controller}: ${(100 * score.successRate).toFixed(1)} % of ${score.episodes} episodes of ${score.task} in ${score.engine}`,
      ),
      `  made by       ${manifest.provenance.tool}, ${manifest.provenance.method}, seed ${manifest.provenance.seed}, commit ${manifest.provenance.commit}`,
      ...(manifest.provenance.notes ? [`                ${manifest.provenance.notes}`] : []),
      ...describeRanges(manifest.randomization),
    );
  }
  if (goldenError !== undefined)
    lines.push(`  golden        replayed, error ${goldenError.toExponential(1)}`);
  return {
    kind: 'policy',
    ok: found.problems.length === 0,
    problems: found.problems.map((problem) => problem.message),
    warnings: [
      ...found.warnings,
      ...(manifest?.privileged ? ['no robot can run it: it is there to teach, or to compare'] : []),
    ],
    details: { path, size: found.size, graphSha256: model?.graphSha256, manifest, goldenError },
    lines,
  };
}

async function inspectRecordingFile(path: string): Promise<InspectReport> {
  const recording = await openRecording(path);
  if (isEpisode(recording)) return inspectEpisode(recording);
  const found = await inspectRecording(path);
  // A run that was killed leaves a file without its end; what is in it is as good as any other.
  const warnings = found.problems.filter(
    (problem) => !found.isComplete && /^reading ended/.test(problem),
  );
  const problems = found.problems.filter((problem) => !warnings.includes(problem));
  const { durationS } = found;
  return {
    kind: 'recording',
    ok: problems.length === 0,
    problems,
    warnings,
    details: { ...found },
    lines: [
      `recording  ${found.path} (${found.size} bytes)`,
      `  ${found.isComplete ? 'complete' : 'cut short'}, ${found.numMessages} messages over ${durationS.toFixed(2)} s`,
      ...describeTopics(found.topics),
    ],
  };
}

/** One line a topic; the like topics of a fleet share one. */
function describeTopics(
  topics: readonly {
    readonly topic: string;
    readonly type: string;
    readonly numMessages: number;
  }[],
): string[] {
  const groups = new Map<
    string,
    { first: string; type: string; count: number; numMessages: number }
  >();
  for (const { topic, type, numMessages } of topics) {
    const pattern = topic.replace(/^(\/[a-z_]+)\d+\//, '$1*/');
    const group = groups.get(pattern) ?? { first: topic, type, count: 0, numMessages: 0 };
    group.count++;
    group.numMessages += numMessages;
    groups.set(pattern, group);
  }
  return [...groups].map(([pattern, { first, type, count, numMessages }]) => {
    const name = count > 1 ? `${pattern} (${count} topics)` : first;
    return `  ${String(numMessages).padStart(8)}  ${name}  ${type}`;
  });
}

function describeValue(value: {
  readonly name: string;
  readonly shape: readonly unknown[];
}): string {
  return `${value.name} [${value.shape.join(', ')}]`;
}

function describeTerm(term: PolicyManifest['observations'][number]): string {
  return `    ${term.name.padEnd(24)} [${term.width}]${describeHistory(term)} ${term.unit}${term.frame ? ` in ${term.frame}` : ''}, scale ${term.scale}`;
}

/** Neighbours of one name and kind share a line: `linearVelocityB [3] m/s, scale 1: x, y, z`. */
function describePrivileged({ columns }: NonNullable<PolicyManifest['privileged']>): string[] {
  const lines = new Map<string, { name: string; what: string; parts: string[] }>();
  for (const { name, unit, scale = 1, drawn } of columns) {
    const [head, ...rest] = name.split('.') as [string, ...string[]];
    const what = drawn === undefined ? `${unit}, scale ${scale}` : 'drawn, about −1 to 1';
    const line = lines.get(`${head} ${what}`) ?? { name: head, what, parts: [] };
    lines.set(`${head} ${what}`, line);
    line.parts.push(rest.join('.'));
  }
  return [
    `  sees          the true state, ${columns.length} columns, which no robot measures`,
    ...[...lines.values()].map(({ name, what, parts }) => {
      const named = parts.some((part) => part !== '') ? `: ${parts.join(', ')}` : '';
      return `    ${name.padEnd(24)} [${parts.length}] ${what}${named}`;
    }),
  ];
}

/** ` × 5, every 2`; nothing where there is none. */
function describeHistory({
  history,
  historyStride = 1,
}: PolicyManifest['observations'][number]): string {
  if (history === 1) return '';
  return ` × ${history}${historyStride === 1 ? '' : `, every ${historyStride}`}`;
}
