import { describe, expect, it } from 'vitest';
import type { ProgramArrays } from '../../../policies/onnx/program.ts';
import { makeActorCritic, makeFirstParameters } from '../../../policies/training/actor-critic.ts';
import { makePpo } from '../../../policies/training/ppo.ts';
import { PpoSettings } from '../../../policies/training/ppo-config.ts';
import { compilePpoUpdate } from '../../../policies/training/ppo-update.ts';
import { Rng } from '../../../sim/math/rng.ts';
import type { PolicyMirror } from '../../../sim/task/mirror.ts';
import { makeClassicCartpole } from '../../kit/classic-cartpole.ts';

const ROWS = 8;
/** Two numbers seen change places, the third changes its sign; what is done does. */
const MIRROR: PolicyMirror = {
  observation: { from: Int32Array.of(1, 0, 2, 3), sign: Float32Array.of(1, 1, -1, 1) },
  action: { from: Int32Array.of(0), sign: Float32Array.of(-1) },
};
const settings = PpoSettings.parse({
  ...{ actor: { hidden: [8] }, critic: { hidden: [8] }, stepsPerRound: 1, minibatches: 1 },
});
const env = makeClassicCartpole(ROWS);
const network = makeActorCritic(env, settings);

function makeInputs(): ProgramArrays & { observation: Float32Array; action: Float32Array } {
  const rng = new Rng(3);
  const draw = (count: number) => Float32Array.from({ length: count }, () => rng.normal(0, 1));
  const { count } = network.layout;
  const first = makeFirstParameters(network, 0.7, rng);
  return {
    // Far enough from zero that sides differ.
    parameters: first.map((value) => value + 0.3 * rng.normal(0, 1)),
    ...{ firstMoment: new Float32Array(count), secondMoment: new Float32Array(count) },
    ...{ observation: draw(ROWS * 4), critic: draw(ROWS * 4), action: draw(ROWS) },
    ...{ observationMean: new Float32Array(4), observationStd: new Float32Array(4).fill(1) },
    ...{ criticMean: new Float32Array(4), criticStd: new Float32Array(4).fill(1) },
    ...{ oldMean: draw(ROWS), oldLogStd: Float32Array.of(0), oldValue: draw(ROWS) },
    oldLogProbability: new Float32Array(ROWS).fill(-1.5),
    ...{ advantage: draw(ROWS), return: draw(ROWS), entropyWeight: Float32Array.of(0) },
    ...{ rows: Int32Array.from({ length: ROWS }, (_, k) => k), rate: Float32Array.of(0.001) },
  };
}

async function findSurrogate(inputs: ProgramArrays, mirror?: PolicyMirror): Promise<number> {
  const sizes = { numSteps: 1, numEnvs: ROWS, minibatch: ROWS };
  const program = await compilePpoUpdate(network, settings, sizes, mirror);
  const { metrics } = await program.run(inputs);
  await program.free();
  return metrics![0]!;
}

describe('PPO that looks into a mirror', () => {
  it('learns from every step and from its image alike', async () => {
    const inputs = makeInputs();
    const { from, sign } = MIRROR.observation;
    const image = {
      ...inputs,
      observation: inputs.observation.map((_, i) => {
        const [row, j] = [Math.floor(i / 4), i % 4];
        return sign[j]! * inputs.observation[4 * row + from[j]!]!;
      }),
      action: inputs.action.map((value) => -value),
    };
    const [seen, mirrored] = [await findSurrogate(inputs), await findSurrogate(image)];
    expect(Math.abs(seen - mirrored)).toBeGreaterThan(0.01);
    // Single precision, eight numbers of order 1.
    expect(await findSurrogate(inputs, MIRROR)).toBeCloseTo((seen + mirrored) / 2, 5);
  });

  it('refuses where a task has no image, and an actor that remembers', async () => {
    const rng = new Rng(1);
    const mirrored = { ...settings, mirror: true };
    await expect(makePpo({ env, settings: mirrored, rng })).rejects.toThrow(/mirror image/);
    const gru = PpoSettings.parse({ actor: { kind: 'gru' }, mirror: true });
    const known = { ...makeClassicCartpole(ROWS), mirror: MIRROR };
    await expect(makePpo({ env: known, settings: gru, rng })).rejects.toThrow(/remembers/);
    const seeing = PpoSettings.parse({ actor: { observes: 'critic' }, mirror: true });
    await expect(makePpo({ env: known, settings: seeing, rng })).rejects.toThrow(
      /ppo\.mirror: .*what the critic sees.*ppo\.actor\.observes=policy/,
    );
  });
});
