import { describe, expect, it } from 'vitest';
import { makeSimEnv } from '../../sim/env.ts';
import { planEnv } from '../../sim/env-plan.ts';
import { RandomizationConfig } from '../../sim/randomize/config.ts';
import type { CriticColumn } from '../../sim/task/critic-column.ts';
import { getTask } from '../../sim/tasks/registry.ts';

const task = getTask('cartpole-balance');
const DRAWN = RandomizationConfig.parse({
  massScale: { uniform: [0.5, 1.5] },
  gravityScale: { logUniform: [0.5, 2] },
});

async function listColumns(randomization = DRAWN): Promise<readonly CriticColumn[]> {
  return (await planEnv({ task, numEnvs: 1, randomization })).criticColumns;
}

describe('columns of a critic', () => {
  it('say what each number is: unit, scale, and of what was drawn the range', async () => {
    const crazyflie = await planEnv({ task: 'crazyflie-track', numEnvs: 1 });
    const find = (name: string) => crazyflie.criticColumns.find((column) => column.name === name);
    expect(crazyflie.criticColumns.map(({ name }) => name)).toEqual(crazyflie.layout.criticNames);
    expect(find('linearVelocityB.y')).toEqual({ name: 'linearVelocityB.y', unit: 'm/s' });
    const rotor = { name: 'jointVelocity.m2_joint', unit: 'rad/s', scale: 1 / 2500 };
    expect(find('jointVelocity.m2_joint')).toEqual(rotor);
    const columns = await listColumns();
    const drawn = { isLogarithmic: false, middle: 1, half: 0.5 };
    expect(columns).toContainEqual({ name: 'context.massScale', unit: '-', drawn });
    // From ln 0.5 to ln 2.
    const spread = { isLogarithmic: true, middle: 0, half: Math.log(2) };
    expect(columns.at(-1)!.drawn!.middle).toBeCloseTo(spread.middle, 12);
    expect(columns.at(-1)).toMatchObject({ name: 'context.gravityScale' });
    expect(columns.at(-1)!.drawn!.half).toBeCloseTo(spread.half, 12);
  });
});

describe('whoever acts by the true state', () => {
  it('is told what was drawn on the scale that it was taught on, whatever is drawn now', async () => {
    const privileged = await listColumns();
    const heavy = RandomizationConfig.parse({ massScale: 1.25 });
    const env = await makeSimEnv({
      task: { ...task, privileged },
      numEnvs: 1,
      randomization: heavy,
    });
    const { critic } = env.reset(1);
    const at = env.layout.criticNames.indexOf('context.massScale');
    // (1.25 − 1) / 0.5, and gravity as it is: ln 1 / ln 2.
    expect([...critic.slice(at)]).toEqual([0.5, 0]);
    env.free();
  });

  it('is refused where other columns are, each named', async () => {
    const privileged = await listColumns();
    const scaled = privileged.map((column, k) => (k === 0 ? { ...column, scale: 3 } : column));
    const plan = (columns: readonly CriticColumn[]) =>
      planEnv({ task: { ...task, privileged: columns }, numEnvs: 1, randomization: DRAWN });
    await expect(plan(privileged)).resolves.toMatchObject({ criticColumns: privileged });
    await expect(plan(scaled)).rejects.toThrow(
      new RegExp(
        `other columns.*expected .*${privileged[0]!.name}.*· 3, got .*${privileged[0]!.name}`,
      ),
    );
    await expect(plan([{ name: 'walkerX.ada', unit: 'm' }, ...privileged])).rejects.toThrow(
      /walkerX\.ada \[m\]/,
    );
  });

  it('is refused where single parts draw nothing that it looks at', async () => {
    const each = RandomizationConfig.parse({
      effortScale: { uniform: [0.9, 1.1], perJoint: true },
    });
    const privileged = await listColumns(each);
    const own = privileged.at(-1)!.name.slice('context.'.length);
    const planned = planEnv({
      ...{
        task: { ...task, privileged },
        numEnvs: 1,
        randomization: RandomizationConfig.parse({}),
      },
    });
    await expect(planned).rejects.toThrow(`expected ${own}`);
  });
});
