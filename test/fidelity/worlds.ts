import type { Engine } from '../../sim/engine/engine.ts';
import { makeMujocoEngine } from '../../sim/engine/mujoco.ts';
import { makeRapierEngine } from '../../sim/engine/rapier.ts';
import { RandomizationConfig } from '../../sim/randomize/config.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { FLAT_SCENE, type Scene } from '../../sim/terrain/scene.ts';
import { RobotWorld } from '../../sim/world.ts';
import { DOWN } from './bodies.ts';
import type { Setup } from './experiment.ts';

const ENGINES = { rapier: makeRapierEngine, mujoco: makeMujocoEngine } as const;

/** A world as a user has it, with its engine in the open, for what only an engine tells. */
export interface OpenWorld {
  readonly world: RobotWorld;
  readonly engine: Engine;
}

/** Runs an experiment on robots with their actuators, without sensors, undisturbed, one command per physics step. */
export async function withWorld<T>(
  model: RobotModel,
  setup: Setup,
  options: { readonly scene?: Scene; readonly numRobots?: number; readonly controlRateHz?: number },
  experiment: (world: OpenWorld) => T | Promise<T>,
): Promise<T> {
  const physicsRateHz = 1 / setup.timestepS;
  const common = {
    // Nothing is measured here, and sensors would limit the step: they cannot sample faster than it.
    model: { ...model, sensors: [] },
    numRobots: options.numRobots ?? 1,
    tileSpacing: 0,
    scene: options.scene ?? FLAT_SCENE,
  };
  const engine = await ENGINES[setup.engine]({
    ...common,
    timestepS: setup.timestepS,
    gravityW: DOWN,
    solver: setup.solver,
  });
  const world = new RobotWorld(
    {
      ...common,
      physicsRateHz,
      controlRateHz: options.controlRateHz ?? physicsRateHz,
      randomization: RandomizationConfig.parse({}),
      // Commands of an experiment do not grow old.
      motorTimeoutS: 1e6,
    },
    engine,
  );
  try {
    return await experiment({ world, engine });
  } finally {
    world.free();
  }
}
