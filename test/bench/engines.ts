/**
 * Speed of the two engines side by side: `node --import tsx test/bench/engines.ts`. What counts is the
 * ratio: both take turns in the same run, so both see the same load of the machine; the best of several turns
 * is the one that others disturbed least.
 */
import { loadavg } from 'node:os';
import { ENGINE_NAMES, type Engine } from '../../sim/engine/engine.ts';
import { loadRobot } from '../../sim/robot/load.ts';
import { SolverConfig } from '../../sim/robot/physics-config.ts';
import { makeStateBatch } from '../../sim/robot/state.ts';
import { FLAT_SCENE } from '../../sim/terrain/scene.ts';
import { makeBench } from '../kit/engine-bench.ts';

const NUM_ROBOTS = 64;
const STEPS = 400;
/** The first turns are slow: the code is not compiled yet. */
const TURNS = { warmUp: 2, counted: 6 };

/** A hovering, slightly disturbed crazyflie, whose joints have no bodies; a pushed cart, whose base is fixed. */
function writeInputs(engine: Engine): void {
  const numJoints = engine.config.model.jointNames.length;
  for (let robot = 0; robot < NUM_ROBOTS; robot++) {
    engine.baseForceB[3 * robot + 2] = 0.027 * 9.80665;
    engine.baseTorqueB[3 * robot] = 1e-8;
    engine.externalForceW[3 * robot] = 1e-4;
    engine.jointEffort[robot * numJoints] = 0.1;
  }
}

/**
 * Steps, reads all states, asks every robot for contact: what a world does.
 * @returns robot-steps per second of processor time, which a busy machine disturbs less than time on the wall
 */
function time(engine: Engine): number {
  const { model } = engine.config;
  const home = makeStateBatch(1, model.jointNames.length);
  home.position.set(model.home.position);
  const state = makeStateBatch(NUM_ROBOTS, model.jointNames.length);
  for (let robot = 0; robot < NUM_ROBOTS; robot++) engine.writeState(robot, home, 0);
  const start = process.cpuUsage();
  for (let step = 0; step < STEPS; step++) {
    writeInputs(engine);
    engine.step();
    engine.readState(state);
    for (let robot = 0; robot < NUM_ROBOTS; robot++) engine.isInContact(robot);
  }
  const { user, system } = process.cpuUsage(start);
  return (STEPS * NUM_ROBOTS * 1e6) / (user + system);
}

for (const robot of ['crazyflie', 'cartpole']) {
  const settings = {
    numRobots: NUM_ROBOTS,
    gravityW: [0, 0, -9.80665],
    tileSpacing: 0,
    scene: FLAT_SCENE,
    solver: SolverConfig.parse({}),
  } as const;
  const engines: Engine[] = [];
  for (const engine of ENGINE_NAMES) {
    engines.push((await makeBench(loadRobot(robot), { ...settings, engine })).engine);
  }
  const best = engines.map(() => 0);
  for (let turn = 0; turn < TURNS.warmUp + TURNS.counted; turn++) {
    for (const [i, engine] of engines.entries()) {
      const speed = time(engine);
      if (turn >= TURNS.warmUp) best[i] = Math.max(best[i]!, speed);
    }
  }
  const [rapier, mujoco] = best as [number, number];
  const load = loadavg()[0]!.toFixed(1);
  console.log(
    `${robot} × ${NUM_ROBOTS}: rapier ${Math.round(rapier)}, mujoco ${Math.round(mujoco)} robot-steps/s, ratio ${(mujoco / rapier).toFixed(2)}, load ${load}`,
  );
  for (const engine of engines) engine.free();
}
