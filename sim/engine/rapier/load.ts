import RAPIER from './api.ts';

let loading: Promise<void> | undefined;

/**
 * Makes Rapier ready, once. Two calls of its own `init` at the same time would each make a memory, and whatever was
 * built in the first would break.
 */
export function loadRapier(): Promise<void> {
  loading ??= RAPIER.init().then(stopClock);
  return loading;
}

/**
 * Gives Rapier a clock that stands still. Version 0.20 reads the time 28 times in a step, for a profiler that is off, and
 * each reading crosses over to JavaScript: 3 to 5 % of the time of a step of go2 or turtlebot. Whom it asks it finds out in
 * its first step, once and for all.
 */
function stopClock(): void {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'performance')!;
  const still = { now: () => 0 };
  Object.defineProperty(globalThis, 'performance', { value: still, configurable: true });
  const world = new RAPIER.World({ x: 0, y: 0, z: 0 });
  try {
    world.step();
  } finally {
    Object.defineProperty(globalThis, 'performance', own);
    world.free();
  }
}
