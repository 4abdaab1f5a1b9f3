import { describe, expect, it } from 'vitest';
import { getAlgorithm } from '../../../../policies/training/run/algorithms.ts';
import { estimateGraphBytes } from '../../../../policies/training/run/graph-memory.ts';

describe('the memory of a graph', () => {
  it('counts what is worked out of each row, and parameters', () => {
    const network = { numIn: 3, hidden: [4], numOut: 2 };
    // 9 values of a row and their gradients; 3·4 + 4 + 4·2 + 2 = 26 parameters, eight times.
    expect(estimateGraphBytes([network], 10)).toBe(4 * (2 * 10 * 9 + 8 * 26));
    expect(estimateGraphBytes([{ ...network, copies: 3 }], 10)).toBe(3 * 4 * 388);
    // The cell: 3·15 + 5·15 + 2·15 parameters; the layers begin at its state of 5.
    const cell = estimateGraphBytes([{ ...network, numState: 5 }], 10);
    expect(cell).toBe(4 * (2 * 10 * (9 + 55) + 8 * (150 + 5 * 4 + 4 + 4 * 2 + 2)));
  });

  it('grows with networks and minibatches, whoever learns', () => {
    const sizes = { numEnvs: 512, observationWidth: 20, criticWidth: 60, numActions: 4 };
    const estimate = (name: string, settings: object) =>
      getAlgorithm(name).plan(getAlgorithm(name).Settings.parse(settings)).estimateBytes(sizes);
    const ppo = (settings: object) => estimate('ppo', { minibatches: 4, ...settings }).networks;
    const small = ppo({});
    expect(ppo({ actor: { hidden: [4096] } })).toBeGreaterThan(5 * small);
    expect(ppo({ critic: { hidden: [4096] } })).toBeGreaterThan(5 * small);
    expect(ppo({ minibatches: 1 })).toBeGreaterThan(3 * small);
    expect(ppo({ mirror: true })).toBeGreaterThan(small);
    expect(ppo({ actor: { kind: 'gru' } })).toBeGreaterThan(2 * small);
    const td3 = (settings: object) => estimate('td3', settings).networks;
    expect(td3({ batchSize: 65_536 })).toBeGreaterThan(100 * td3({ batchSize: 64 }));
    expect(td3({ critic: { hidden: [4096] } })).toBeGreaterThan(10 * td3({}));
  });
});
