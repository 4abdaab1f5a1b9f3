import type { Context } from './randomize/draw.ts';
import { isRowFinite, type StateBatch } from './robot/state.ts';

/** Everything about one environment at the moment a number stopped being one. */
export interface EnvDump {
  readonly env: number;
  readonly seed: number;
  readonly episode: number;
  /** Control steps since the episode began. */
  readonly step: number;
  readonly quantity: string;
  readonly action: readonly number[];
  readonly truth: StateDump;
  readonly measured: StateDump;
  readonly context: Context;
}

type StateDump = Readonly<Record<string, readonly number[]>>;

/** The simulation, or whoever acts on it, produced a number that is not finite. */
export class NonFiniteError extends Error {
  override readonly name = 'NonFiniteError';
  readonly dump: EnvDump;

  constructor(dump: EnvDump) {
    const { env, seed, episode, step, quantity } = dump;
    super(
      `env ${env}: ${quantity} is not finite in step ${step} of episode ${episode} (seed ${seed}). ` +
        'If it is the action, look at the policy; if it is the state, the physics has blown up: lower ' +
        `the timestep or narrow the randomisation. The state: ${formatDump(dump)}`,
    );
    this.dump = dump;
  }
}

const QUANTITIES = [
  ['position', 3],
  ['orientation', 4],
  ['linearVelocityW', 3],
  ['angularVelocityB', 3],
  ['jointPosition', undefined],
  ['jointVelocity', undefined],
  ['jointEffort', undefined],
] as const;

const NONE: readonly string[] = [];

/**
 * The first quantity of a robot's state that is not finite, or undefined. Allocates nothing.
 * @param unknown quantities that nobody measures, which may be anything
 */
export function findNonFinite(
  state: StateBatch,
  robot: number,
  unknown: readonly string[] = NONE,
): string | undefined {
  if (unknown.length === 0 && isAllFinite(state, robot)) return undefined;
  for (const [name, fixedWidth] of QUANTITIES) {
    if (unknown.includes(name)) continue;
    const width = fixedWidth ?? state.numJoints;
    if (!isRowFinite(state[name], robot, width)) return name;
  }
  return undefined;
}

/** What nearly always holds, said sooner than which quantity it is that does not. */
function isAllFinite(state: StateBatch, robot: number): boolean {
  const { numJoints } = state;
  return (
    isRowFinite(state.position, robot, 3) &&
    isRowFinite(state.orientation, robot, 4) &&
    isRowFinite(state.linearVelocityW, robot, 3) &&
    isRowFinite(state.angularVelocityB, robot, 3) &&
    isRowFinite(state.jointPosition, robot, numJoints) &&
    isRowFinite(state.jointVelocity, robot, numJoints) &&
    isRowFinite(state.jointEffort, robot, numJoints)
  );
}

/** A copy of one robot's state by name. */
export function copyStateDump(state: StateBatch, robot: number): StateDump {
  return Object.fromEntries(
    QUANTITIES.map(([name, fixedWidth]) => {
      const width = fixedWidth ?? state.numJoints;
      return [name, [...state[name].subarray(robot * width, (robot + 1) * width)]];
    }),
  );
}

/** JSON that keeps NaN and infinities readable. */
function formatDump(dump: EnvDump): string {
  return JSON.stringify(dump, (_key, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
}
