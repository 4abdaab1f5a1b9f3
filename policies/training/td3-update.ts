import { concat, type Expression } from '../onnx/expression.ts';
import { computeGradients } from '../onnx/gradient.ts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import { compileProgram, type Program } from '../onnx/program.ts';
import { writeNormalizer } from './actor-critic.ts';
import { writeAdamStep } from './adam.ts';
import { concatFlat } from './descent.ts';
import { listParameters, type NetworkShape, writeLayers } from './network-shape.ts';
import {
  makeParameterLayout,
  type ParameterLayout,
  type Pieces,
  splitParameters,
} from './parameters.ts';
import type { Td3Settings } from './td3-config.ts';

/** One actor, two critics that judge an action in a state. */
export interface Td3Networks {
  readonly actor: NetworkShape;
  readonly critics: readonly [NetworkShape, NetworkShape];
  readonly actorLayout: ParameterLayout;
  readonly criticLayout: ParameterLayout;
  /** Numbers of the critics' state, without the action. */
  readonly numCritic: number;
}

export function makeTd3Networks(
  widths: { readonly observation: number; readonly critic: number; readonly action: number },
  { actor, critic }: Pick<Td3Settings, 'actor' | 'critic'>,
): Td3Networks {
  const judge = (name: string): NetworkShape => ({
    ...{ name, hidden: critic.hidden, activation: critic.activation },
    ...{ numIn: widths.critic + widths.action, numOut: 1 },
  });
  const critics = [judge('critic1'), judge('critic2')] as const;
  const shape: NetworkShape = {
    ...{ name: 'actor', hidden: actor.hidden, activation: actor.activation },
    ...{ numIn: widths.observation, numOut: widths.action },
  };
  return {
    actor: shape,
    critics,
    actorLayout: makeParameterLayout(listParameters(shape)),
    criticLayout: makeParameterLayout(critics.flatMap(listParameters)),
    numCritic: widths.critic,
  };
}

/** `actor` parameters and `observation` [rows, numIn], with its normaliser, to `action` [rows, numActions] from −1 to 1. */
export function compileTd3Actor(
  { actor, actorLayout }: Td3Networks,
  rows: number,
  observationClip: number,
): Promise<Program> {
  const graph = new GraphBuilder();
  const pieces = splitParameters(graph.input('actor', [actorLayout.count]), actorLayout);
  const normalize = writeNormalizer(graph, 'observation', actor.numIn, observationClip);
  const seen = normalize(graph.input('observation', [rows, actor.numIn]));
  graph.output('action', writeLayers(seen, actor, pieces).tanh());
  return compileProgram(graph);
}

/**
 * One step of both critics towards r·(1 − γ) + γ·min(Q₁', Q₂') of the networks that are aimed at, in the next state and
 * with a little noise on its action: S. Fujimoto et al., "Addressing function approximation error in actor-critic methods"
 * (2018), algorithm 1. Rewards count 1 − γ times, so that a value is of the size of a reward.
 */
export function compileCriticUpdate(
  networks: Td3Networks,
  { batchSize, discount, maxGradientNorm, observationClip }: Td3Settings,
): Promise<Program> {
  const { actor, numCritic } = networks;
  const graph = new GraphBuilder();
  const inputs = makeInputs(graph, networks);
  const [normalizeObservation, normalizeCritic] = [
    writeNormalizer(graph, 'observation', actor.numIn, observationClip),
    writeNormalizer(graph, 'critic', numCritic, observationClip),
  ];
  const table = (name: string, width: number) => graph.input(name, [batchSize, width]);
  const nextSeen = normalizeObservation(table('nextObservation', actor.numIn));
  const nextAction = writeLayers(nextSeen, actor, inputs.split('targetActor', 'actorLayout'))
    .tanh()
    .add(table('noise', actor.numOut))
    .clip(-1, 1);
  const nextState = normalizeCritic(table('nextCritic', numCritic));
  const aimed = inputs.split('targetCritic', 'criticLayout');
  const [next1, next2] = judge(networks, aimed, nextState, nextAction);
  const goesOn = table('terminated', 1).neg().add(1);
  const target = table('reward', 1)
    .mul(1 - discount)
    .add(goesOn.mul(next1.min(next2)).mul(discount));

  const learnt = inputs.split('critic', 'criticLayout');
  const state = normalizeCritic(table('critic.seen', numCritic));
  const [value1, value2] = judge(networks, learnt, state, table('action', actor.numOut));
  const loss = value1.sub(target).square().mean().add(value2.sub(target).square().mean());
  writeStep(graph, inputs, {
    name: 'critic',
    layout: 'criticLayout',
    loss,
    pieces: learnt,
    maxGradientNorm,
  });
  graph.output('loss', loss);
  graph.output('value', value1.mean());
  return compileProgram(graph);
}

/** One step of the actor up the first critic's value, after which what is aimed at follows both a little. */
export function compileActorUpdate(
  networks: Td3Networks,
  { batchSize, maxGradientNorm, observationClip, targetShare }: Td3Settings,
): Promise<Program> {
  const { actor, numCritic } = networks;
  const graph = new GraphBuilder();
  const inputs = makeInputs(graph, networks);
  const normalizeObservation = writeNormalizer(graph, 'observation', actor.numIn, observationClip);
  const normalizeCritic = writeNormalizer(graph, 'critic', numCritic, observationClip);
  const pieces = inputs.split('actor', 'actorLayout');
  const seen = normalizeObservation(graph.input('observation', [batchSize, actor.numIn]));
  const action = writeLayers(seen, actor, pieces).tanh();
  const state = normalizeCritic(graph.input('critic.seen', [batchSize, numCritic]));
  const critic = inputs.split('critic', 'criticLayout');
  const [value] = judge(networks, critic, state, action);
  const loss = value.mean().neg();
  const next = writeStep(graph, inputs, {
    ...{ name: 'actor', layout: 'actorLayout', loss, pieces, maxGradientNorm },
  });
  const follow = (target: Expression, source: Expression) =>
    target.add(source.sub(target).mul(targetShare));
  graph.output('next.targetActor', follow(inputs.get('targetActor', 'actorLayout'), next));
  const learntCritic = inputs.get('critic', 'criticLayout');
  const nextTarget = follow(inputs.get('targetCritic', 'criticLayout'), learntCritic);
  graph.output('next.targetCritic', nextTarget);
  return compileProgram(graph);
}

type LayoutName = 'actorLayout' | 'criticLayout';
type Inputs = ReturnType<typeof makeInputs>;

/** Parameter vectors of the graph, each an input once. */
function makeInputs(graph: GraphBuilder, networks: Td3Networks) {
  const known = new Map<string, Expression>();
  const get = (name: string, layout: LayoutName): Expression => {
    const found = known.get(name) ?? graph.input(name, [networks[layout].count]);
    known.set(name, found);
    return found;
  };
  const split = (name: string, layout: LayoutName): Pieces =>
    splitParameters(get(name, layout), networks[layout]);
  return { get, split };
}

function judge(
  { critics }: Td3Networks,
  pieces: Pieces,
  state: Expression,
  action: Expression,
): [Expression, Expression] {
  const both = concat([state, action], 1);
  return [writeLayers(both, critics[0], pieces), writeLayers(both, critics[1], pieces)];
}

/** Adam on one vector: outputs `next.<name>`, `next.<name>First`, `next.<name>Second`. */
function writeStep(
  graph: GraphBuilder,
  inputs: Inputs,
  step: {
    readonly name: 'actor' | 'critic';
    readonly layout: LayoutName;
    readonly loss: Expression;
    readonly pieces: Pieces;
    readonly maxGradientNorm: number;
  },
): Expression {
  const { name, layout, pieces, maxGradientNorm } = step;
  const gradients = computeGradients(step.loss, [...pieces.values()]);
  const next = writeAdamStep({
    parameters: inputs.get(name, layout),
    gradient: concatFlat(gradients),
    firstMoment: inputs.get(`${name}First`, layout),
    secondMoment: inputs.get(`${name}Second`, layout),
    rate: graph.input('rate', []),
    maxGradientNorm,
  });
  graph.output(`next.${name}`, next.parameters);
  graph.output(`next.${name}First`, next.firstMoment);
  graph.output(`next.${name}Second`, next.secondMoment);
  return next.parameters;
}
