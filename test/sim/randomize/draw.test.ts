import { describe, expect, it } from 'vitest';
import { Rng } from '../../../sim/math/rng.ts';
import { RandomizationConfig } from '../../../sim/randomize/config.ts';
import { computeSupport, drawFrom } from '../../../sim/randomize/distribution.ts';
import {
  drawContext,
  listContextNames,
  RandomizationPlan,
  writeContext,
} from '../../../sim/randomize/draw.ts';
import { NO_PARTS } from '../../../sim/randomize/entries.ts';
import { fixContext, sweepContext } from '../../../sim/randomize/fix.ts';
import { CONTEXT_NAMES } from '../../../sim/randomize/properties.ts';
import { getTask } from '../../../sim/tasks/registry.ts';
import { computeDeviation, computeMean, deviationBand, meanBand } from '../../kit/sampled.ts';

const parse = (config: object) => RandomizationConfig.parse(config);
const N = 5000;

function drawMany(distribution: Parameters<typeof drawFrom>[0]): number[] {
  const rng = new Rng(9);
  return Array.from({ length: N }, () => drawFrom(distribution, rng));
}

describe('a draw', () => {
  it('of nothing randomised is the robot as described', () => {
    const context = drawContext(parse({}), new Rng(1));
    expect(context.massScale).toBe(1);
    expect(context['inertiaScale.y']).toBe(1);
    expect(context.commandLatencyS).toBe(0);
    expect(context['wind.forceScale']).toBe(0);
    expect(context.armatureScale).toBe(1);
    expect(context.obstacleTimeS).toBe(0);
    expect(Object.keys(context)).toEqual([...CONTEXT_NAMES]);
  });

  it('stays inside a uniform range and fills it', () => {
    const values = drawMany({ uniform: [2, 5] });
    expect(Math.min(...values)).toBeGreaterThanOrEqual(2);
    expect(Math.max(...values)).toBeLessThan(5);
    // Mean 3.5, deviation 3/√12 = 0.866.
    expect(Math.abs(computeMean(values) - 3.5)).toBeLessThan(meanBand(0.866, N));
  });

  it('halves as often as it doubles, logarithmically uniform', () => {
    const logs = drawMany({ logUniform: [0.5, 2] }).map(Math.log);
    // Uniform in ±ln 2: deviation 2 ln 2/√12 = 0.4.
    expect(Math.abs(computeMean(logs))).toBeLessThan(meanBand(0.4, N));
    expect(Math.max(...logs.map(Math.abs))).toBeLessThanOrEqual(Math.LN2);
  });

  it('follows a normal distribution and its clip', () => {
    const values = drawMany({ normal: [1, 0.1] });
    expect(Math.abs(computeMean(values) - 1)).toBeLessThan(meanBand(0.1, N));
    expect(Math.abs(computeDeviation(values) - 0.1)).toBeLessThan(deviationBand(0.1, N));
    const clipped = drawMany({ normal: [1, 0.1], clip: [0.95, 1.05] });
    expect([Math.min(...clipped), Math.max(...clipped)]).toEqual([0.95, 1.05]);
  });

  it('takes every listed choice', () => {
    expect(new Set(drawMany({ choice: [1, 3, 7] }))).toEqual(new Set([1, 3, 7]));
  });

  it('repeats from the same seed, and differs from another', () => {
    const config = parse({ massScale: { uniform: [0.8, 1.2] } });
    expect(drawContext(config, new Rng(1))).toEqual(drawContext(config, new Rng(1)));
    expect(drawContext(config, new Rng(1)).massScale).not.toBe(
      drawContext(config, new Rng(2)).massScale,
    );
  });

  it('of one property does not move when another is randomised', () => {
    const one = drawContext(parse({ thrustScale: { uniform: [0.8, 1.2] } }), new Rng(3));
    const both = drawContext(
      parse({ massScale: { uniform: [0.5, 2] }, thrustScale: { uniform: [0.8, 1.2] } }),
      new Rng(3),
    );
    expect(both.thrustScale).toBe(one.thrustScale);
  });

  it('gives each moment of inertia a number of its own', () => {
    const context = drawContext(parse({ inertiaScale: { uniform: [0.8, 1.2] } }), new Rng(1));
    const values = [
      context['inertiaScale.x'],
      context['inertiaScale.y'],
      context['inertiaScale.z'],
    ];
    expect(new Set(values).size).toBe(3);
  });

  it('writes itself as a vector in the order of the names', () => {
    const context = drawContext(parse({ massScale: 1.5, sensorNoiseScale: 0.5 }), new Rng(1));
    const out = new Float64Array(CONTEXT_NAMES.length);
    writeContext(out, context);
    expect(out[CONTEXT_NAMES.indexOf('massScale')]).toBe(1.5);
    expect(out[CONTEXT_NAMES.indexOf('sensorNoiseScale')]).toBe(0.5);
  });
});

describe('a distribution', () => {
  it('knows how far it reaches, a schedule at any difficulty', () => {
    expect(computeSupport(3)).toEqual([3, 3]);
    expect(computeSupport({ choice: [4, 2, 3] })).toEqual([2, 4]);
    expect(computeSupport({ normal: [0, 1], clip: [-2, 2] })).toEqual([-2, 2]);
    expect(computeSupport({ normal: [1, 0] })).toEqual([1, 1]);
    expect(computeSupport({ schedule: { from: 1, to: { uniform: [1.2, 1.5] } } })).toEqual([
      1, 1.5,
    ]);
  });
});

describe('what is drawn for one robot only', () => {
  const parts = { ...NO_PARTS, motor: ['hip', 'knee'] };

  it('has a name of its own behind those that all contexts have', () => {
    const config = parse({ effortScale: { uniform: [0.8, 1.2], perJoint: true } });
    const names = listContextNames(config, parts);
    expect(names.slice(0, CONTEXT_NAMES.length)).toEqual(CONTEXT_NAMES);
    expect(names.slice(CONTEXT_NAMES.length)).toEqual(['effortScale.hip', 'effortScale.knee']);
    const context = new RandomizationPlan(config, parts).draw(new Rng(1));
    expect(Object.keys(context)).toEqual([...names]);
    // What all draw together is left as it is.
    expect(context.effortScale).toBe(1);
    expect(context['effortScale.hip']).not.toBe(context['effortScale.knee']);
  });

  it('may come on top of what all draw', () => {
    const config = parse({
      effortScale: { uniform: [0.8, 1.2], perJoint: { uniform: [0.95, 1.05] } },
    });
    const context = new RandomizationPlan(config, parts).draw(new Rng(1));
    const alone = drawContext(parse({ effortScale: { uniform: [0.8, 1.2] } }), new Rng(1));
    expect(context.effortScale).toBe(alone.effortScale);
    expect(context['effortScale.knee']).toBeGreaterThanOrEqual(0.95);
    expect(context['effortScale.knee']).toBeLessThan(1.05);
  });
});

describe('a whole number', () => {
  it('is drawn from a range with both its ends, each as often', () => {
    const config = parse({ observationDelaySteps: { uniform: [1, 3] } });
    const rng = new Rng(2);
    const counts = [0, 0, 0, 0, 0];
    for (let k = 0; k < 3000; k++) {
      counts[drawContext(config, rng.fork(k)).observationDelaySteps]!++;
    }
    expect(counts[0]! + counts[4]!).toBe(0);
    // 1000 ± 4·√(3000·⅓·⅔) = 103.
    for (const count of counts.slice(1, 4)) expect(Math.abs(count - 1000)).toBeLessThan(104);
  });

  it.each([
    // From 0 to 4·0.3 = 1.2: 0 and 1.
    { observationDelaySteps: { schedule: { from: 0, to: { uniform: [0, 4] } } }, drawn: [0, 1] },
    // From 2 + 2·0.3 = 2.6 to 2 + 4·0.3 = 3.2: 3 and 3.
    { observationDelaySteps: { schedule: { from: 2, to: { uniform: [4, 6] } } }, drawn: [3] },
  ])('is whole part of the way along a schedule, too', ({ drawn, ...entry }) => {
    const correlated = {
      ...entry,
      sensorNoiseScale: { uniform: [1, 2] },
      correlations: [{ of: ['observationDelaySteps', 'sensorNoiseScale'], coefficient: 0.5 }],
    };
    for (const config of [entry, correlated]) {
      const plan = new RandomizationPlan(parse(config));
      const values = Array.from({ length: 100 }, (_, k) =>
        plan.draw(new Rng(k), { difficulty: 0.3 }),
      ).map(({ observationDelaySteps }) => observationDelaySteps);
      expect([...new Set(values)].sort()).toEqual(drawn);
    }
  });
});

describe('moments', () => {
  const config = parse({
    massScale: { uniform: [0.5, 1.5], moment: 'startup' },
    thrustScale: { uniform: [0.5, 1.5] },
    contactFrictionScale: { uniform: [0.5, 1.5], moment: 'interval', everyS: 2 },
  });
  const plan = new RandomizationPlan(config);

  it('draw once per robot, or per episode', () => {
    const draw = (episode: number, robot: number) =>
      plan.draw(new Rng(1, 'env', robot, 'episode', episode), {
        startup: new Rng(1, 'env', robot, 'startup'),
      });
    expect(draw(1, 0).massScale).toBe(draw(0, 0).massScale);
    expect(draw(0, 1).massScale).not.toBe(draw(0, 0).massScale);
    expect(draw(1, 0).thrustScale).not.toBe(draw(0, 0).thrustScale);
    expect(plan.hasStartup).toBe(true);
  });

  it('draw again what changes during an episode, and nothing else', () => {
    const first = plan.draw(new Rng(1));
    expect(plan.intervals).toEqual([{ everyS: 2, names: ['contactFrictionScale'] }]);
    const then = plan.redraw(first, plan.intervals[0]!, new Rng(1, 'later'));
    expect(then.contactFrictionScale).not.toBe(first.contactFrictionScale);
    expect({ ...then, contactFrictionScale: 0 }).toEqual({ ...first, contactFrictionScale: 0 });
  });
});

describe('a schedule', () => {
  const config = parse({
    massScale: { schedule: { from: 1, to: { uniform: [0.6, 1.8] } } },
    thrustScale: { schedule: { from: { logUniform: [1, 1] }, to: { logUniform: [0.25, 4] } } },
    dragScale: {
      schedule: {
        from: { normal: [1, 0], clip: [0.9, 1.1] },
        to: { normal: [2, 0], clip: [0, 4] },
      },
    },
  });
  const spread = (difficulty: number) => {
    const plan = new RandomizationPlan(config);
    const draws = Array.from({ length: 500 }, (_, k) => plan.draw(new Rng(k), { difficulty }));
    const ends = (values: readonly number[]) => [Math.min(...values), Math.max(...values)] as const;
    return {
      mass: ends(draws.map((context) => context.massScale)),
      thrust: ends(draws.map((context) => context.thrustScale)),
      drag: ends(draws.map((context) => context.dragScale)),
      difficulty: ends(draws.map((context) => context.difficulty)),
    };
  };

  it('widens from one range to the other in proportion, logarithms of logarithmic ones', () => {
    expect(spread(0).mass).toEqual([1, 1]);
    // Half way from 1 to 0.6 and 1.8; from 1 to ¼ and 4 a half way factor of 2. Clips: 0.45 to 2.55, mean 1.5.
    const half = spread(0.5);
    expect(half.mass[0]).toBeGreaterThanOrEqual(0.8);
    expect(half.mass[0]).toBeLessThan(0.81);
    expect(half.mass[1]).toBeGreaterThan(1.39);
    expect(half.mass[1]).toBeLessThan(1.4);
    expect(half.thrust[0]).toBeGreaterThanOrEqual(0.5);
    expect(half.thrust[1]).toBeLessThanOrEqual(2);
    expect(half.thrust[1]).toBeGreaterThan(1.98);
    expect(half.drag).toEqual([1.5, 1.5]);
    expect(half.difficulty).toEqual([0.5, 0.5]);
    expect(spread(1).mass[1]).toBeGreaterThan(1.78);
  });

  it('from a number begins at that number, whatever the clip is at the other end', () => {
    const plan = new RandomizationPlan(
      parse({ massScale: { schedule: { from: 0.5, to: { normal: [1, 1], clip: [0.9, 1.1] } } } }),
    );
    const draw = (difficulty: number) =>
      Array.from({ length: 200 }, (_, k) => plan.draw(new Rng(k), { difficulty }).massScale);
    expect(new Set(draw(0))).toEqual(new Set([0.5]));
    // Half way from 0.5 to 0.9 and 1.1; a deviation of 0.5 often reaches both.
    expect(Math.min(...draw(0.5))).toBeCloseTo(0.7, 12);
    expect(Math.max(...draw(0.5))).toBeCloseTo(0.8, 12);
  });

  it('to a normal that does not spread is clipped all the way there', () => {
    const plan = new RandomizationPlan(
      parse({
        massScale: {
          schedule: { from: { normal: [1, 1], clip: [0.9, 1.1] }, to: { normal: [1.5, 0] } },
        },
      }),
    );
    const values = Array.from(
      { length: 200 },
      (_, k) => plan.draw(new Rng(k), { difficulty: 0.5 }).massScale,
    );
    // Half way from 0.9 and 1.1 to 1.5.
    expect(Math.min(...values)).toBeCloseTo(1.2, 12);
    expect(Math.max(...values)).toBeCloseTo(1.3, 12);
  });

  it('is at its widest where nothing is said of the difficulty', () => {
    expect(drawContext(config, new Rng(3))).toEqual(
      new RandomizationPlan(config).draw(new Rng(3), { difficulty: 1 }),
    );
  });

  it('follows a difficulty that is drawn itself', () => {
    const drawn = parse({
      difficulty: { uniform: [0, 1] },
      dragScale: { schedule: { from: 1, to: { uniform: [3, 3] } } },
    });
    for (let k = 0; k < 20; k++) {
      const context = drawContext(drawn, new Rng(k));
      // 1 + 2·difficulty.
      expect(context.dragScale).toBeCloseTo(1 + 2 * context.difficulty, 12);
    }
  });

  it('stays where the difficulty is fixed, whatever a curriculum says', () => {
    const fixed = new RandomizationPlan(fixContext(config, { difficulty: 0 }));
    expect(fixed.draw(new Rng(1), { difficulty: 0.7 })).toMatchObject({
      difficulty: 0,
      massScale: 1,
    });
  });
});

describe('a sweep', () => {
  const config = parse({
    inertiaScale: { uniform: [0.5, 1.5] },
    thrustScale: { uniform: [0.5, 1.5] },
  });

  it('fixes single numbers and leaves all others as they were drawn', () => {
    const plain = drawContext(config, new Rng(4));
    const fixed = drawContext(fixContext(config, { 'inertiaScale.y': 3 }), new Rng(4));
    expect(fixed).toEqual({ ...plain, 'inertiaScale.y': 3 });
  });

  it('goes through every combination', () => {
    const points = sweepContext(config, { thrustScale: [1, 2], 'payload.mass': [0, 3] });
    expect(points.map(({ values }) => Object.values(values))).toEqual([
      [1, 0],
      [1, 3],
      [2, 0],
      [2, 3],
    ]);
    expect(drawContext(points[3]!.config, new Rng(4))).toMatchObject({
      thrustScale: 2,
      'payload.mass': 3,
    });
  });
});

describe('what the shipped policies were judged on', () => {
  it('is drawn bit by bit as it was', () => {
    const { randomization } = getTask('crazyflie-track');
    // Of the first seed of its scores, as drawn when it was shipped.
    const rng = new Rng(100_000, 'env', 0, 'episode', 0).fork('world').fork('context');
    expect(drawContext(randomization, rng)).toMatchObject({
      massScale: 0.9948981519432412,
      'inertiaScale.x': 1.0378048800595627,
      'inertiaScale.y': 1.0341661719195478,
      'inertiaScale.z': 0.8287253185835208,
      thrustScale: 0.9456998112830663,
      rotorTimeConstantScale: 1.2177239442495886,
      dragScale: 1.2204533686843444,
      commandLatencyS: 0.003387002505598081,
      sensorLatencyScale: 0.9809724548544055,
      sensorNoiseScale: 0.7410979069207712,
      'push.intervalS': 5.4697000639612385,
      'push.durationS': 0.10086219915981665,
      'push.forceScale': 0.3694087176769354,
      'wind.forceScale': 0.01648436575704437,
      'wind.timeConstantS': 1.7266204389294884,
    });
  });
});
