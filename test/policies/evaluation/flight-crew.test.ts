import { afterAll, describe, expect, it } from 'vitest';
import { evaluate } from '../../../policies/evaluation/evaluate.ts';
import { FlightCrew } from '../../../policies/evaluation/flight-crew.ts';
import { UserError } from '../../../sim/errors.ts';
import { getTask } from '../../../sim/tasks/registry.ts';
import { makeTinyPolicy } from '../../kit/tiny-policy.ts';

const TASK = getTask('cartpole-balance');
const CLASSICAL = { kind: 'classical' } as const;
const crew = new FlightCrew(2);
afterAll(() => crew.close());

describe('threads that evaluate', () => {
  it('score to the last bit what one thread scores, and tell how far they are', async () => {
    const shared = { task: TASK, policy: CLASSICAL, episodes: 7, firstSeed: 100_000 };
    const told: number[] = [];
    const onProgress = (done: number) => void told.push(done);
    const alone = await evaluate(shared);
    const together = await evaluate({ ...shared, crew, onProgress });
    expect(together).toEqual(alone);
    // 7 seeds over two threads: four and three.
    expect(told.at(-1)).toBe(7);
    expect(told).toHaveLength(2);
  });

  it('pass on what is the user’s mistake, and can go on after it', async () => {
    const policy = await makeTinyPolicy();
    const refused = evaluate({ task: TASK, policy, episodes: 2, firstSeed: 1, crew });
    await expect(refused).rejects.toThrow(UserError);
    await expect(refused).rejects.toThrow(/robot/);
    const { episodes } = await evaluate({
      ...{ task: TASK, policy: CLASSICAL, episodes: 2, firstSeed: 1, crew },
    });
    expect(episodes).toHaveLength(2);
  });

  it('take only tasks that they can find by name', async () => {
    const task = { ...TASK, episodeLengthS: 1 };
    const asked = evaluate({ task, policy: CLASSICAL, episodes: 1, firstSeed: 1, crew });
    await expect(asked).rejects.toThrow(/is code/);
  });
});
