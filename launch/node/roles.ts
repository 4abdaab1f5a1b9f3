import { basename, join } from 'node:path';
import { makePolicyNode } from '../../nodes/policy-node.ts';
import { makeRecorderNode } from '../../nodes/recorder-node.ts';
import { makeReferenceNode } from '../../nodes/reference-node.ts';
import type { RosContext } from '../../nodes/ros/port.ts';
import { makeSafetyNode } from '../../nodes/safety-node.ts';
import type { WorldBuilder } from '../../nodes/simulator/simulation.ts';
import { makeSimulatorNode } from '../../nodes/simulator-node.ts';
import { makeViewerNode } from '../../nodes/viewer-node.ts';
import { makeTiles } from '../../sim/engine/tiles.ts';
import { parseYaml } from '../../sim/schema.ts';
import { TerrainConfig } from '../../sim/terrain/config.ts';
import { makeRobotWorld, type RobotWorld } from '../../sim/world.ts';
import { listProfiles, readProfile } from '../config.ts';
import { makeStartWriter, type Plan, pickCourse } from '../plan.ts';
import { buildScene, writeSceneRecord } from '../scene-record.ts';
import { listOrigins } from '../stack.ts';
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
  const { config } = plan;
  const builder = makeBuilder(plan);
  const { scene } = plan;
  const { robots, description } = plan;
  const simulator = makeSimulatorNode(context, {
    world: await builder.make({ numRobots: robots.length, scene, startStep: 0 }),
    ...{ robots, description, builder, startState, seed: config.seed },
    writeStart: makeStartWriter(config),
    motorsAtStart: config.start.motors,
    realTimeFactor: config.realTimeFactor,
    commandTimeoutMs: config.commandTimeoutMs,
  });
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
function makeBuilder({ config, model, scene, manifest, profile }: Plan): WorldBuilder {
  const controlRateHz = 1 / manifest.periodS;
  const worlds = listProfiles().map((name) => {
    const { description, terrain } = readProfile(name);
    return {
      ...{ name, description, uri: `zerogap://worlds/${name}`, tags: [terrain.ground.kind] },
      build: () => buildScene(terrain, config.seed),
    };
  });
  const name = basename(profile).replace(/\.ya?ml$/, '');
  const known = worlds.find((world) => world.name === profile);
  return {
    worlds,
    initial: {
      ...{ name, uri: known?.uri ?? '', description: config.description, scene },
      tags: [config.terrain.ground.kind],
    },
    readText: (text, where) => {
      const remedy = 'Correct it; every key is described in sim/terrain/config.ts.';
      return buildScene(parseYaml(TerrainConfig, text, { where, remedy }), config.seed);
    },
    make: (spec): Promise<RobotWorld> =>
      makeRobotWorld({
        ...spec,
        ...{ model, controlRateHz, tileSpacing: config.tileSpacing, air: config.air },
        physicsRateHz: config.substeps === undefined ? undefined : controlRateHz * config.substeps,
        engine: config.engine,
        randomization: config.randomization,
      }),
  };
}

async function makePolicy(
  context: RosContext,
  { config, model, robots, manifest, policyFile }: Plan,
  { clock }: NodeParameters,
): Promise<RunningNode> {
  const policy = await makePolicyNode(context, {
    ...{ policy: policyFile, model, robots, clock },
    runtime: config.runtime,
    periodS: manifest.periodS,
  });
  const ended = new Promise<never>((_, reject) => {
    policy.onFault((message) => reject(new Error(`the policy's thread ended: ${message}`)));
  });
  return { ended, end: () => policy.close() };
}

function makeSafety(
  context: RosContext,
  { config, model, robots, manifest }: Plan,
  { clock }: NodeParameters,
): RunningNode {
  const { periodS } = manifest;
  const safety = makeSafetyNode(context, { model, robots, config: config.safety, periodS, clock });
  return { end: () => safety.stopAll('the safety node ends') };
}

/** [m/s] fastest reference by hand for a policy that does not tell what it was taught */
const UNTAUGHT_SPEED = 1;

function makeReference(
  context: RosContext,
  { config, model, robots, manifest, limits }: Plan,
  { clock }: NodeParameters,
): RunningNode {
  makeReferenceNode(context, {
    ...{ model, robots, clock, periodS: manifest.periodS },
    courses: robots.map((_, k) => pickCourse(config, k)),
    maxSpeed: manifest.commandRanges.speed?.[1] ?? UNTAUGHT_SPEED,
    geofence: limits.geofence,
  });
  return { end: () => {} };
}

async function makeRecorder(context: RosContext, plan: Plan): Promise<RunningNode> {
  const { config, profile, robots, scene } = plan;
  const stamp = new Date().toISOString().replace(/[:.]/g, '-');
  const name = `${basename(profile).replace(/\.ya?ml$/, '')}-${stamp}.mcap`;
  const origins = makeTiles(robots.length, config.tileSpacing);
  const recorder = await makeRecorderNode(context, {
    path: join(config.recording.folder, name),
    topics: { exclude: config.recording.exclude },
    metadata: {
      zerogap: {
        ...{ config: JSON.stringify(config), profile, seed: String(config.seed) },
        scene: writeSceneRecord(config.terrain, config.seed, scene),
        robots: JSON.stringify(robots),
        mapFromOdom: JSON.stringify(Array.from(origins)),
        policy: basename(plan.policyFile),
      },
    },
    attachments: [
      {
        name: 'robot.urdf',
        mediaType: 'application/xml',
        data: new TextEncoder().encode(plan.description),
      },
    ],
  });
  return { end: () => recorder.close() };
}

async function makeViewer(context: RosContext, plan: Plan): Promise<RunningNode> {
  const { config, profile, model, robots, scene, manifest } = plan;
  const { host, port, frameRateHz, allowedOrigins } = config.viewer;
  const viewer = await makeViewerNode(context, {
    ...{ model, scene, robots, host, port, frameRateHz, allowedOrigins },
    mapFromOdom: listOrigins(makeTiles(robots.length, config.tileSpacing)),
    runInfo: {
      ...{ profile, policy: manifest.name, seed: String(config.seed) },
      robot: `${config.numRobots} × ${model.name}`,
    },
  });
  process.stdout.write(`page ${viewer.url}\n`);
  return { end: () => viewer.close() };
}
