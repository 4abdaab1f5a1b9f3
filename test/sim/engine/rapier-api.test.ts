import { describe, expect, it } from 'vitest';

const NATIVE = globalThis.FinalizationRegistry;

/** The part of it that is needed here; TypeScript's own is among the types of the page. */
interface WebAssemblyApi {
  instantiate(bytes: unknown, imports?: unknown): Promise<{ readonly instance?: Instance }>;
}
interface Instance {
  readonly exports: { readonly memory?: { readonly buffer: ArrayBuffer } };
}

/** Loads Rapier for the first time in this process. @returns its memory */
async function loadWatched(): Promise<{ readonly buffer: ArrayBuffer }> {
  const { WebAssembly: api } = globalThis as unknown as { WebAssembly: WebAssemblyApi };
  const { instantiate } = api;
  const memories: { readonly buffer: ArrayBuffer }[] = [];
  api.instantiate = async (bytes, imports) => {
    const made = await instantiate(bytes, imports);
    const memory = made.instance?.exports.memory;
    if (memory !== undefined) memories.push(memory);
    return made;
  };
  const { loadRapier } = await import('../../../sim/engine/rapier/load.ts');
  await loadRapier();
  api.instantiate = instantiate;
  return memories[0]!;
}

describe('the doorway to Rapier', () => {
  it('gives the registry of finalizers back to everybody else', async () => {
    await import('../../../sim/engine/rapier/api.ts');
    expect(globalThis.FinalizationRegistry).toBe(NATIVE);
    expect(String(NATIVE)).toContain('[native code]');
  });

  it('leaves nothing behind in its memory, step by step and world by world', async () => {
    const memory = await loadWatched();
    const { makeSimEnv } = await import('../../../sim/env.ts');
    const live = async (steps: number) => {
      const env = await makeSimEnv({ task: 'go2-stand', numEnvs: 1 });
      env.reset(1);
      const action = new Float32Array(env.numActions);
      for (let step = 0; step < steps; step++) {
        env.step(action);
        env.world.computePenetration(0);
        if (step % 25 === 24) env.resetEnv(0);
      }
      env.free();
    };
    for (let world = 0; world < 3; world++) await live(20);
    const before = memory.buffer.byteLength;
    // A forgotten vector for every contact that is looked at would be 16 bytes · 4 feet · 4 physics steps · 1000.
    await live(1000);
    expect(memory.buffer.byteLength - before).toBeLessThan(16 * 4 * 4 * 1000);
  });
});
