import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { EnvConfig, parseEnvConfig, WorldConfig } from '../../sim/config.ts';
import { SolverConfig } from '../../sim/robot/physics-config.ts';

describe('the configuration of environments', () => {
  it('has defaults that are valid as they stand', () => {
    expect(parseEnvConfig({ numEnvs: 4 })).toMatchObject({
      numEnvs: 4,
      engine: 'rapier',
      autoreset: 'same_step',
      gravity: 9.80665,
    });
  });

  it('says of every key what it means, and of every number in which unit', () => {
    const { rapier, mujoco } = SolverConfig.shape;
    for (const schema of [EnvConfig, WorldConfig, rapier.unwrap(), mujoco.unwrap()]) {
      for (const [key, wrapped] of Object.entries(schema.shape)) {
        // A default is wrapped around what is described.
        const isSolver = schema !== EnvConfig && schema !== WorldConfig;
        const field = isSolver && wrapped instanceof z.ZodDefault ? wrapped.unwrap() : wrapped;
        const meta = z.globalRegistry.get(field as z.ZodType);
        expect(meta?.description, key).toMatch(/\w/);
        const { type } = z.toJSONSchema(field as z.ZodType, { io: 'input' });
        if (type === 'number' || type === 'integer') expect(meta?.unit, key).toBeDefined();
      }
    }
  });

  it('refuses unknown keys and values out of range, all at once, by their path', () => {
    expect(() =>
      parseEnvConfig({ numEnvs: 4, solver: { rapier: { iterations: 0 } }, gravty: 1 }),
    ).toThrow(/solver\.rapier\.iterations: [\s\S]*got 0[\s\S]*gravty/);
  });

  it('refuses solver settings of an engine that is not used', () => {
    expect(parseEnvConfig({ numEnvs: 4, engine: 'mujoco' }).engine).toBe('mujoco');
    expect(() =>
      parseEnvConfig({ numEnvs: 4, engine: 'mujoco', solver: { rapier: { iterations: 4 } } }),
    ).toThrow(/environment: solver\.rapier: .*another engine.*got \{"iterations":4\}/);
  });
});
