import type { EngineName } from '../../sim/engine/engine.ts';

/**
 * Why an engine misses a tolerance, by experiment; printed only where it does. Each figure was measured by the
 * experiment or by a variation of it that the text names.
 */
export const EXPLANATIONS: Readonly<Record<string, Readonly<Partial<Record<EngineName, string>>>>> =
  {};
