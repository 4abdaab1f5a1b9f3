import { UserError } from '../../sim/errors.ts';
import {
  getDistribution,
  RandomizationConfig,
  type SharedDistribution,
  type Spread,
} from '../../sim/randomize/config.ts';
import { getProperty, PROPERTY_KEYS, type PropertyKey } from '../../sim/randomize/properties.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import type { EvaluationCase, Suite } from './suites.ts';
import { widenFully } from './suites.ts';

/** Whatever is drawn for a property, or is nominal, goes through this. */
interface Shift {
  readonly key: PropertyKey;
  readonly kind: 'times' | 'plus';
  readonly by: number;
}

interface ShiftedCase {
  readonly name: string;
  readonly description: string;
  readonly shifts: readonly Shift[];
}

/**
 * How far off the robot may be that the policy meets: ours, each beyond or at the edge of what a careful description
 * misses (a payload, worn motors, a polished floor, a slow network).
 */
function listShifts(model: RobotModel): readonly ShiftedCase[] {
  const hasRotors = model.actuators.some(({ kind }) => kind === 'rotor');
  const hasMotors = model.actuators.some(({ kind }) => kind !== 'rotor');
  const mass: Shift = { key: 'massScale', kind: 'times', by: 1.2 };
  const motors: readonly Shift[] = [
    ...(hasRotors ? [{ key: 'thrustScale', kind: 'times', by: 0.85 } as const] : []),
    ...(hasMotors ? [{ key: 'effortScale', kind: 'times', by: 0.85 } as const] : []),
  ];
  const friction: readonly Shift[] = [
    { key: 'contactFrictionScale', kind: 'times', by: 0.6 },
    { key: 'jointFrictionScale', kind: 'times', by: 0.6 },
  ];
  const latency: Shift = { key: 'commandLatencyS', kind: 'plus', by: 0.02 };
  const own = 'Of what the robot draws, or is';
  return [
    { name: 'mass +20 %', description: `${own}: total mass × 1.2`, shifts: [mass] },
    { name: 'motors -15 %', description: `${own}: strength of all motors × 0.85`, shifts: motors },
    {
      name: 'friction -40 %',
      description: `${own}: friction of contacts and joints × 0.6`,
      shifts: friction,
    },
    {
      name: 'latency +20 ms',
      description: `${own}: from a command to the motors + 20 ms`,
      shifts: [latency],
    },
    {
      name: 'all of these',
      description: `${own}: mass, motors, friction and latency together`,
      shifts: [mass, ...motors, ...friction, latency],
    },
  ];
}

/** What shows whether a policy depends on the dynamics that it was taught on. */
export const shifted: Suite = {
  name: 'shifted',
  description:
    'The robot as described, the task as it is, the task on shifted dynamics one by one and together, and in the other engine',
  makeCases(asked, model) {
    const randomization = widenFully(asked.randomization);
    const otherEngine = asked.engine === 'rapier' ? 'mujoco' : 'rapier';
    const nominal = { ...asked, randomization };
    return [
      {
        ...nominal,
        name: 'as described',
        description:
          'Nothing differs from robot to robot, nobody pushes; starts as the task has them',
        randomization: keepPlaces(randomization),
      },
      { ...nominal, name: 'nominal', description: 'The task under its own randomisation' },
      ...listShifts(model).map(
        ({ name, description, shifts }): EvaluationCase => ({
          ...{ ...nominal, name, description },
          randomization: shifts.reduce(shiftProperty, randomization),
        }),
      ),
      {
        ...{ ...nominal, engine: otherEngine, name: 'other engine' },
        description: `The task under its own randomisation, in ${otherEngine}`,
      },
    ];
  },
};

/** Without all that makes one robot, its senses or its weather another: where it starts stays. */
function keepPlaces(config: RandomizationConfig): RandomizationConfig {
  const fixed = Object.fromEntries(
    Object.entries(config.fixed).filter(([name]) => isPlace(name.split('.').slice(0, 2).join('.'))),
  );
  return PROPERTY_KEYS.reduce<RandomizationConfig>(
    (kept, key) => (isPlace(key) ? setProperty(kept, key, getDistribution(config, key)) : kept),
    { ...RandomizationConfig.parse({}), fixed },
  );
}

function isPlace(key: string): boolean {
  return (
    PROPERTY_KEYS.includes(key as PropertyKey) && getProperty(key as PropertyKey).group === 'place'
  );
}

/** @throws UserError for a distribution that cannot be shifted that way */
function shiftProperty(config: RandomizationConfig, shift: Shift): RandomizationConfig {
  const { key } = shift;
  const moved = setProperty(config, key, shiftDistribution(getDistribution(config, key), shift));
  const fixed = moved.fixed[key];
  if (fixed === undefined) return moved;
  return { ...moved, fixed: { ...moved.fixed, [key]: shiftNumber(fixed, shift) } };
}

function setProperty(
  config: RandomizationConfig,
  key: PropertyKey,
  value: SharedDistribution,
): RandomizationConfig {
  const [group, member] = key.split('.') as [keyof RandomizationConfig, string | undefined];
  if (member === undefined) return { ...config, [group]: value };
  return { ...config, [group]: { ...(config[group] as object), [member]: value } };
}

function shiftNumber(value: number, { kind, by }: Shift): number {
  return kind === 'times' ? value * by : value + by;
}

function shiftDistribution(distribution: SharedDistribution, shift: Shift): SharedDistribution {
  if (typeof distribution === 'number') return shiftNumber(distribution, shift);
  const { schedule } = distribution;
  if (schedule === undefined) return { ...distribution, ...shiftSpread(distribution, shift) };
  const { from, to } = schedule;
  return {
    ...distribution,
    schedule: {
      from: typeof from === 'number' ? shiftNumber(from, shift) : shiftSpread(from, shift),
      to: shiftSpread(to, shift),
    },
  };
}

type Pair = [number, number];

function shiftSpread({ uniform, logUniform, normal, choice, clip }: Spread, shift: Shift): Spread {
  const both = ([lower, upper]: Pair): Pair => [
    shiftNumber(lower, shift),
    shiftNumber(upper, shift),
  ];
  if (uniform !== undefined) return { uniform: both(uniform) };
  if (choice !== undefined) return { choice: choice.map((value) => shiftNumber(value, shift)) };
  if (normal !== undefined) {
    const deviation = shift.kind === 'times' ? normal[1] * shift.by : normal[1];
    const moved = { normal: [shiftNumber(normal[0], shift), deviation] as Pair };
    return clip === undefined ? moved : { ...moved, clip: both(clip) };
  }
  if (shift.kind === 'times') return { logUniform: both(logUniform!) };
  throw new UserError({
    where: `randomisation, ${shift.key}`,
    problem: 'something is to be added to numbers whose logarithms are drawn',
    expected: 'uniform, normal, choice or a number, for the suite shifted',
    got: 'logUniform',
    remedy: 'Give it as uniform with --randomize, or choose another suite',
  });
}
