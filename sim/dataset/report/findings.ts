import type { QualityReport } from './quality.ts';

/** A part of a range is missing if this many episodes were to be expected in it: chance leaves it empty once in 20,000. */
const MIN_EXPECTED = 10;
/** [-] share of frames with an action at its limit from which on data says little of what is between */
const MUCH_SATURATION = 0.5;
/** [-] cells of two parameters that are empty beyond what chance leaves */
const MUCH_EMPTINESS = 0.1;

type Facts = Omit<QualityReport, 'schema' | 'problems' | 'warnings'>;

/** What a user should know before training on the data: what is wrong, and what may be. */
export function listFindings(facts: Facts): Pick<QualityReport, 'problems' | 'warnings'> {
  return { problems: listProblems(facts), warnings: listWarnings(facts) };
}

function listProblems({ nonFinite, duplicates }: Facts): string[] {
  const problems: string[] = [];
  if (nonFinite.numbers > 0) {
    problems.push(
      `${nonFinite.numbers} numbers are not finite, in episodes ${nonFinite.episodes.join(', ')}${nonFinite.episodes.length >= 20 ? ' …' : ''}`,
    );
  }
  if (duplicates.episodes > 0) {
    problems.push(`${duplicates.episodes} episodes are equal to others, number by number`);
  }
  return problems;
}

function listWarnings(facts: Facts): string[] {
  const { episodes, parameters, duplicates, saturation, pairs, successRate } = facts;
  const warnings = parameters.flatMap(({ name, bins, outside }) => {
    const found: string[] = [];
    const empty = bins.filter(
      (bin) => bin.episodes === 0 && episodes * (bin.share ?? 0) >= MIN_EXPECTED,
    ).length;
    if (empty > 0) {
      found.push(`${name}: nothing was drawn from ${empty} of ${bins.length} parts of its range`);
    }
    if (outside > 0) found.push(`${name}: ${outside} draws are outside of what was declared`);
    return found;
  });
  if (episodes === 0 && facts.underWay.episodes === 0) warnings.push('no episode has ended yet');
  for (const { names, cells, empty, expectedEmpty } of pairs) {
    if (episodes < MIN_EXPECTED * cells || empty - expectedEmpty < MUCH_EMPTINESS) continue;
    warnings.push(
      `${names.join(' with ')}: ${percent(empty)} of their combinations do not occur, ${percent(expectedEmpty)} if they were independent`,
    );
  }
  if (duplicates.firstObservations > duplicates.episodes) {
    warnings.push(`${duplicates.firstObservations} episodes begin with what another began with`);
  }
  for (const { action, share } of saturation) {
    if (share < MUCH_SATURATION) continue;
    warnings.push(`action '${action}' is at its limit in ${percent(share)} of the frames`);
  }
  if (episodes >= MIN_EXPECTED && (successRate === 0 || successRate === 1)) {
    warnings.push(successRate === 0 ? 'no episode was a success' : 'every episode was a success');
  }
  return warnings;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
