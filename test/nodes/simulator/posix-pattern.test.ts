import { describe, expect, it } from 'vitest';
import { compilePosixPattern } from '../../../nodes/simulator/posix-pattern.ts';

describe('a POSIX pattern', () => {
  it.each([
    ['', 'anything', true],
    ['cf0', 'cf07', true],
    ['^cf[[:digit:]]{2}$', 'cf07', true],
    ['^cf[[:digit:]]{2}$', 'cf007', false],
    ['^[^[:alpha:]_]', '7up', true],
    ['^[]x]$', ']', true],
    ['^[\\]$', '\\', true],
    ['a\\.b', 'a.b', true],
    ['a\\.b', 'axb', false],
    ['box|wall', 'wall_3', true],
  ])('%j finds %j: %j', (pattern, name, found) => {
    expect(compilePosixPattern(pattern).test(name)).toBe(found);
  });

  it.each([
    ['[a', /no \]/],
    ['[[:digits:]]', /no class \[:digits:\]/],
    ['\\d', /means nothing in POSIX/],
    ['(?=a)', /means nothing in POSIX/],
    ['a\\', /ends in a backslash/],
    ['(a', /./],
  ])('%j is refused', (pattern, message) => {
    expect(() => compilePosixPattern(pattern)).toThrow(message);
  });
});
