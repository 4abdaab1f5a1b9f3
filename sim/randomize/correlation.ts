import { UserError } from '../errors.ts';
import type { Correlation, Moment, RandomizationConfig } from './config.ts';
import type { Entry } from './entries.ts';
import { PROPERTIES } from './properties.ts';

/** Numbers whose normal scores are drawn together, at one moment. */
export interface CorrelatedGroup {
  /** In the order of the context. */
  readonly names: readonly string[];
  /** [n, n] lower triangular: times independent scores it gives those of the numbers */
  readonly root: Float64Array;
}

/**
 * The correlated numbers of a configuration: one group per moment, in which what is not named together is
 * independent.
 */
export function makeGroups(
  config: RandomizationConfig,
  entries: readonly Entry[],
): readonly CorrelatedGroup[] {
  return listMoments(config, entries).map(({ names }) => {
    const root = computeRoot(makeMatrix(config, entries, names), names.length);
    if (root === undefined) throw new RangeError('makeGroups: the correlations cannot be');
    return { names, root };
  });
}

/** Everything that is wrong with what is to be correlated. */
export function checkCorrelations(
  config: RandomizationConfig,
  entries: readonly Entry[],
  where: string,
): UserError[] {
  const problems = config.correlations.flatMap((correlation, k) =>
    checkNames(correlation, entries, `${where}: correlations[${k}]`),
  );
  problems.push(...checkPairs(config, entries, where));
  if (problems.length > 0) return problems;
  return listMoments(config, entries).flatMap(({ names }) => {
    if (computeRoot(makeMatrix(config, entries, names), names.length) !== undefined) return [];
    return [
      new UserError({
        where: `${where}: correlations`,
        problem: 'no numbers can go together in this way: the matrix is not positive definite',
        expected: `coefficients that can hold at once; n numbers with one coefficient need more than -1/(n - 1)`,
        got: config.correlations
          .map(({ of, coefficient }) => `${coefficient} between ${of.join(', ')}`)
          .join('; '),
        remedy: 'Bring the coefficients nearer to 0',
      }),
    ];
  });
}

function checkNames({ of }: Correlation, entries: readonly Entry[], where: string): UserError[] {
  const unknown = of.flatMap((name, i) => {
    if (expand(name, entries).length > 0) return [];
    const isKnown = name in PROPERTIES || entries.some((entry) => entry.name === name);
    const drawn = [...new Set(entries.filter(isDrawn).map(({ key }) => key))];
    return [
      new UserError({
        where: `${where}.of[${i}]`,
        problem: isKnown ? 'it is not drawn, so it goes with nothing' : 'there is no such property',
        expected: `one of those that are drawn: ${drawn.join(', ') || '(none)'}`,
        got: name,
        remedy: isKnown ? 'Give it a distribution, or leave it out' : 'Correct the name',
      }),
    ];
  });
  if (unknown.length > 0) return unknown;
  const members = of.flatMap((name) => expand(name, entries));
  const moments = [...new Set(members.map(describeMoment))];
  if (moments.length === 1) return [];
  return [
    new UserError({
      where: `${where}.of`,
      problem: 'they are drawn at different moments',
      expected: 'one moment for all',
      got: members.map((entry) => `${entry.name}: ${describeMoment(entry)}`).join(', '),
      remedy: 'Give them the same moment, and the same everyS',
    }),
  ];
}

/** No pair may be told twice. */
function checkPairs(
  config: RandomizationConfig,
  entries: readonly Entry[],
  where: string,
): UserError[] {
  const told = new Set<string>();
  return config.correlations.flatMap(({ of }, k) => {
    const names = of.flatMap((name) => expand(name, entries)).map(({ name }) => name);
    const problems: UserError[] = [];
    names.forEach((first, i) => {
      for (const second of names.slice(i + 1)) {
        const pair = [first, second].sort().join(' and ');
        if (!told.has(pair)) {
          told.add(pair);
          continue;
        }
        problems.push(
          new UserError({
            where: `${where}: correlations[${k}].of`,
            problem: 'a pair has two coefficients',
            expected: 'every two numbers together once',
            got: pair,
            remedy: 'Remove one of them',
          }),
        );
      }
    });
    return problems;
  });
}

/** The drawn numbers that a name stands for: itself, or all of a property. */
function expand(name: string, entries: readonly Entry[]): readonly Entry[] {
  return entries.filter(
    (entry) =>
      isDrawn(entry) && entry.key !== 'difficulty' && (entry.name === name || entry.key === name),
  );
}

function isDrawn({ distribution }: Entry): boolean {
  return typeof distribution !== 'number';
}

function describeMoment({ distribution }: Entry): string {
  if (typeof distribution === 'number') return 'never';
  const { moment = 'reset', everyS } = distribution;
  return everyS === undefined ? moment : `${moment satisfies Moment} ${everyS} s`;
}

function listMoments(config: RandomizationConfig, entries: readonly Entry[]) {
  const named = new Set(
    config.correlations.flatMap(({ of }) =>
      of.flatMap((name) => expand(name, entries).map((entry) => entry.name)),
    ),
  );
  const byMoment = new Map<string, string[]>();
  for (const entry of entries) {
    if (!named.has(entry.name)) continue;
    const moment = describeMoment(entry);
    byMoment.set(moment, [...(byMoment.get(moment) ?? []), entry.name]);
  }
  return [...byMoment.values()].map((names) => ({ names }));
}

/** [n, n] */
function makeMatrix(
  config: RandomizationConfig,
  entries: readonly Entry[],
  names: readonly string[],
): Float64Array {
  const n = names.length;
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) matrix[i * n + i] = 1;
  for (const { of, coefficient } of config.correlations) {
    const places = of
      .flatMap((name) => expand(name, entries))
      .map(({ name }) => names.indexOf(name))
      .filter((place) => place >= 0);
    for (const i of places) for (const j of places) if (i !== j) matrix[i * n + j] = coefficient;
  }
  return matrix;
}

/** Cholesky's factor, or undefined for a matrix that has none. */
function computeRoot(matrix: Float64Array, n: number): Float64Array | undefined {
  const root = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * n + j]!;
      for (let k = 0; k < j; k++) rest -= root[i * n + k]! * root[j * n + k]!;
      if (i !== j) root[i * n + j] = rest / root[j * n + j]!;
      // 1e-9: what rounding leaves of a matrix that is singular.
      else if (rest > 1e-9) root[i * n + i] = Math.sqrt(rest);
      else return undefined;
    }
  }
  return root;
}
