import RAPIER from './api.ts';

let loading: Promise<void> | undefined;

/**
 * Makes Rapier ready, once. Two calls of its own `init` at the same time would each make a memory, and whatever was
 * built in the first would break.
 */
export function loadRapier(): Promise<void> {
  loading ??= RAPIER.init();
  return loading;
}
