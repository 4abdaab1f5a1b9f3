import type { Bounds, Result } from '../ros/messages.ts';

/** simulation_interfaces/Result. */
export const RESULT = {
  featureUnsupported: 0,
  ok: 1,
  notFound: 2,
  incorrectState: 3,
  operationFailed: 4,
} as const;

/** SetSimulationState's own results. */
export const STATE_RESULT = {
  alreadyInTargetState: 101,
  stateTransitionError: 102,
  incorrectTransition: 103,
} as const;

/** SpawnEntity's own results. */
export const SPAWN_RESULT = {
  nameNotUnique: 101,
  nameInvalid: 102,
  unsupportedFormat: 103,
  noResource: 104,
  namespaceInvalid: 105,
  resourceParseError: 106,
  missingAssets: 107,
  unsupportedAssets: 108,
  invalidPose: 109,
} as const;
/** SpawnEntities' own result. */
export const ENTITIES_SPAWN_FAILED = 150;

/** LoadWorld's own results. */
export const WORLD_RESULT = {
  unsupportedFormat: 101,
  noResource: 102,
  resourceParseError: 103,
} as const;
/** Of GetCurrentWorld and UnloadWorld. */
export const NO_WORLD_LOADED = 101;
/** SetEntityState's own result. */
export const INVALID_POSE = 101;

/** simulation_interfaces/SimulationState. */
export const STATE = {
  stopped: 0,
  playing: 1,
  paused: 2,
  quitting: 3,
  noWorld: 4,
  loadingWorld: 5,
} as const;
export type StateName = keyof typeof STATE;

/** simulation_interfaces/SimulatorFeatures, those that this simulator may have. */
export const FEATURE = {
  spawning: 0,
  deleting: 1,
  namedPoses: 2,
  entityTags: 4,
  entityBounds: 5,
  entityBoundsBox: 6,
  entityCategories: 8,
  spawningResourceString: 9,
  entityStateGetting: 10,
  entityStateSetting: 11,
  entityInfoGetting: 12,
  spawnables: 14,
  simulationReset: 20,
  simulationResetState: 22,
  simulationResetSpawned: 23,
  simulationStateGetting: 24,
  simulationStateSetting: 25,
  simulationStatePause: 26,
  stepSimulationSingle: 31,
  stepSimulationMultiple: 32,
  stepSimulationAction: 33,
  worldLoading: 40,
  worldResourceString: 41,
  worldTags: 42,
  worldUnloading: 43,
  worldInfoGetting: 44,
  availableWorlds: 45,
  spawningEntities: 50,
} as const;
export type FeatureName = keyof typeof FEATURE;

/** ResetSimulation's scopes, a bit field. */
export const SCOPE = { default: 0, time: 1, state: 2, spawned: 4, all: 255 } as const;

/** simulation_interfaces/EntityCategory. */
export const CATEGORY = { robot: 1, dynamicObject: 4, staticObject: 5 } as const;

/** simulation_interfaces/Bounds. */
export const BOUNDS = { empty: 0, box: 1, convexHull: 2, sphere: 3 } as const;

/** Unbounded, or not known. */
export const NO_BOUNDS: Bounds = { type: BOUNDS.empty, points: [] };

/** simulation_interfaces/TagsFilter. */
export const TAGS_MODE = { any: 0, all: 1 } as const;

/** @param message for one who must know more than that it worked */
export function succeed(message = ''): Result {
  return { result: RESULT.ok, error_message: message };
}

export function refuse(code: number, message: string): Result {
  return { result: code, error_message: message };
}

/** What a service does not do, told as it tells it. */
export class Refusal extends Error {
  readonly result: Result;

  constructor(code: number, message: string) {
    super(message);
    this.result = refuse(code, message);
  }
}

/** Runs what may throw a {@link Refusal}; its result is the answer then, with `blank` for all else. */
export async function answer<Response extends { result: Result }>(
  blank: Omit<Response, 'result'>,
  serve: () => Promise<Omit<Response, 'result'>> | Omit<Response, 'result'>,
): Promise<Response> {
  try {
    return { result: succeed(), ...(await serve()) } as Response;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ...blank, result: error.result } as Response;
  }
}
