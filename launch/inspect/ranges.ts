import {
  getDistribution,
  RandomizationConfig,
  type SharedDistribution,
  type Spread,
} from '../../sim/randomize/config.ts';
import { getProperty, PROPERTY_KEYS, type PropertyKey } from '../../sim/randomize/properties.ts';

/** What was randomised while a policy learnt, a line for each property that was not left as described. */
export function describeRanges(randomization: unknown): string[] {
  const { data } = RandomizationConfig.safeParse(randomization);
  if (data === undefined) return ['  randomised    by properties that are not known here: --json'];
  const lines = PROPERTY_KEYS.flatMap((key) => describeProperty(key, getDistribution(data, key)));
  return lines.length === 0 ? ['  randomised    nothing'] : ['  randomised', ...lines];
}

function describeProperty(key: PropertyKey, distribution: SharedDistribution): string[] {
  const { nominal, unit, per } = getProperty(key);
  if (distribution === nominal) return [];
  const wears = unit === '-' ? '' : ` ${unit}`;
  const [range, ...how] = describeDistribution(distribution, per);
  return [`    ${key.padEnd(24)} ${[`${range}${wears}`, ...how].join(', ')}`];
}

/** The range, and what else is to be said. */
function describeDistribution(distribution: SharedDistribution, per: string | undefined): string[] {
  if (typeof distribution === 'number') return [`always ${distribution}`];
  const { schedule, moment, everyS, perJoint } = distribution;
  const own = typeof perJoint === 'object' ? ` and ${describeSpread(perJoint)} more` : '';
  return [
    describeSpread(schedule?.to ?? distribution),
    ...(schedule === undefined ? [] : [`${describeSpread(schedule.from)} at difficulty 0`]),
    ...(perJoint === undefined ? [] : [`each ${per ?? 'joint'} by itself${own}`]),
    ...(moment === undefined || moment === 'reset' ? [] : [`at ${moment}`]),
    ...(everyS === undefined ? [] : [`every ${everyS} s`]),
  ];
}

function describeSpread(spread: Spread | number): string {
  if (typeof spread === 'number') return `${round(spread)}`;
  const { uniform, logUniform, normal, choice, clip } = spread;
  if (uniform !== undefined) return describeEnds(uniform);
  if (logUniform !== undefined) return `${describeEnds(logUniform)} by its logarithm`;
  if (choice !== undefined) return `one of ${choice.join(', ')}`;
  const [mean, deviation] = normal!;
  return `${round(mean)} ± ${round(deviation)}${clip ? ` within ${describeEnds(clip)}` : ''}`;
}

function describeEnds([lower, upper]: readonly [number, number]): string {
  return `${round(lower)} … ${round(upper)}`;
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
