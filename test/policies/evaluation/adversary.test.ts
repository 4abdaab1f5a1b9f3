import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkAdversary, makeAdversary } from '../../../policies/evaluation/adversary.ts';
import { computeObservationWidth, type ManifestDraft } from '../../../policies/manifest.ts';
import { exportPolicy } from '../../../policies/onnx/export-policy.ts';
import { readManifest } from '../../../policies/onnx/read-manifest.ts';
import { ADVERSARY_NAMES } from '../../../sim/disturbance/adversary.ts';
import { makeSimEnv } from '../../../sim/env.ts';
import type { Actor } from '../../../sim/episode/actor.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { getTask } from '../../../sim/tasks/registry.ts';
import { collectShard } from '../../kit/episodes.ts';
import { makeFlightDraft } from '../../kit/flight-policy.ts';

const task = getTask('crazyflie-hover');
const six = (value: number) => ADVERSARY_NAMES.map(() => value);
const DRAFT: Partial<ManifestDraft> = {
  name: 'bully',
  jointNames: ADVERSARY_NAMES,
  commandLower: six(-1),
  commandUpper: six(1),
  defaultJointPosition: six(0),
  action: { kind: 'effort', clip: [-1, 1], scale: six(1), offset: six(0) },
};

/** Gives the same wrench whatever it sees. */
async function makeConstant(wrench: readonly number[]): Promise<Uint8Array> {
  const manifest = makeFlightDraft(DRAFT);
  const width = computeObservationWidth(manifest.observations);
  const layer = { weight: new Float32Array(width * 6), bias: Float32Array.from(wrench) };
  const network = { kind: 'mlp', layers: [layer], activation: 'tanh', head: 'identity' } as const;
  return exportPolicy({ network, manifest, goldenInputs: [new Float32Array(width)] });
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zerogap-adversary-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('an adversary', () => {
  it('is a network with six outputs that sees what the policy sees', async () => {
    const path = join(folder, 'bully.onnx');
    const wrench = [0.5, -0.25, 0, 0, 0, 1];
    writeFileSync(path, await makeConstant(wrench));
    const adversary = await makeAdversary(path, task, 2);
    const raw = new Float32Array(12);
    const observation = new Float32Array(2 * computeObservationWidth(task.observations));
    const env = await makeSimEnv({ task, numEnvs: 2 });
    adversary.act(raw, { observation, critic: new Float32Array(0) }, env.view);
    env.free();
    adversary.release();
    expect([...raw]).toEqual([...wrench, ...wrench]);
  });

  it('at another rate, with other outputs or other eyes is refused, each named', async () => {
    const manifest = readManifest(await makeConstant(six(0)), 'bully');
    const problems = checkAdversary(manifest, getTask('go2-stand'), 'bully').map(String).join('\n');
    expect(problems).toMatch(/sees what the policy sees.*jointVelocity \[12\].*positionErrorB/);
    expect(problems).toMatch(/another rate.*0\.02.*0\.01/);
    expect(checkAdversary({ ...manifest, jointNames: ['force.x'] }, task, 'bully')).toMatchObject([
      {
        message: expect.stringMatching(/force\.x, force\.y.*torque\.z, got the outputs force\.x\)/),
      },
    ]);
    expect(checkAdversary(manifest, task, 'bully')).toEqual([]);
  });

  it('by chance draws anything up to its bounds', async () => {
    const adversary = await makeAdversary({ kind: 'random' }, task, 1);
    adversary.reset(0, new Rng(1, 'test'));
    const env = await makeSimEnv({ task, numEnvs: 1 });
    const raw = new Float32Array(6);
    adversary.act(raw, env.result, env.view);
    env.free();
    expect(new Set(raw).size).toBe(6);
    expect(raw.every((value) => Math.abs(value) <= 1)).toBe(true);
  });

  it('pushes the robots of a shard while they are in an episode, and the critic sees it', async () => {
    const randomization = { adversary: { maxForceScale: 0.5 } };
    const short = { ...task, episodeLengthS: 0.1 };
    const env = await makeSimEnv({ task: short, numEnvs: 2, autoreset: 'disabled', randomization });
    const actor: Actor = { name: 'still', reset() {}, act() {}, release() {} };
    const adversary: Actor = { ...actor, act: (raw) => void raw.fill(0).set([0, 1, 0], 0) };
    const shard = { index: 0, firstEpisode: 0, numEpisodes: 2 };
    const records = await collectShard(env, { shard, actor, adversary });
    const width = env.layout.criticNames.length;
    const column = env.layout.criticNames.indexOf('adversaryForceB.y');
    env.free();
    // A length of 1 is half of the weight; only the first of the two robots is pushed.
    const seen = records.map(({ critic }) => critic.filter((_, k) => k % width === column));
    expect([...seen[0]!.subarray(1)]).toEqual(Array(10).fill(0.5));
    expect([...seen[1]!]).toEqual(Array(11).fill(0));
  });
});
