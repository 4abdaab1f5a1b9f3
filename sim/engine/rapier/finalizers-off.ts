/**
 * Rapier's bindings register every object that they hand out with the garbage collector, also those that they free a line
 * later, three for every contact that is looked at: an eighth of the time of go2. They ask for a registry while they
 * are loaded, and do without one where there is none; here they get one that does nothing until finalizers-on.ts.
 * So what is not freed by hand is leaked: worlds, event queues and raw vectors are.
 */
export const FINALIZATION_REGISTRY = globalThis.FinalizationRegistry;

class NoRegistry {
  register(): void {}
  unregister(): boolean {
    return false;
  }
}

Object.assign(globalThis, { FinalizationRegistry: NoRegistry });
