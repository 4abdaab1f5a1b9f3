import { UserError } from '../errors.ts';
import type { Rng } from '../math/rng.ts';
import type { Distribution, RandomizationConfig } from './config.ts';

/** Every number that an episode draws, in the order of the recorded vector. */
export const CONTEXT_NAMES = [
  'massScale',
  'inertiaScale.x',
  'inertiaScale.y',
  'inertiaScale.z',
  'thrustScale',
  'rotorTimeConstantScale',
  'dragScale',
  'effortScale',
  'commandLatencyS',
  'sensorLatencyScale',
  'sensorNoiseScale',
  'push.intervalS',
  'push.durationS',
  'push.forceScale',
  'wind.forceScale',
  'wind.timeConstantS',
  'contactFrictionScale',
  'jointDampingScale',
  'jointFrictionScale',
  'armatureScale',
  'obstacleTimeS',
  'stiffnessScale',
  'dampingScale',
  'motorLagScale',
  'motorDelayScale',
  'batteryCharge',
] as const;
export type ContextName = (typeof CONTEXT_NAMES)[number];

/** What one robot drew for one episode: a flat vector with names, recorded with the episode. */
export type Context = Readonly<Record<ContextName, number>>;

/**
 * Draws the physics of one robot for one episode. Each number comes from a stream of its own, so
 * randomising one property changes no other.
 */
export function drawContext(config: RandomizationConfig, rng: Rng): Context {
  const distributions = getDistributions(config);
  const draw = (name: ContextName) => drawFrom(distributions[name], rng.fork(name));
  return Object.freeze(
    Object.fromEntries(CONTEXT_NAMES.map((name) => [name, draw(name)])),
  ) as Context;
}

/** @param out [CONTEXT_NAMES.length] in the order of {@link CONTEXT_NAMES} */
export function writeContext(out: Float64Array, context: Context): void {
  for (let k = 0; k < CONTEXT_NAMES.length; k++) out[k] = context[CONTEXT_NAMES[k]!];
}

/** One draw; a bare number is itself. */
export function drawFrom(distribution: Distribution, rng: Rng): number {
  if (typeof distribution === 'number') return distribution;
  if ('uniform' in distribution) return rng.uniform(...distribution.uniform);
  if ('logUniform' in distribution) {
    const [lower, upper] = distribution.logUniform;
    return Math.exp(rng.uniform(Math.log(lower), Math.log(upper)));
  }
  if ('choice' in distribution) return rng.choice(distribution.choice);
  const [mean, deviation] = distribution.normal;
  const [lower, upper] = distribution.clip ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return Math.min(Math.max(rng.normal(mean, deviation), lower), upper);
}

/** Smallest and largest number that a draw can give; infinite for an unclipped normal. */
export function computeSupport(
  distribution: Distribution,
): readonly [lower: number, upper: number] {
  if (typeof distribution === 'number') return [distribution, distribution];
  if ('uniform' in distribution) return distribution.uniform;
  if ('logUniform' in distribution) return distribution.logUniform;
  if ('choice' in distribution) {
    return [Math.min(...distribution.choice), Math.max(...distribution.choice)];
  }
  const [mean, deviation] = distribution.normal;
  if (distribution.clip !== undefined) return distribution.clip;
  return deviation === 0 ? [mean, mean] : [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
}

/** Names whose value must be above zero; all others must not be below it. */
const POSITIVE: readonly ContextName[] = [
  'massScale',
  'inertiaScale.x',
  'inertiaScale.y',
  'inertiaScale.z',
  'rotorTimeConstantScale',
  'wind.timeConstantS',
  'armatureScale',
];
/** Names whose value must not be above one. */
const SHARES: readonly ContextName[] = ['batteryCharge'];

/** Every distribution that is empty or can draw what no robot can have. */
export function checkRandomization(config: RandomizationConfig, where: string): UserError[] {
  const problems = new Map<string, UserError>();
  for (const [name, distribution] of Object.entries(getDistributions(config))) {
    // The three moments of inertia share one entry of the configuration.
    const key = name.replace(/^(inertiaScale)\..*/, '$1');
    const [lower, upper] = computeSupport(distribution);
    const positive = POSITIVE.includes(name as ContextName);
    const isLow = positive ? !(lower > 0) : !(lower >= 0);
    const highest = SHARES.includes(name as ContextName) ? 1 : Number.MAX_VALUE;
    if (!isLow && lower <= upper && upper <= highest) continue;
    problems.set(
      key,
      new UserError({
        where: `${where}: ${key}`,
        problem: 'the distribution is empty or reaches values that make no sense',
        expected: `values ${positive ? 'above' : 'not below'} 0${highest === 1 ? ' and not above 1' : ''}, lower end first, both ends finite`,
        got: `${JSON.stringify(distribution)}, which reaches from ${lower} to ${upper}`,
        remedy: 'Correct the range; give a normal distribution a clip',
      }),
    );
  }
  return [...problems.values()];
}

/** What each number of a context is drawn from. */
export function getDistributions(config: RandomizationConfig): Record<ContextName, Distribution> {
  return {
    massScale: config.massScale,
    'inertiaScale.x': config.inertiaScale,
    'inertiaScale.y': config.inertiaScale,
    'inertiaScale.z': config.inertiaScale,
    thrustScale: config.thrustScale,
    rotorTimeConstantScale: config.rotorTimeConstantScale,
    dragScale: config.dragScale,
    effortScale: config.effortScale,
    commandLatencyS: config.commandLatencyS,
    sensorLatencyScale: config.sensorLatencyScale,
    sensorNoiseScale: config.sensorNoiseScale,
    'push.intervalS': config.push.intervalS,
    'push.durationS': config.push.durationS,
    'push.forceScale': config.push.forceScale,
    'wind.forceScale': config.wind.forceScale,
    'wind.timeConstantS': config.wind.timeConstantS,
    contactFrictionScale: config.contactFrictionScale,
    jointDampingScale: config.jointDampingScale,
    jointFrictionScale: config.jointFrictionScale,
    armatureScale: config.armatureScale,
    obstacleTimeS: config.obstacleTimeS,
    stiffnessScale: config.stiffnessScale,
    dampingScale: config.dampingScale,
    motorLagScale: config.motorLagScale,
    motorDelayScale: config.motorDelayScale,
    batteryCharge: config.batteryCharge,
  };
}
