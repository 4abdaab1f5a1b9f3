import { describe, expect, it } from 'vitest';
import { WeightAverage } from '../../../policies/training/weight-average.ts';
import { makeSmallPpo, SMALL_PPO } from '../../kit/small-ppo.ts';

const makeLearner = (averageRounds: number) => makeSmallPpo({ ...SMALL_PPO, averageRounds });

describe('the average of weights', () => {
  it('counts a round so long ago 1/e of the last, and needs no first one to start from', () => {
    const average = new WeightAverage(1);
    expect([...average.compute(Float32Array.of(7))]).toEqual([7]);
    for (const weight of [3, 1, 2]) average.update(Float32Array.of(weight));
    // (2 + 1/e + 3/e²) / (1 + 1/e + 1/e²)
    const e = Math.E;
    const wanted = (2 + 1 / e + 3 / e ** 2) / (1 + 1 / e + 1 / e ** 2);
    expect(average.compute(Float32Array.of(7))[0]).toBeCloseTo(wanted, 6);
  });

  it('goes on from a stored state, the empty one too', () => {
    for (const numBefore of [0, 2]) {
      const [stopped, resumed] = [new WeightAverage(4), new WeightAverage(4)];
      for (let k = 0; k < numBefore; k++) stopped.update(Float32Array.of(k, -k));
      resumed.update(Float32Array.of(9, 9));
      resumed.restore(stopped.copyState(2));
      for (const average of [stopped, resumed]) average.update(Float32Array.of(5, 6));
      expect(resumed.compute(Float32Array.of(0, 0))).toEqual(
        stopped.compute(Float32Array.of(0, 0)),
      );
    }
  });
});

describe('PPO with an average', () => {
  it('learns as without, and hands out the mean of the policies behind it', async () => {
    const plain = await makeLearner(0);
    const averaged = await makeLearner(2);
    const expected = new WeightAverage(2);
    for (const learner of [plain, averaged]) await learner.restart(0);
    for (let round = 0; round < 3; round++) {
      expect((await averaged.runRound()).metrics).toEqual((await plain.runRound()).metrics);
      const { layers } = await plain.copyPolicy();
      expected.update(Float32Array.from(layers[0]!.weight));
    }
    const [last, mean] = [await plain.copyPolicy(), await averaged.copyPolicy()];
    expect(mean.layers[0]!.weight).toEqual(
      expected.compute(Float32Array.from(last.layers[0]!.weight)),
    );
    expect(mean.layers[0]!.weight).not.toEqual(last.layers[0]!.weight);
    expect(mean.normalizer).toEqual(last.normalizer);
    plain.free();
    averaged.free();
  });

  it('goes on from a stored state to the bits that it would have had', async () => {
    const stopped = await makeLearner(2);
    const resumed = await makeLearner(2);
    await stopped.restart(0);
    await stopped.runRound();
    await resumed.restore(await stopped.copyState());
    for (const learner of [stopped, resumed]) {
      await learner.restart(1);
      await learner.runRound();
    }
    expect(await resumed.copyPolicy()).toEqual(await stopped.copyPolicy());
    stopped.free();
    resumed.free();
  });
});
