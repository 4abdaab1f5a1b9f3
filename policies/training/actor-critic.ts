import type { Rng } from '../../sim/math/rng.ts';
import type { Expression } from '../onnx/expression.ts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import { compileProgram, type Program } from '../onnx/program.ts';
import {
  initializeNetwork,
  listParameters,
  type NetworkShape,
  writeLayers,
  writeNormalized,
  writeStates,
} from './network-shape.ts';
import {
  makeParameterLayout,
  type ParameterLayout,
  splitParameters,
  viewParameters,
} from './parameters.ts';
import type { ActorSettings, PpoSettings } from './ppo-config.ts';
import type { TrainingEnv } from './training-env.ts';

/** Which rows of the environments something sees. */
export type SeenKey = 'observation' | 'critic';

/** Of a setting `observes`. */
export function findSeenKey(observes: 'policy' | 'critic'): SeenKey {
  return observes === 'critic' ? 'critic' : 'observation';
}

/** A policy that says the mean of a normal distribution, the log of its deviation, and a critic with networks of its own. */
export interface ActorCritic {
  readonly actor: NetworkShape;
  readonly critic: NetworkShape;
  /** What either sees. */
  readonly sight: { readonly actor: SeenKey; readonly critic: SeenKey };
  /** Pieces `actor.…`, `logStd` [numActions] */
  readonly policyLayout: ParameterLayout;
  /** Pieces `critic.…` */
  readonly criticLayout: ParameterLayout;
  /** All of them, the policy's first. */
  readonly layout: ParameterLayout;
  readonly observationClip: number;
}

/** What decides their networks. An actor that does not say what it observes sees what a robot measures. */
export interface ActorCriticSettings extends Pick<PpoSettings, 'critic' | 'observationClip'> {
  readonly actor: ActorSettings & Partial<Pick<PpoSettings['actor'], 'observes'>>;
}

export function makeActorCritic(env: TrainingEnv, settings: ActorCriticSettings): ActorCritic {
  const widths = {
    observation: env.layout.observationNames.length,
    critic: env.layout.criticNames.length,
  };
  const sight = {
    actor: findSeenKey(settings.actor.observes ?? 'policy'),
    critic: findSeenKey(settings.critic.observes),
  };
  const actor: NetworkShape = {
    name: 'actor',
    numIn: widths[sight.actor],
    hidden: settings.actor.hidden,
    numOut: env.numActions,
    activation: settings.actor.activation,
    numState: settings.actor.kind === 'gru' ? settings.actor.numState : undefined,
  };
  const critic: NetworkShape = {
    name: 'critic',
    numIn: widths[sight.critic],
    hidden: settings.critic.hidden,
    numOut: 1,
    activation: settings.critic.activation,
  };
  const ofPolicy = [...listParameters(actor), { name: 'logStd', shape: [env.numActions] }];
  const ofCritic = listParameters(critic);
  return {
    actor,
    critic,
    sight,
    policyLayout: makeParameterLayout(ofPolicy),
    criticLayout: makeParameterLayout(ofCritic),
    layout: makeParameterLayout([...ofPolicy, ...ofCritic]),
    observationClip: settings.observationClip,
  };
}

/** [count] where learning begins. */
export function makeFirstParameters(
  { actor, critic, layout }: ActorCritic,
  initialStd: number,
  rng: Rng,
): Float32Array {
  const vector = new Float32Array(layout.count);
  initializeNetwork(vector, layout, actor, { outputScale: 0.01, rng: rng.fork('actor') });
  initializeNetwork(vector, layout, critic, { outputScale: 1, rng: rng.fork('critic') });
  viewParameters(vector, layout, 'logStd').fill(Math.log(initialStd));
  return vector;
}

/** Mean and deviation inputs of a normaliser, by the name of what they normalise. */
export function writeNormalizer(graph: GraphBuilder, name: string, width: number, clip: number) {
  const mean = graph.input(`${name}Mean`, [width]);
  const std = graph.input(`${name}Std`, [width]);
  return (input: Expression) => writeNormalized(input, { mean, std, clip });
}

/**
 * What acts on `rows` environments: `parameters`, `observation` [rows, numIn] with its normaliser, and of a recurrent one
 * `state` [rows, numState], to `mean` [rows, numActions] and the next `state`.
 */
export function compileActor(
  { actor, layout, observationClip }: ActorCritic,
  rows: number,
): Promise<Program> {
  const graph = new GraphBuilder();
  const pieces = splitParameters(graph.input('parameters', [layout.count]), layout);
  const normalize = writeNormalizer(graph, 'observation', actor.numIn, observationClip);
  let value = normalize(graph.input('observation', [rows, actor.numIn]));
  if (actor.numState !== undefined) {
    const state = graph.input('state', [rows, actor.numState]);
    // Whoever holds the state sets it to zero where an episode begins.
    value = writeStates(value, state, graph.full([rows, 1], 1), { network: actor, pieces });
    graph.output('nextState', value);
  }
  graph.output('mean', writeLayers(value, actor, pieces));
  return compileProgram(graph);
}

/** What judges `rows` states: `parameters`, `critic` [rows, numIn] with its normaliser, to `value` [rows, 1]. */
export function compileCritic(
  { critic, layout, observationClip }: ActorCritic,
  rows: number,
): Promise<Program> {
  const graph = new GraphBuilder();
  const pieces = splitParameters(graph.input('parameters', [layout.count]), layout);
  const normalize = writeNormalizer(graph, 'critic', critic.numIn, observationClip);
  const value = normalize(graph.input('critic', [rows, critic.numIn]));
  graph.output('value', writeLayers(value, critic, pieces));
  return compileProgram(graph);
}
