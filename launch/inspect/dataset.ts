import { checkFiles } from '../../sim/dataset/check-files.ts';
import { listFacts } from '../../sim/dataset/report/html.ts';
import { computeQuality } from '../../sim/dataset/report/quality.ts';
import { writeReport } from '../../sim/dataset/report/write-report.ts';
import { salvageEpisodes } from '../../sim/dataset/salvage.ts';
import type { InspectReport } from './report.ts';

/**
 * `zerogap inspect` of a dataset: its files, then what is in them.
 * @throws UserError if its description or journal cannot be read
 */
export function inspectDataset(folder: string): InspectReport {
  const damage = checkFiles(folder);
  if (damage.length > 0) {
    return {
      kind: 'dataset',
      ok: false,
      problems: damage,
      warnings: [],
      details: { path: folder },
      lines: [`dataset  ${folder}`],
    };
  }
  const report = computeQuality(folder);
  const { problems, underWay } = report;
  const warnings = [
    ...report.warnings,
    ...(underWay.episodes === 0 ? [] : [describeUnderWay(underWay.episodes)]),
  ];
  return {
    kind: 'dataset',
    ok: problems.length === 0,
    problems,
    warnings,
    details: { path: folder, ...report, warnings },
    lines: [
      `dataset  ${folder}: ${report.task}`,
      ...listFacts(report).map(([name, value]) => `  ${name.padEnd(13)} ${value}`),
    ],
  };
}

/** Takes the episodes out that no shard has yet. @returns what to tell. @throws UserError as `salvageEpisodes` */
export async function salvageDataset(folder: string, out: string): Promise<string> {
  const count = await salvageEpisodes(folder, out);
  await writeReport(out);
  return `salvaged ${count} ${count === 1 ? 'episode' : 'episodes'} into ${out}`;
}

function describeUnderWay(count: number): string {
  return `${count} ${count === 1 ? 'episode is' : 'episodes are'} in shards that are not complete: \`zerogap episodes\` with --resume makes them part of the dataset, \`zerogap inspect\` with --salvage writes them as one of their own`;
}
