import type { EngineName } from '../../sim/engine/engine.ts';

/**
 * Why an engine misses a tolerance, by experiment; printed only where it does. Each figure was measured by the
 * experiment or by a variation of it that the text names.
 */
export const EXPLANATIONS: Readonly<Record<string, Readonly<Partial<Record<EngineName, string>>>>> =
  {};

/** Where and why the engines differ, by comparison, in words that its numbers support. */
export const REMARKS: Readonly<Record<string, readonly string[]>> = {};
