import { describe, expect, it } from 'vitest';
import type { MlpNetwork } from '../../../policies/onnx/policy-network.ts';
import { type ContestedEnv, makeAdversarial } from '../../../policies/training/adversarial.ts';
import type { Learner } from '../../../policies/training/learner.ts';
import { makePpo } from '../../../policies/training/ppo.ts';
import { PpoSettings } from '../../../policies/training/ppo-config.ts';
import { makeResidualEnv } from '../../../policies/training/residual-env.ts';
import { getAlgorithm } from '../../../policies/training/run/algorithms.ts';
import type { TrainingEnv } from '../../../policies/training/training-env.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { RandomizationConfig } from '../../../sim/randomize/config.ts';
import type { PolicyMirror } from '../../../sim/task/mirror.ts';
import { getTask } from '../../../sim/tasks/registry.ts';
import { makeVecEnv } from '../../../sim/vec-env/vec-env.ts';
import { makeClassicCartpole } from '../../kit/classic-cartpole.ts';

/** Says 1 + 2x, x being the first number that it sees. */
const BASE: MlpNetwork = {
  ...{ kind: 'mlp', activation: 'tanh', head: 'identity' },
  normalizer: { mean: [0, 0, 0, 0], std: [1, 1, 1, 1] },
  layers: [{ weight: [2, 0, 0, 0], bias: [1] }],
};
const SMALL = PpoSettings.parse({
  ...{ actor: { hidden: [8] }, critic: { hidden: [8] } },
  ...{ stepsPerRound: 8, epochs: 1, minibatches: 1 },
});

describe('a residual environment', () => {
  it('does what the base says, and the correction scaled', async () => {
    const inner = makeClassicCartpole(2);
    const env = await makeResidualEnv({ env: inner, base: BASE, scale: [0.5] });
    await env.reset({ seed: 1 });
    const [first, second] = [inner.arrays.observation[0]!, inner.arrays.observation[4]!];
    env.action.set([3, -1]);
    await env.beginStep(0);
    expect(inner.action[0]).toBeCloseTo(1 + 2 * first + 0.5 * 3, 5);
    expect(inner.action[1]).toBeCloseTo(1 + 2 * second - 0.5 * 1, 5);
    await env.endStep(0);
    await env.free();
  });

  it('is refused for a scale of another size', async () => {
    await expect(
      makeResidualEnv({ env: makeClassicCartpole(2), base: BASE, scale: [1, 1] }),
    ).rejects.toThrow('1 actions, but the base has 1 and there are 2 scales');
  });
});

/** The classic cart, pushed off by what an adversary chooses: its six numbers add up to the action. */
function makeContested(numEnvs: number): ContestedEnv {
  const env = makeClassicCartpole(numEnvs);
  return { ...env, adversary: new Float32Array(6 * numEnvs) };
}

const NAMES = ['force.x', 'force.y', 'force.z', 'torque.x', 'torque.y', 'torque.z'];

function makePair(env: ContestedEnv): Promise<Learner> {
  const make = (name: string) => (side: TrainingEnv) =>
    makePpo({ env: side, settings: SMALL, rng: new Rng(1, name) });
  return makeAdversarial({
    ...{ env, adversaryNames: NAMES, protagonistRounds: 2, adversaryRounds: 1 },
    ...{ makeProtagonist: make('protagonist'), makeAdversary: make('adversary') },
  });
}

describe('two that learn against each other', () => {
  it('take turns: nothing pushes at first, then the adversary does, then it stays as it is', async () => {
    const env = makeContested(4);
    const learner = await makePair(env);
    await learner.restart(0);
    const turns: string[] = [];
    for (let round = 0; round < 6; round++) {
      const { metrics } = await learner.runRound();
      const pushes = env.adversary.some((x) => x !== 0) ? 'pushed' : 'left alone';
      turns.push(`${'loss/value' in metrics ? 'protagonist' : 'adversary'} ${pushes}`);
    }
    const contested = ['protagonist pushed', 'protagonist pushed', 'adversary pushed'];
    const alone = ['protagonist left alone', 'protagonist left alone', 'adversary pushed'];
    expect(turns).toEqual([...alone, ...contested]);
    learner.free();
  });

  it('see what the robot measures, both of them', () => {
    for (const side of ['protagonist', 'adversary']) {
      const settings = { ...SMALL, actor: { ...SMALL.actor, observes: 'critic' } };
      const planned = getAlgorithm('adversarial').plan({ [side]: settings });
      expect(() => planned.check(makeContested(4))).toThrow(
        new RegExp(`adversarial\\.${side}\\.actor\\.observes: .*see what the robot measures`),
      );
    }
  });

  it('go on from a stored state as if they had never stopped, whoever’s turn it was', async () => {
    for (const rounds of [1, 3]) {
      const learner = await makePair(makeContested(4));
      await learner.restart(0);
      for (let round = 0; round < rounds; round++) await learner.runRound();
      const stored = await learner.copyState();
      const other = await makePair(makeContested(4));
      await other.restore(stored);
      for (const one of [learner, other]) await one.restart(1);
      for (let round = 0; round < 3; round++) {
        expect((await other.runRound()).metrics).toEqual((await learner.runRound()).metrics);
      }
      expect(other.numSteps).toBe(learner.numSteps);
      learner.free();
      other.free();
    }
  });

  it('show the protagonist what its task looks like in a mirror, and the adversary nothing of it', async () => {
    const mirror: PolicyMirror = {
      observation: { from: Int32Array.of(0, 1, 2, 3), sign: new Float32Array(4).fill(-1) },
      action: { from: Int32Array.of(0), sign: Float32Array.of(-1) },
    };
    const seen: (PolicyMirror | undefined)[] = [];
    const make = (side: TrainingEnv) => {
      seen.push(side.mirror);
      return makePpo({ env: side, settings: SMALL, rng: new Rng(1) });
    };
    const learner = await makeAdversarial({
      ...{ env: { ...makeContested(4), mirror }, adversaryNames: NAMES },
      ...{ protagonistRounds: 1, adversaryRounds: 1, makeProtagonist: make, makeAdversary: make },
    });
    expect(seen).toEqual([mirror, undefined]);
    learner.free();
  });

  it('need an adversary that is left some force', async () => {
    const env = { ...makeClassicCartpole(4), adversary: new Float32Array(0) };
    await expect(makePair(env)).rejects.toThrow(/leaves an adversary no force/);
  });
});

describe('an adversary among simulated robots', () => {
  it('pushes each robot by what its row says', async () => {
    const task = getTask('crazyflie-hover');
    const env = await makeVecEnv({
      task: {
        ...task,
        // Nothing but the adversary tells the robots apart.
        randomization: RandomizationConfig.parse({ adversary: { maxForceScale: 0.5 } }),
        writeStart() {},
      },
      ...{ numEnvs: 2, numWorkers: 0, shardRobots: 1 },
    });
    expect(env.adversary.length).toBe(12);
    await env.reset({ seed: 1 });
    env.adversary.set([1, 0, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0]);
    for (let step = 0; step < 20; step++) await env.step();
    const x = env.layout.criticNames.indexOf('positionErrorB.x');
    const width = env.layout.criticNames.length;
    const [first, second] = [env.arrays.critic[x]!, env.arrays.critic[width + x]!];
    await env.close();
    // ½ · (0.5 g) · (0.2 s)² = 0.098 m to either side; the error is where it should be less where it is.
    expect(first).toBeCloseTo(-0.098, 2);
    expect(second).toBeCloseTo(0.098, 2);
  });
});
