import type { Engine, EngineConfig, EngineName } from '../../sim/engine/engine.ts';
import { makeMujocoEngine } from '../../sim/engine/mujoco.ts';
import { makeRapierEngine } from '../../sim/engine/rapier.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { SolverConfig } from '../../sim/robot/physics-config.ts';
import { makeStateBatch, type StateBatch } from '../../sim/robot/state.ts';
import { EMPTY_SCENE } from '../../sim/terrain/scene.ts';

/** An engine with a state batch to read into, and the means to run an experiment on it. */
export interface EngineBench {
  readonly engine: Engine;
  readonly state: StateBatch;
  /** Puts a robot at home with some rows changed. */
  place(robot: number, change: (state: StateBatch) => void): void;
  /** Steps for a while, calling back before each step, and reads the state at the end. */
  run(durationS: number, beforeStep?: (engine: Engine) => void): StateBatch;
}

export type BenchSettings = Partial<Omit<EngineConfig, 'model'>> & { readonly engine?: EngineName };

const ENGINES = { rapier: makeRapierEngine, mujoco: makeMujocoEngine } as const;

/** A weightless, groundless Rapier world of one robot unless told otherwise. */
export async function makeBench(
  model: RobotModel,
  { engine: name = 'rapier', ...settings }: BenchSettings = {},
): Promise<EngineBench> {
  const config: EngineConfig = {
    model,
    numRobots: 1,
    timestepS: 0.002,
    gravityW: [0, 0, 0],
    tileSpacing: 4,
    scene: EMPTY_SCENE,
    solver: SolverConfig.parse({ rapier: { iterations: 4, internalIterations: 4 } }),
    ...settings,
  };
  const engine = await ENGINES[name](config);
  engine.watchContactForces();
  const numJoints = model.jointNames.length;
  const state = makeStateBatch(config.numRobots, numJoints);
  engine.readState(state);
  return {
    engine,
    state,
    place(robot, change) {
      const row = makeStateBatch(1, numJoints);
      row.position.set(model.home.position);
      row.orientation.set(model.home.orientation);
      row.jointPosition.set(model.home.jointPosition);
      change(row);
      engine.writeState(robot, row, 0);
      engine.readState(state);
    },
    run(durationS, beforeStep) {
      const steps = Math.round(durationS / config.timestepS);
      for (let i = 0; i < steps; i++) {
        beforeStep?.(engine);
        engine.step();
      }
      engine.readState(state);
      return state;
    },
  };
}
