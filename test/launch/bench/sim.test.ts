import { afterEach, describe, expect, it } from 'vitest';
import type { SimBenchRequest } from '../../../launch/bench/sim-thread.ts';
import { AskedThread } from '../../../sim/asked-thread.ts';
import type { EngineName } from '../../../sim/engine/engine.ts';

const ENTRY = new URL('../../../launch/bench/sim-thread-entry.js', import.meta.url);

const threads: AskedThread<SimBenchRequest, number>[] = [];
afterEach(async () => {
  await Promise.all(threads.splice(0).map((thread) => thread.end()));
});

function startThread(engine: EngineName): AskedThread<SimBenchRequest, number> {
  const thread = new AskedThread<SimBenchRequest, number>({ entry: ENTRY, name: engine });
  threads.push(thread);
  return thread;
}

describe('the thread of an engine in bench sim', () => {
  it.each(['rapier', 'mujoco'] as const)(
    'of %s runs environments and bare worlds',
    async (engine) => {
      const thread = startThread(engine);
      const size = { numRobots: 2, seed: 1, turnS: 0.2 };
      await thread.ask({ kind: 'open', task: 'crazyflie-track', engine, ...size });
      const speeds = [await thread.ask({ kind: 'env' }), await thread.ask({ kind: 'bare' })];
      // A control step takes less than a second, and more than 10 ns.
      for (const speed of speeds) {
        expect(speed).toBeGreaterThan(1);
        expect(speed).toBeLessThan(1e8);
      }
    },
  );

  it('runs worlds whose joints have servos of their own', async () => {
    const thread = startThread('rapier');
    const size = { numRobots: 1, seed: 1, turnS: 0.1 };
    await thread.ask({ kind: 'open', task: 'go2-stand', engine: 'rapier', ...size });
    expect(await thread.ask({ kind: 'bareServos' })).toBeGreaterThan(1);
  });

  it('says so where it is asked for a turn before it has a task', async () => {
    await expect(startThread('rapier').ask({ kind: 'env' })).rejects.toThrow('was not opened');
  });
});
