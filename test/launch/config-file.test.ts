import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { listProfiles, readProfile, StartConfig } from '../../launch/config.ts';
import { UserError, UserErrors } from '../../sim/errors.ts';
import { parseYaml } from '../../sim/schema.ts';

const Schema = z.strictObject({
  rateHz: z.number().positive().default(50),
  loop: z.strictObject({ spinS: z.number().max(0.001).default(0) }).prefault({}),
});

const SOURCE = { where: 'a.yaml', remedy: 'Correct it.' };

function catchError(run: () => unknown): UserError {
  try {
    run();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('configuration files', () => {
  it('fill in the defaults of nested objects', () => {
    expect(parseYaml(Schema, 'rateHz: 20', SOURCE)).toEqual({ rateHz: 20, loop: { spinS: 0 } });
  });

  it('name file, line, key path and the valid keys of an unknown key', () => {
    const error = catchError(() => parseYaml(Schema, 'rateHz: 20\nloop:\n  spin: 1\n', SOURCE));
    expect(error.message).toMatch(/^a\.yaml:3: loop\.spin: unknown key/);
    expect(error.message).toContain('expected one of spinS, got spin');
  });

  it('report every problem at once', () => {
    const error = catchError(() =>
      parseYaml(Schema, 'rateHz: -1\nlop: 1\nloop: { spinS: 2 }', SOURCE),
    );
    expect(error).toBeInstanceOf(UserErrors);
    expect((error as UserErrors).errors).toHaveLength(3);
    expect(error.message).toContain('a.yaml:1: rateHz');
    expect(error.message).toContain('a.yaml:2: lop');
    expect(error.message).toContain('a.yaml:3: loop.spinS');
  });

  it('point at the line of a syntax error', () => {
    const error = catchError(() => parseYaml(Schema, 'rateHz: 20\nloop: [1\n', SOURCE));
    expect(error.message).toMatch(/^a\.yaml:3:1: this is not valid YAML/);
  });
});

describe('profiles', () => {
  it('in the box all parse', () => {
    expect(listProfiles()).toContain('demo');
    for (const name of listProfiles())
      expect(StartConfig.safeParse(readProfile(name)).success).toBe(true);
  });

  it('that do not exist are answered with those that do', () => {
    const error = catchError(() => readProfile('dmo'));
    expect(error.message).toContain('one of demo');
    expect(error.message).toContain("got 'dmo'");
  });
});
