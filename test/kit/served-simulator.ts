import { makeEmbeddedContext } from '../../nodes/ros/embedded.ts';
import type { ServiceTypes } from '../../nodes/ros/messages.ts';
import type { RosContext } from '../../nodes/ros/port.ts';
import type { WorldBuilder } from '../../nodes/simulator/simulation.ts';
import { makeSimulatorNode, type SimulatorOptions } from '../../nodes/simulator-node.ts';
import { getSimulationName, type SimulationService } from '../../nodes/topics.ts';
import { RandomizationConfig } from '../../sim/randomize/config.ts';
import { loadRobot } from '../../sim/robot/load.ts';
import { parseYaml } from '../../sim/schema.ts';
import { TerrainConfig } from '../../sim/terrain/config.ts';
import type { Scene } from '../../sim/terrain/scene.ts';
import { makeRobotWorld } from '../../sim/world.ts';
import { buildScene, type GivenTerrain } from './scenes.ts';

/** A room with one thing that stands and one that goes in a circle. */
export const FURNISHED: GivenTerrain = {
  objects: [{ name: 'crate', geometry: { kind: 'box', size: [1, 2, 0.5] }, position: [3, 0] }],
  moving: [{ count: 1, path: 'circle', reach: 1.5, speed: 1, area: [10, 10], shape: 'box' }],
};

const model = loadRobot('crazyflie');

export function makeFlyers(spec: {
  readonly numRobots: number;
  readonly scene: Scene;
  readonly startStep?: number;
}) {
  return makeRobotWorld({
    ...{ model, physicsRateHz: 500, controlRateHz: 100, tileSpacing: 2, ...spec },
    randomization: RandomizationConfig.parse({ massScale: { uniform: [0.9, 1.1] } }),
  });
}

type Srv<Name extends SimulationService> = ServiceTypes[`simulation_interfaces/srv/${Name}`];

/** Two Crazyflies without a pilot, and somebody who calls the simulator's services. */
export async function serveSimulator(
  options: Partial<SimulatorOptions> & { readonly isFixed?: boolean } = {},
) {
  const context: RosContext = makeEmbeddedContext({ log: () => {} });
  const scene = buildScene(FURNISHED);
  const builder: WorldBuilder = {
    initial: { name: 'room', uri: 'zerogap://worlds/room', description: '', tags: [], scene },
    worlds: [
      ...[
        { name: 'room', uri: 'zerogap://worlds/room', description: 'furnished', tags: ['indoor'] },
      ],
      ...[{ name: 'flat', uri: 'zerogap://worlds/flat', description: '', tags: ['outdoor'] }],
    ].map((entry) => ({ ...entry, build: () => (entry.name === 'room' ? scene : buildScene({})) })),
    readText: (text, where) =>
      buildScene(parseYaml(TerrainConfig, text, { where, remedy: 'Correct it.' })),
    make: makeFlyers,
  };
  const simulator = makeSimulatorNode(context, {
    world: await makeFlyers({ numRobots: 2, scene }),
    ...{ robots: ['cf00', 'cf01'], seed: 1, writeStart: () => {}, motorsAtStart: 'hover' },
    ...{ realTimeFactor: 0, commandTimeoutMs: 5, description: '<robot name="x"/>' },
    ...(options.isFixed === true ? {} : { builder }),
    ...options,
  });
  const caller = context.createNode('caller');
  const call = <Name extends SimulationService>(name: Name, request: Srv<Name>['request']) =>
    caller
      .createClient(
        `simulation_interfaces/srv/${name}`,
        getSimulationName(name).replace('~', '/simulator'),
      )
      .call(request as never) as Promise<Srv<Name>['response']>;
  let running: Promise<void> | undefined;
  return {
    ...{ context, simulator, caller, call },
    /** Runs until it is stopped, at the latest by `end`. */
    start() {
      running = simulator.run(Number.POSITIVE_INFINITY);
      return running;
    },
    async end() {
      simulator.stop();
      await running;
      await context.shutdown();
      simulator.world?.free();
    },
  };
}

export type ServedSimulator = Awaited<ReturnType<typeof serveSimulator>>;
