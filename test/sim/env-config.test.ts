import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { EnvConfig, parseEnvConfig, SolverConfig, WorldConfig } from '../../sim/config.ts';

describe('the configuration of environments', () => {
  it('has defaults that are valid as they stand', () => {
    expect(parseEnvConfig({ numEnvs: 4 })).toMatchObject({
      numEnvs: 4,
      engine: 'rapier',
      autoreset: 'same_step',
      gravity: 9.80665,
      solver: { iterations: 2, internalIterations: 8 },
    });
  });

  it('says of every key what it means, and of every number in which unit', () => {
    for (const schema of [EnvConfig, WorldConfig, SolverConfig]) {
      for (const [key, field] of Object.entries(schema.shape)) {
        if (key === 'solver') continue;
        const meta = z.globalRegistry.get(field as z.ZodType);
        expect(meta?.description, key).toMatch(/\w/);
        const { type } = z.toJSONSchema(field as z.ZodType, { io: 'input' });
        if (type === 'number' || type === 'integer') expect(meta?.unit, key).toBeDefined();
      }
    }
  });

  it('refuses unknown keys and values out of range, all at once, by their path', () => {
    expect(() => parseEnvConfig({ numEnvs: 4, solver: { iterations: 0 }, gravty: 1 })).toThrow(
      /solver\.iterations: [\s\S]*got 0[\s\S]*gravty/,
    );
  });

  it('refuses solver settings for an engine that has none', () => {
    expect(parseEnvConfig({ numEnvs: 4, engine: 'mujoco' }).engine).toBe('mujoco');
    expect(() =>
      parseEnvConfig({ numEnvs: 4, engine: 'mujoco', solver: { iterations: 4 } }),
    ).toThrow(/environment: solver: MuJoCo has no such settings.*got \{"iterations":4\}/);
  });
});
