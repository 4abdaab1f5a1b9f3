import type { Distribution, Schedule, SharedDistribution, Spread } from './config.ts';
import { computeSupport, type Plain } from './distribution.ts';
import { getProperty, type PropertyKey } from './properties.ts';

export interface DistributionProblem {
  readonly problem: string;
  readonly expected: string;
  readonly got: unknown;
}

const KINDS = ['uniform', 'logUniform', 'normal', 'choice'] as const;

/** The first thing that is wrong with what a property is to be drawn from, if there is one. */
export function findDistributionProblem(
  key: PropertyKey,
  distribution: SharedDistribution,
): DistributionProblem | undefined {
  if (typeof distribution === 'number') return findRangeProblem(key, distribution);
  const { perJoint, ...common } = distribution;
  return (
    findKindProblem(common) ??
    findMomentProblem(key, common) ??
    findRangeProblem(key, common) ??
    (perJoint === undefined || perJoint === true
      ? undefined
      : (findSpreadProblem(perJoint) ?? findRangeProblem(key, perJoint)))
  );
}

function findKindProblem(
  distribution: Exclude<Distribution, number>,
): DistributionProblem | undefined {
  const { schedule, moment: _moment, everyS: _everyS, why: _why, ...spread } = distribution;
  if (schedule === undefined) return findSpreadProblem(spread);
  if (listKinds(spread).length > 0 || spread.clip !== undefined) {
    return {
      problem: 'a schedule says by itself what is drawn',
      expected: 'nothing beside it',
      got: spread,
    };
  }
  return findScheduleProblem(schedule);
}

function findScheduleProblem({ from, to }: Schedule): DistributionProblem | undefined {
  const problem =
    findSpreadProblem(to) ?? (typeof from === 'number' ? undefined : findSpreadProblem(from));
  if (problem !== undefined) return problem;
  const [kind] = listKinds(to);
  if (kind === 'choice') {
    return {
      problem: 'there is nothing between two lists',
      expected: 'a schedule of uniform, logUniform or normal',
      got: to,
    };
  }
  if (typeof from === 'number' || listKinds(from)[0] === kind) return undefined;
  return {
    problem: 'a schedule goes from one kind to another',
    expected: `${kind} at both ends`,
    got: from,
  };
}

function findSpreadProblem(spread: Spread): DistributionProblem | undefined {
  const kinds = listKinds(spread);
  if (kinds.length !== 1) {
    return {
      problem:
        kinds.length === 0 ? 'nothing says what is drawn' : 'it is drawn from two things at once',
      expected: `one of ${KINDS.join(', ')}, schedule`,
      got: spread,
    };
  }
  if (spread.clip !== undefined && kinds[0] !== 'normal') {
    return {
      problem: 'only a normal is clipped',
      expected: 'clip beside normal alone',
      got: spread,
    };
  }
  if (spread.logUniform !== undefined && !(spread.logUniform[0] > 0)) {
    return {
      problem: 'there is no logarithm of its lower end',
      expected: 'both ends above 0',
      got: spread,
    };
  }
  return findMeanProblem(spread);
}

/** [1] widths of a clip: a deviation of so many leaves all but one draw in 25 at its ends */
const WIDEST_DEVIATION = 10;

/** A clip with its ends the wrong way round is found with all other ranges. */
function findMeanProblem({ normal, clip }: Spread): DistributionProblem | undefined {
  if (normal === undefined || clip === undefined || clip[0] > clip[1]) return undefined;
  const [mean, deviation] = normal;
  if (mean < clip[0] || mean > clip[1]) {
    return {
      problem: 'the mean is outside of the clip, so that most draws would be its end',
      expected: `a mean from ${clip[0]} to ${clip[1]}`,
      got: mean,
    };
  }
  const widest = WIDEST_DEVIATION * (clip[1] - clip[0]);
  if (deviation <= widest) return undefined;
  return {
    problem: 'the deviation is so much wider than the clip that nearly all draws would be its ends',
    expected: `a deviation up to ${widest}`,
    got: deviation,
  };
}

function listKinds(spread: Spread): readonly (typeof KINDS)[number][] {
  return KINDS.filter((kind) => spread[kind] !== undefined);
}

function findMomentProblem(
  key: PropertyKey,
  { moment, everyS }: Exclude<Distribution, number>,
): DistributionProblem | undefined {
  if (moment === 'interval' && !getProperty(key).mayChange) {
    return {
      problem: 'it cannot change while an episode runs',
      expected: 'moment startup or reset',
      got: moment,
    };
  }
  if (key === 'difficulty' && moment === 'startup') {
    return {
      problem: 'a robot has no difficulty of its own',
      expected: 'moment reset',
      got: moment,
    };
  }
  if ((moment === 'interval') === (everyS !== undefined)) return undefined;
  return {
    problem: 'moment interval and everyS go together',
    expected: 'both or neither',
    got: { moment, everyS },
  };
}

/** A schedule makes sense where both its ends do: all that is between them lies between their ends. */
function findRangeProblem(
  key: PropertyKey,
  distribution: Distribution,
): DistributionProblem | undefined {
  if (typeof distribution === 'number' || distribution.schedule === undefined) {
    return findPlainProblem(key, distribution);
  }
  const { from, to } = distribution.schedule;
  return findPlainProblem(key, from) ?? findPlainProblem(key, to);
}

function findPlainProblem(key: PropertyKey, plain: Plain): DistributionProblem | undefined {
  const { range, isWhole = false } = getProperty(key);
  const [lower, upper] = computeSupport(plain);
  const isBounded = Number.isFinite(lower) && Number.isFinite(upper);
  if (lower < range[0] || lower > upper || upper > range[1] || !isBounded) {
    return {
      problem: 'the distribution is empty or reaches values that make no sense',
      expected: `values ${describeRange(key)}, lower end first, both ends finite`,
      got: `${JSON.stringify(plain)}, which reaches from ${lower} to ${upper}${isBounded ? '' : ' without a clip'}`,
    };
  }
  const told = (typeof plain === 'number' ? undefined : plain.choice) ?? [lower, upper];
  if (!isWhole || told.every(Number.isInteger)) return undefined;
  return { problem: 'it counts', expected: 'whole numbers', got: plain };
}

/** `from -1 to 1` */
export function describeRange(key: PropertyKey): string {
  const [lower, upper] = getProperty(key).range;
  return `from ${Number(lower.toPrecision(4))} to ${Number(upper.toPrecision(4))}`;
}
