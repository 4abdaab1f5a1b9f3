import type { RobotModel } from '../robot/model.ts';
import type { Scene } from '../terrain/scene.ts';
import { getDistribution, type RandomizationConfig, type SharedDistribution } from './config.ts';
import { getProperty, listNames, PROPERTY_KEYS, type PropertyKey } from './properties.ts';
import type { PropertySpec } from './property-spec.ts';

/** What of a robot and its scene may draw a number of its own each, by name. */
export interface RandomizedParts {
  /** Joints that are simulated bodies. */
  readonly joint: readonly string[];
  /** Joints with a motor, but for rotors. */
  readonly motor: readonly string[];
  readonly rotor: readonly string[];
  /** Objects of the scene that move. */
  readonly object: readonly string[];
}

export const NO_PARTS: RandomizedParts = { joint: [], motor: [], rotor: [], object: [] };

export function listParts(model: RobotModel, scene: Pick<Scene, 'objects'>): RandomizedParts {
  const pick = (isRotor: boolean) =>
    model.actuators.filter(({ kind }) => (kind === 'rotor') === isRotor).map(({ joint }) => joint);
  const rotor = pick(true);
  return {
    joint: model.jointNames.filter((name) => !rotor.includes(name)),
    motor: pick(false),
    rotor,
    object: scene.objects.flatMap(({ name, moves }) => (moves ? [name] : [])),
  };
}

/** One number of the context. */
export interface Entry {
  readonly name: string;
  readonly key: PropertyKey;
  readonly spec: PropertySpec;
  /** Never with `perJoint`. */
  readonly distribution: SharedDistribution;
}

/** Every number of a context, in order: those that all contexts have, then those of single parts. */
export function listEntries(config: RandomizationConfig, parts: RandomizedParts): readonly Entry[] {
  const common: Entry[] = [];
  const own: Entry[] = [];
  for (const key of PROPERTY_KEYS) {
    const spec = getProperty(key);
    const { shared, each } = split(getDistribution(config, key), spec);
    for (const name of listNames(key)) common.push({ name, key, spec, distribution: shared });
    if (each === undefined || spec.per === undefined) continue;
    for (const part of parts[spec.per]) {
      own.push({ name: `${key}.${part}`, key, spec, distribution: each });
    }
  }
  return [...common, ...own];
}

/** What all parts draw together, and what each draws for itself. */
function split(distribution: SharedDistribution, { nominal }: PropertySpec) {
  if (typeof distribution === 'number') return { shared: distribution, each: undefined };
  const { perJoint, ...shared } = distribution;
  if (perJoint === undefined) return { shared, each: undefined };
  if (perJoint === true) return { shared: nominal, each: shared };
  const { moment, everyS } = shared;
  return { shared, each: { ...perJoint, moment, everyS } };
}
