import type { RolloutBuffer } from './rollout-buffer.ts';

/** Judges one table of states: [numEnvs, width] to [numEnvs]. */
export type Judge = (critic: Float32Array) => Promise<Float32Array>;

export interface CriticValues {
  /** [numSteps, numEnvs] of the states that were acted in */
  readonly value: Float32Array;
  /**
   * [numSteps, numEnvs] of the states that followed: 0 where the task ended the episode, of the last state seen where it
   * was merely cut short (F. Pardo et al., "Time limits in reinforcement learning", 2018)
   */
  readonly nextValue: Float32Array;
}

/** What a critic makes of a round. */
export async function computeValues(buffer: RolloutBuffer, judge: Judge): Promise<CriticValues> {
  const { numSteps, numEnvs, critic, lastCritic, terminated } = buffer;
  const width = lastCritic.length / numEnvs;
  const value = new Float32Array(numSteps * numEnvs);
  for (let step = 0; step < numSteps; step++) {
    const from = step * numEnvs;
    value.set(await judge(critic.subarray(from * width, (from + numEnvs) * width)), from);
  }
  const nextValue = new Float32Array(numSteps * numEnvs);
  nextValue.set(value.subarray(numEnvs));
  nextValue.set(await judge(lastCritic), (numSteps - 1) * numEnvs);
  await writeCutValues(nextValue, buffer, judge);
  for (let i = 0; i < nextValue.length; i++) if (terminated[i] === 1) nextValue[i] = 0;
  return { value, nextValue };
}

/** A table's worth of them at a time; the rest of the last table is zeros that nobody reads. */
async function writeCutValues(
  nextValue: Float32Array,
  { cuts, numEnvs, lastCritic }: RolloutBuffer,
  judge: Judge,
): Promise<void> {
  const width = lastCritic.length / numEnvs;
  for (let from = 0; from < cuts.length; from += numEnvs) {
    const some = cuts.slice(from, from + numEnvs);
    const table = new Float32Array(lastCritic.length);
    some.forEach(({ critic }, row) => {
      table.set(critic, row * width);
    });
    const values = await judge(table);
    some.forEach(({ index }, row) => {
      nextValue[index] = values[row]!;
    });
  }
}
