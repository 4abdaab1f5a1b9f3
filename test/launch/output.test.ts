import { afterEach, describe, expect, it, vi } from 'vitest';
import { EXIT, reportError } from '../../launch/output.ts';
import { describeMemoryError } from '../../policies/training/run/run-memory.ts';
import { describeDiskError } from '../../sim/dataset/files.ts';
import { UserErrors } from '../../sim/errors.ts';

/** As the file system has them. */
function refuse(code: string): Error {
  const cause = Object.assign(new Error(`${code}: no`), { code });
  return describeDiskError('state.bin', 'cannot be written', cause) as Error;
}

describe('the exit code of an error', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  const report = (error: unknown) => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const code = reportError(error);
    return { code, text: write.mock.calls.map(([line]) => line).join('') };
  };

  it('is 1 where the input was right: a full disk, missing memory', () => {
    const full = report(refuse('ENOSPC'));
    expect(full.code).toBe(EXIT.failure);
    expect(full.text).toMatch(/^\S*failed:.*state\.bin.*Free some space/s);
    const memory = describeMemoryError(new RangeError('Array buffer allocation failed'));
    expect(report(memory).code).toBe(EXIT.failure);
  });

  it('is 2 where it was not, alone or among others', () => {
    const denied = report(refuse('EACCES'));
    expect(denied.code).toBe(EXIT.badInput);
    expect(denied.text).toMatch(/^\S*error:/);
    const both = new UserErrors([refuse('EACCES') as never, refuse('ENOSPC') as never]);
    expect(report(both).code).toBe(EXIT.badInput);
  });
});
