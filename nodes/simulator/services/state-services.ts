import type { GoalOutcome } from '../../ros/action.ts';
import type { Result } from '../../ros/messages.ts';
import { getSimulationName, SIMULATION_ACTION } from '../../topics.ts';
import {
  answer,
  FEATURE,
  type FeatureName,
  RESULT,
  Refusal,
  refuse,
  SCOPE,
  STATE,
  STATE_RESULT,
  type StateName,
  succeed,
} from '../codes.ts';
import type { StepEnd } from '../run-state.ts';
import { NO_BUILDER, type Simulation } from '../simulation.ts';
import type { Handlers } from './serve.ts';

/** What every simulator can. */
const ALWAYS: readonly FeatureName[] = [
  ...(['namedPoses', 'entityTags', 'entityBounds', 'entityBoundsBox'] as const),
  ...(['entityCategories', 'entityStateGetting', 'entityStateSetting'] as const),
  ...(['entityInfoGetting', 'simulationReset', 'simulationResetState'] as const),
  ...(['simulationStateGetting', 'simulationStateSetting', 'simulationStatePause'] as const),
  ...(['stepSimulationSingle', 'stepSimulationMultiple', 'stepSimulationAction'] as const),
  ...(['worldInfoGetting'] as const),
];
/** What it can besides where it may go over to another world. */
const WITH_BUILDER: readonly FeatureName[] = [
  ...(['spawning', 'spawningEntities', 'deleting', 'spawningResourceString'] as const),
  ...(['spawnables', 'simulationResetSpawned', 'worldLoading', 'worldResourceString'] as const),
  ...(['worldTags', 'worldUnloading', 'availableWorlds'] as const),
];

const TIME_GOES_ON =
  'simulated time is not reset: it only grows, because watchdogs and recordings rely on it';

/** What a simulator can, what it is doing, and that it may do something else. */
export function stateServices(
  simulation: Simulation,
  quit: () => void,
): Handlers<
  | 'GetSimulatorFeatures'
  | 'GetSimulationState'
  | 'SetSimulationState'
  | 'ResetSimulation'
  | 'StepSimulation'
> {
  const { run, safePoint } = simulation;
  return {
    GetSimulatorFeatures: () => {
      const names = [...ALWAYS, ...(simulation.options.builder === undefined ? [] : WITH_BUILDER)];
      return {
        features: {
          features: Uint16Array.from(names.map((name) => FEATURE[name]).sort((a, b) => a - b)),
          spawn_formats: simulation.options.builder === undefined ? [] : ['urdf'],
          custom_info: describe(simulation),
        },
      };
    },
    GetSimulationState: () => ({ state: { state: STATE[run.state] }, result: succeed() }),
    SetSimulationState: ({ state: { state } }) =>
      answer({}, () => safePoint.act(() => goOver(simulation, state, quit))),
    ResetSimulation: ({ scope }) => answer({}, () => safePoint.act(() => reset(simulation, scope))),
    StepSimulation: ({ steps }) =>
      answer({}, async () => {
        const { done } = await safePoint.act(() => run.step(readCount(steps)));
        return { result: explainEnd(await done, steps) };
      }),
  };
}

/** Serves SimulateSteps: steps with a word after each, which may be cancelled. */
export function serveSteps({ node, run, safePoint }: Simulation): void {
  node.createActionServer(SIMULATION_ACTION, getSimulationName('SimulateSteps'), {
    async execute(goal) {
      const { steps } = goal.goal;
      const { result, outcome } = await answer<{ result: Result; outcome: GoalOutcome }>(
        { outcome: 'aborted' },
        async () => {
          const request = await safePoint.act(() =>
            run.step(readCount(steps), (completed) => {
              const done = BigInt(completed);
              goal.publishFeedback({ completed_steps: done, remaining_steps: steps - done });
            }),
          );
          if (goal.signal.aborted) request.cancel();
          goal.signal.addEventListener('abort', () => request.cancel());
          const end = await request.done;
          return { outcome: getOutcome(end), result: explainEnd(end, steps) };
        },
      );
      return { outcome, result: { result } };
    },
  });
}

function getOutcome({ reason }: StepEnd): GoalOutcome {
  if (reason === undefined) return 'succeeded';
  return reason === 'cancelled' ? 'canceled' : 'aborted';
}

function describe({ options, plant }: Simulation): string {
  const { controlPeriodS, substeps } = plant?.world ?? options.world;
  return [
    'zerogap, simulation_interfaces 2.1.',
    `One step is one control period: ${controlPeriodS} s, ${substeps} physics steps.`,
    `ResetSimulation: SCOPE_STATE draws the next episode of the seed, SCOPE_ALL the first again; ${TIME_GOES_ON}.`,
    ...(options.builder === undefined ? [`No spawning and no worlds: ${NO_BUILDER}.`] : []),
  ].join(' ');
}

async function goOver(
  simulation: Simulation,
  wanted: number,
  quit: () => void,
): Promise<{ result: Result }> {
  const { run } = simulation;
  const name = (Object.keys(STATE) as StateName[]).find((key) => STATE[key] === wanted);
  if (run.state === name) {
    return { result: refuse(STATE_RESULT.alreadyInTargetState, `it is ${name} already`) };
  }
  if (name === 'quitting') {
    run.enter('quitting');
    quit();
    return { result: succeed() };
  }
  if (name !== 'stopped' && name !== 'playing' && name !== 'paused') {
    throw new Refusal(
      STATE_RESULT.incorrectTransition,
      `state ${wanted} cannot be asked for; stopped (0), playing (1), paused (2) and quitting (3) can`,
    );
  }
  if (run.state === 'noWorld') simulation.getPlant();
  if (run.state === 'quitting') {
    throw new Refusal(RESULT.incorrectState, 'the simulator is quitting');
  }
  if (name !== 'stopped') {
    run.enter(name);
    return { result: succeed() };
  }
  // As SimulationState defines it: a pause and a complete reset.
  run.enter('stopped');
  return reset(simulation, SCOPE.all);
}

async function reset(simulation: Simulation, scope: number): Promise<{ result: Result }> {
  simulation.getPlant();
  const isAll = scope === SCOPE.default || scope === SCOPE.all;
  if (!isAll && (scope & SCOPE.time) !== 0) {
    throw new Refusal(RESULT.featureUnsupported, `SCOPE_TIME: ${TIME_GOES_ON}`);
  }
  if (!isAll && (scope & ~(SCOPE.state | SCOPE.spawned)) !== 0) {
    throw new Refusal(RESULT.featureUnsupported, `scope ${scope} has bits that mean nothing`);
  }
  if (isAll) await simulation.restore('all');
  else if ((scope & SCOPE.spawned) !== 0) await simulation.restore('spawned');
  if (isAll) simulation.startEpisode('first');
  else if ((scope & SCOPE.state) !== 0) simulation.startEpisode('next');
  return { result: succeed(isAll ? TIME_GOES_ON : '') };
}

/** @throws Refusal for more than anybody can wait for */
function readCount(steps: bigint): number {
  if (steps <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(steps);
  throw new Refusal(RESULT.operationFailed, `${steps} steps are more than can be counted`);
}

function explainEnd({ completed, reason }: StepEnd, wanted: bigint): Result {
  if (reason === undefined) return succeed();
  return refuse(RESULT.operationFailed, `${completed} of ${wanted} steps were taken: ${reason}`);
}
