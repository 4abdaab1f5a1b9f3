import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { makeBaseCommandNode } from '../nodes/base-command-node.ts';
import { makeControllerCommandNode } from '../nodes/controller-command-node.ts';
import { makeJointInterfacesNode } from '../nodes/joint-interfaces-node.ts';
import { makeRecorderNode, type RecorderNode } from '../nodes/recorder-node.ts';
import { makeReferenceNode, type ReferenceNode } from '../nodes/reference-node.ts';
import type { NodeOptions, RosContext } from '../nodes/ros/port.ts';
import { makeViewerNode, type ViewerNode } from '../nodes/viewer-node.ts';
import type { UserError } from '../sim/errors.ts';
import { QUAT_IDENTITY } from '../sim/math/quat.ts';
import { readRobotConfig } from '../sim/robot/load.ts';
import type { Scene } from '../sim/terrain/scene.ts';
import { makeRobotWorld, type RobotWorld } from '../sim/world.ts';
import { type Plan, pickCourse } from './plan.ts';
import { readCommit } from './provenance.ts';
import { writeSceneRecord } from './scene-record.ts';

/** [m/s] fastest reference by hand for a policy that does not tell what it was taught */
const UNTAUGHT_SPEED = 1;

/** A world as a plan wants it. @param spec what is in it; `startStep`: what its clock shows at first, default: 0 */
export function makePlanWorld(
  { config, model, task, randomization, pilot }: Plan,
  spec: { readonly numRobots: number; readonly scene: Scene; readonly startStep?: number },
): Promise<RobotWorld> {
  const controlRateHz = 1 / pilot.manifest.periodS;
  const substeps = config.substeps ?? task?.substeps;
  return makeRobotWorld({
    ...spec,
    model,
    controlRateHz,
    physicsRateHz: substeps === undefined ? undefined : controlRateHz * substeps,
    tileSpacing: config.tileSpacing,
    air: config.air,
    engine: config.engine,
    randomization,
  });
}

/** Only for a plan with courses: what a task asks its referee says. */
export function makePlanReference(
  context: RosContext,
  { config, model, robots, pilot, limits }: Plan,
  clock: 'ros' | 'wall',
): ReferenceNode {
  const { periodS, commandRanges } = pilot.manifest;
  return makeReferenceNode(context, {
    ...{ model, robots, periodS, clock },
    courses: robots.map((_, k) => pickCourse(config, k)),
    maxSpeed: commandRanges.speed?.[1] ?? UNTAUGHT_SPEED,
    geofence: limits.geofence,
  });
}

/** What passed the safety filter in the words of others, where the configuration asks for it. */
export function makePlanOutputs(
  context: RosContext,
  { config, model, robots, pilot }: Plan,
  node: NodeOptions = {},
): void {
  const { baseCommand, controllerCommand } = config;
  if (baseCommand.kind !== 'off') {
    const { kind, topic } = baseCommand;
    makeBaseCommandNode(context, { model, robots, kind, topic, node });
  }
  if (controllerCommand.kind === 'off') return;
  const { kind, topic, joints } = controllerCommand;
  const { periodS } = pilot.manifest;
  makeControllerCommandNode(context, { model, robots, kind, topic, joints, periodS, node });
}

/** What simulated joints do in the words of others, where the configuration asks for it. */
export function makePlanInterfaces(
  context: RosContext,
  { config, robots }: Plan,
  node: NodeOptions = {},
): void {
  if (config.dynamicJointStates) makeJointInterfacesNode(context, { robots, node });
}

interface NodeParts {
  /** [numRobots, 3] m: odom frames are not turned against the map */
  readonly mapFromOdom: ArrayLike<number>;
  readonly node?: NodeOptions;
}

/** Records into a new file of the configured folder. */
export function makePlanRecorder(
  context: RosContext,
  plan: Plan,
  {
    mapFromOdom,
    ...rest
  }: NodeParts & {
    readonly onError?: (error: UserError) => void;
  },
): Promise<RecorderNode> {
  const { config, profile, pilot } = plan;
  const stamp = new Date().toISOString().replace(/[:.]/g, '-');
  const name = `${basename(profile).replace(/\.ya?ml$/, '')}-${stamp}.mcap`;
  const encoder = new TextEncoder();
  return makeRecorderNode(context, {
    ...rest,
    path: join(config.recording.folder, name),
    topics: { exclude: config.recording.exclude },
    metadata: {
      zerogap: {
        config: JSON.stringify(config),
        profile,
        seed: String(config.seed),
        scene: writeSceneRecord(plan.terrain, config.seed, plan.scene),
        commit: readCommit(),
        robots: JSON.stringify(plan.robots),
        mapFromOdom: JSON.stringify(Array.from(mapFromOdom)),
        policy: pilot.bytes === undefined ? pilot.manifest.name : basename(pilot.where),
        ...(pilot.bytes && {
          policySha256: createHash('sha256').update(pilot.bytes).digest('hex'),
        }),
      },
    },
    attachments: [
      {
        name: 'robot.urdf',
        mediaType: 'application/xml',
        data: encoder.encode(plan.description),
      },
      {
        name: 'robot.yaml',
        mediaType: 'application/yaml',
        data: encoder.encode(readRobotConfig(config.robot)),
      },
    ],
  });
}

export function makePlanViewer(
  context: RosContext,
  { config, profile, model, robots, scene, pilot, task }: Plan,
  { mapFromOdom, ...rest }: NodeParts,
): Promise<ViewerNode> {
  const { host, port, frameRateHz, allowedOrigins } = config.viewer;
  return makeViewerNode(context, {
    ...rest,
    ...{ model, scene, robots, host, port, frameRateHz, allowedOrigins },
    mapFromOdom: listOrigins(mapFromOdom),
    runInfo: {
      profile,
      policy: pilot.manifest.name,
      ...(task && { task: task.name }),
      robot: `${config.numRobots} × ${model.name}`,
      seed: String(config.seed),
    },
  });
}

/** @param origins [n, 3] m [@frame map] */
export function listOrigins(origins: ArrayLike<number>) {
  return Array.from({ length: origins.length / 3 }, (_, k) => ({
    translation: [origins[3 * k]!, origins[3 * k + 1]!, origins[3 * k + 2]!] as const,
    rotation: QUAT_IDENTITY,
  }));
}
