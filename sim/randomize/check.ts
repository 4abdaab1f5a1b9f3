import { UserError } from '../errors.ts';
import { findNearestName } from '../nearest-name.ts';
import type { RobotModel } from '../robot/model.ts';
import { describeRange, findDistributionProblem } from './check-distribution.ts';
import { getDistribution, type RandomizationConfig } from './config.ts';
import { checkCorrelations } from './correlation.ts';
import { computeSupport } from './distribution.ts';
import { listEntries, NO_PARTS, type RandomizedParts } from './entries.ts';
import { getProperty, PROPERTY_KEYS, type PropertyKey } from './properties.ts';

/** For whom a configuration is meant. */
export interface RandomizedRobot {
  readonly model: Pick<RobotModel, 'name' | 'base'>;
  readonly parts: RandomizedParts;
}

/**
 * Everything about a configuration that makes no sense, whatever the robot; with one, also what it cannot
 * have.
 */
export function checkRandomization(
  config: RandomizationConfig,
  where: string,
  robot?: RandomizedRobot,
): UserError[] {
  const ranges = PROPERTY_KEYS.flatMap((key) => checkProperty(config, key, where));
  if (ranges.length > 0) return ranges;
  const entries = listEntries(config, robot?.parts ?? NO_PARTS);
  const names = entries.map(({ name }) => name);
  return [
    ...checkCorrelations(config, entries, where),
    // A joint's own number is known only with the robot.
    ...(robot === undefined ? [] : checkFixed(config, names, where)),
    ...(robot?.model.base === 'fixed' ? checkBase(config, robot.model.name, where) : []),
  ];
}

function checkProperty(config: RandomizationConfig, key: PropertyKey, where: string): UserError[] {
  const distribution = getDistribution(config, key);
  const found = findDistributionProblem(key, distribution);
  if (found === undefined) return [];
  const { problem, expected, got } = found;
  return [
    new UserError({
      where: `${where}: ${key}`,
      problem,
      expected,
      got: typeof got === 'string' ? got : JSON.stringify(got),
      remedy: 'Correct the range; give a normal distribution a clip',
    }),
  ];
}

function checkFixed(
  { fixed }: RandomizationConfig,
  names: readonly string[],
  where: string,
): UserError[] {
  return Object.entries(fixed).flatMap(([name, value]) => {
    const at = `${where}: fixed.${name}`;
    if (!names.includes(name)) {
      const nearest = findNearestName(name, names);
      return [
        new UserError({
          where: at,
          problem: 'there is no such number in the context',
          expected: `one of ${names.join(', ')}`,
          got: name,
          remedy:
            nearest === undefined
              ? 'Correct the name; a joint has one where its property has perJoint'
              : `Did you mean '${nearest}'?`,
        }),
      ];
    }
    const key = PROPERTY_KEYS.find((one) => name === one || name.startsWith(`${one}.`))!;
    if (findDistributionProblem(key, value) === undefined) return [];
    return [
      new UserError({
        where: at,
        problem: 'the value makes no sense',
        expected: `a value ${describeRange(key)}`,
        got: `${value}`,
        remedy: 'Correct it',
      }),
    ];
  });
}

/** What acts on a base, moves it or puts it on a tile is lost on one that is bolted down. */
function checkBase(config: RandomizationConfig, robot: string, where: string): UserError[] {
  return PROPERTY_KEYS.flatMap((key) => {
    const { needs, nominal } = getProperty(key);
    if (needs !== 'floating base' && needs !== 'grid of tiles') return [];
    const fixed = config.fixed[key];
    const distribution = fixed ?? getDistribution(config, key);
    const [lower, upper] = computeSupport(distribution);
    if (lower === nominal && upper === nominal) return [];
    return [
      new UserError({
        where: `${where}: ${fixed === undefined ? '' : 'fixed.'}${key}`,
        problem: `a robot with a fixed base, such as '${robot}', feels nothing of it`,
        expected: `${nominal}`,
        got: JSON.stringify(distribution),
        remedy: 'Remove it, or use a robot with a floating base',
      }),
    ];
  });
}
