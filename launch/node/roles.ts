import { basename } from 'node:path';
import { makePolicyNode } from '../../nodes/policy-node.ts';
import type { RosContext } from '../../nodes/ros/port.ts';
import { makeSafetyNode } from '../../nodes/safety-node.ts';
import { makeRefereeNode } from '../../nodes/simulator/referee-node.ts';
import type { WorldBuilder } from '../../nodes/simulator/simulation.ts';
import { makeSimulatorNode } from '../../nodes/simulator-node.ts';
import { makeTiles } from '../../sim/engine/tiles.ts';
import { UserError } from '../../sim/errors.ts';
import { parseYaml } from '../../sim/schema.ts';
import { TerrainConfig } from '../../sim/terrain/config.ts';
import { listProfiles, readProfile } from '../config.ts';
import { chooseTerrain, makeStartWriter, type Plan } from '../plan.ts';
import {
  makePlanInterfaces,
  makePlanOutputs,
  makePlanRecorder,
  makePlanReference,
  makePlanViewer,
  makePlanWorld,
} from '../plan-nodes.ts';
import { buildScene } from '../scene-record.ts';
import type { NodeParameters } from './parameters.ts';

/** A node at work in a process of its own. */
export interface RunningNode {
  /** Rejects or resolves when it ends by itself; absent: it goes on until it is told to end. */
  readonly ended?: Promise<void>;
  /** Motors first, where it has a say in them. */
  end(): Promise<void> | void;
}

type Make = (
  context: RosContext,
  plan: Plan,
  parameters: NodeParameters,
) => Promise<RunningNode> | RunningNode;

/** Every node that can run in a process of its own, by the name of its executable. */
export const ROLES = {
  simulator_node: makeSimulator,
  policy_node: makePolicy,
  safety_node: makeSafety,
  reference_node: makeReference,
  recorder_node: makeRecorder,
  viewer_node: makeViewer,
} as const satisfies Record<string, Make>;
export type RoleName = keyof typeof ROLES;

async function makeSimulator(
  context: RosContext,
  plan: Plan,
  { startState }: NodeParameters,
): Promise<RunningNode> {
  const { config, robots, scene, description, task } = plan;
  const world = await makePlanWorld(plan, { numRobots: robots.length, scene });
  // A referee knows the world that it began with.
  const chosen =
    task === undefined
      ? { builder: makeBuilder(plan) }
      : { referee: makeRefereeNode(context, { task, world, robots }) };
  const simulator = makeSimulatorNode(context, {
    ...{ world, robots, description, startState, seed: config.seed, ...chosen },
    writeStart: makeStartWriter(config, task),
    motorsAtStart: config.start.motors,
    realTimeFactor: config.realTimeFactor,
    commandTimeoutMs: config.commandTimeoutMs,
  });
  makePlanInterfaces(context, plan);
  const ended = simulator.run(Number.POSITIVE_INFINITY);
  return {
    ended,
    async end() {
      simulator.stop();
      await ended;
      simulator.world?.free();
    },
  };
}

/** Worlds are the terrains of the profiles in the box, and whatever a text of that form describes. */
function makeBuilder(plan: Plan): WorldBuilder {
  const { config, profile, scene, terrain } = plan;
  const worlds = listProfiles().map((name) => {
    const known = readProfile(name);
    const ground = chooseTerrain(known);
    return {
      ...{ name, description: known.description, uri: `zerogap://worlds/${name}` },
      tags: [ground.ground.kind],
      build: () => buildScene(ground, config.seed),
    };
  });
  const name = basename(profile).replace(/\.ya?ml$/, '');
  const known = worlds.find((world) => world.name === profile);
  return {
    worlds,
    initial: {
      ...{ name, uri: known?.uri ?? '', description: config.description, scene },
      tags: [terrain.ground.kind],
    },
    readText: (text, where) => {
      const remedy = 'Correct it; every key is described in sim/terrain/config.ts.';
      return buildScene(parseYaml(TerrainConfig, text, { where, remedy }), config.seed);
    },
    make: (spec) => makePlanWorld(plan, spec),
  };
}

async function makePolicy(
  context: RosContext,
  { config, model, robots, pilot }: Plan,
  { clock, autostart }: NodeParameters,
): Promise<RunningNode> {
  const policy = await makePolicyNode(context, {
    ...{ policy: pilot.source, model, robots, clock, lifecycle: { autostart } },
    runtime: config.runtime,
    periodS: pilot.manifest.periodS,
  });
  const ended = new Promise<never>((_, reject) => {
    policy.onFault((message) => reject(new Error(`the policy ended: ${message}`)));
  });
  return { ended, end: () => policy.close() };
}

/** [ms] in which a stop has gone through the node that says it in other words: some periods of any policy */
const RELAY_MS = 250;

/** With what a base on wheels or ros2_control hears, where the profile asks for it. */
function makeSafety(
  context: RosContext,
  plan: Plan,
  { clock, autostart }: NodeParameters,
): RunningNode {
  const { config, model, robots, pilot } = plan;
  const { periodS } = pilot.manifest;
  const safety = makeSafetyNode(context, {
    ...{ model, robots, config: config.safety, periodS, clock, lifecycle: { autostart } },
  });
  makePlanOutputs(context, plan);
  const { baseCommand, controllerCommand } = config;
  const isRelayed = baseCommand.kind !== 'off' || controllerCommand.kind !== 'off';
  return {
    async end() {
      safety.stopAll('the safety node ends');
      // The stop is repeated every period; who relays it hears it over the graph, and is to pass it on before it ends.
      if (isRelayed) await new Promise((resolve) => setTimeout(resolve, RELAY_MS));
    },
  };
}

/** @throws UserError for a profile with a task, which the simulator's referee asks */
function makeReference(context: RosContext, plan: Plan, { clock }: NodeParameters): RunningNode {
  if (plan.task !== undefined) {
    throw new UserError({
      where: 'node reference_node',
      problem: 'there are no courses to follow: a task asks something of the robots',
      expected: 'a profile with `courses`',
      got: `task '${plan.task.name}' of profile '${plan.profile}'`,
      remedy: 'Leave the node out (reference_node:=false): simulator_node asks what the task asks.',
    });
  }
  makePlanReference(context, plan, clock);
  return { end: () => {} };
}

async function makeRecorder(context: RosContext, plan: Plan): Promise<RunningNode> {
  const recorder = await makePlanRecorder(context, plan, { mapFromOdom: computeOrigins(plan) });
  return { end: () => recorder.close() };
}

async function makeViewer(context: RosContext, plan: Plan): Promise<RunningNode> {
  const viewer = await makePlanViewer(context, plan, { mapFromOdom: computeOrigins(plan) });
  process.stdout.write(`page ${viewer.url}\n`);
  return { end: () => viewer.close() };
}

/** [numRobots, 3] m [@frame map] as the simulator has them */
function computeOrigins({ robots, config }: Plan): Float64Array {
  return makeTiles(robots.length, config.tileSpacing);
}
