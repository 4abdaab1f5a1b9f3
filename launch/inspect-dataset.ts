import { checkFiles } from '../sim/dataset/check-files.ts';
import { readJournal } from '../sim/dataset/journal.ts';
import { listFacts } from '../sim/dataset/report/html.ts';
import { computeQuality } from '../sim/dataset/report/quality.ts';
import { countUnderWay } from '../sim/dataset/spool.ts';
import type { InspectReport } from './inspect-report.ts';

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
  const { problems } = report;
  const last = readJournal(folder).at(-1);
  const numComplete = last === undefined ? 0 : last.firstEpisode + last.numEpisodes;
  const episodesUnderWay = countUnderWay(folder, numComplete);
  const warnings = [
    ...report.warnings,
    ...(episodesUnderWay === 0 ? [] : [describeUnderWay(episodesUnderWay)]),
  ];
  return {
    kind: 'dataset',
    ok: problems.length === 0,
    problems,
    warnings,
    details: { path: folder, ...report, warnings, episodesUnderWay },
    lines: [
      `dataset  ${folder}: ${report.task}`,
      ...listFacts(report).map(([name, value]) => `  ${name.padEnd(13)} ${value}`),
    ],
  };
}

function describeUnderWay(count: number): string {
  return `besides, ${count} ${count === 1 ? 'episode' : 'episodes'} of shards that are not complete; episodes --resume goes on with them`;
}
