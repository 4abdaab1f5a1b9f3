import { expect } from 'vitest';
import type { EngineName } from '../../../../sim/engine/engine.ts';
import { Rng } from '../../../../sim/math/rng.ts';
import { RandomizationConfig } from '../../../../sim/randomize/config.ts';
import type { PropertyKey } from '../../../../sim/randomize/properties.ts';
import type { RobotModel } from '../../../../sim/robot/model.ts';
import { EMPTY_SCENE } from '../../../../sim/terrain/scene.ts';
import { makeRobotWorld, type RobotWorld } from '../../../../sim/world.ts';
import type { RobotWorldOptions } from '../../../../sim/world-options.ts';
import type { StartWriter } from '../../../../sim/world-start.ts';
import { makeTinyRobot } from '../../../kit/tiny-robot.ts';

/** [m/s²] */
export const G = 9.81;
/** [Hz] of physics and control: what is chosen is felt in the next step. */
export const RATE_HZ = 500;
/**
 * [-] relative: first-order steps of 2 ms leave up to 1 % of what happens in 0.1 s to 0.5 s. Every effect is that of
 * a half or a double, twenty times as much.
 */
export const CLOSE = 0.01;

/** What a property does to the world, in an experiment whose outcome can be computed by hand. */
export interface Effect {
  /** A sentence that begins with the property. */
  readonly says: string;
  show(engine: EngineName): Promise<void>;
}
export type Effects = Partial<Record<PropertyKey, Effect>>;

type StudyOptions = Partial<Omit<RobotWorldOptions, 'randomization' | 'model'>> & {
  readonly model: RobotModel;
  readonly randomization?: object;
  readonly start?: StartWriter;
  readonly seed?: number;
};

/** A world of one robot that has just been reset, without ground unless told otherwise. */
export async function makeStudy(
  engine: EngineName,
  { model, randomization = {}, start = () => {}, seed = 1, ...rest }: StudyOptions,
): Promise<RobotWorld> {
  const world = await makeRobotWorld({
    ...{ engine, model, numRobots: 1, tileSpacing: 0, scene: EMPTY_SCENE, gravity: G },
    ...{ physicsRateHz: RATE_HZ, controlRateHz: RATE_HZ, motorTimeoutS: 1000 },
    ...rest,
    randomization: RandomizationConfig.parse(randomization),
  });
  for (let robot = 0; robot < world.numRobots; robot++) {
    world.reset(robot, new Rng(seed, robot), start);
  }
  return world;
}

/** Runs for a while, calling back before each step. */
export function run(world: RobotWorld, durationS: number, before?: (step: number) => void): void {
  for (let step = 0; step < Math.round(durationS * RATE_HZ); step++) {
    before?.(step);
    world.advance();
  }
}

/** What a study shows at its end; its world is freed. */
export async function look<T>(
  world: Promise<RobotWorld>,
  read: (world: RobotWorld) => T,
): Promise<T> {
  const made = await world;
  try {
    return read(made);
  } finally {
    made.free();
  }
}

export function expectClose(value: number, wanted: number, tolerance = CLOSE): void {
  expect(Math.abs(value - wanted), `${value} instead of ${wanted}`).toBeLessThan(
    tolerance * Math.abs(wanted) + 1e-6,
  );
}

/** A free body of 1 kg with 0.01 kg·m² about every axis. */
export const BODY = makeTinyRobot({ links: [{ name: 'base_link' }] });

/** A wheel of 0.5 kg·m² on a fixed base, with an effort motor. */
export function makeWheel(joint: Partial<RobotModel['joints'][number]> = {}): RobotModel {
  return makeTinyRobot({
    base: 'fixed',
    links: [
      { name: 'base_link', mass: 0 },
      { name: 'wheel', moment: 0.5 },
    ],
    joints: [{ name: 'axle', parent: 'base_link', child: 'wheel', axis: [0, 0, 1], ...joint }],
  });
}
