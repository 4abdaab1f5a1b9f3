import { afterEach, describe, expect, it } from 'vitest';
import { TrotInPlace } from '../../../policies/classical/trot.ts';
import { ENGINE_NAMES, type EngineName } from '../../../sim/engine/engine.ts';
import { computeTilt, computeYaw } from '../../../sim/math/quat.ts';
import { RandomizationConfig } from '../../../sim/randomize/config.ts';
import { writeTwist } from '../../../sim/robot/differential-drive.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import { FLAT_SCENE } from '../../../sim/terrain/scene.ts';
import { makeRobotWorld, type RobotWorld } from '../../../sim/world.ts';

const go2 = loadRobot('go2');
const turtlebot = loadRobot('turtlebot');

const open: RobotWorld[] = [];
afterEach(() => {
  for (const world of open.splice(0)) world.free();
});

/** A robot as it ships: its own physics rate and solver, nothing randomised. */
async function openWorld(model: RobotModel, engine: EngineName): Promise<RobotWorld> {
  const world = await makeRobotWorld({
    model,
    engine,
    numRobots: 1,
    controlRateHz: 25,
    tileSpacing: 0,
    scene: FLAT_SCENE,
    randomization: RandomizationConfig.parse({}),
  });
  open.push(world);
  return world;
}

function advance(world: RobotWorld, untilS: number, writeCommand: (timeS: number) => Float64Array) {
  while (world.timeS < untilS - 1e-6) {
    world.setCommand(0, writeCommand(world.timeS));
    world.advance();
  }
}

describe.each(ENGINE_NAMES)('go2 in %s, as it ships', (engine) => {
  it('stands on its drives alone: less than 5 mm and 0.5° between 2 s and 10 s', async () => {
    const world = await openWorld(go2, engine);
    const home = Float64Array.from(go2.home.jointPosition);
    advance(world, 2, () => home);
    const { position, orientation } = world.truth;
    const place = [...position];
    const heading = [...orientation];
    advance(world, 10, () => home);
    const drift = Math.hypot(...place.map((value, k) => position[k]! - value));
    // |q · q₀| = cos(angle / 2)
    const cosine = Math.abs(heading.reduce((sum, value, k) => sum + value * orientation[k]!, 0));
    expect(drift).toBeLessThan(0.005);
    expect(2 * Math.acos(Math.min(1, cosine))).toBeLessThan((0.5 * Math.PI) / 180);
    // Without what carries its weight it sinks into its drives, but no further than a fifth.
    expect(position[2]).toBeGreaterThan(0.8 * go2.home.position[2]);
    expect(position[2]).toBeLessThan(go2.home.position[2]);
  });

  it('trots on the spot without feedback for 5 s, upright and lifting its feet in pairs', async () => {
    const world = await openWorld(go2, engine);
    const trot = new TrotInPlace(go2);
    const command = new Float64Array(12);
    let tilt = 0;
    let lowest = Number.POSITIVE_INFINITY;
    const knees = [0, 0, 0, 0];
    advance(world, 5, (timeS) => {
      tilt = Math.max(tilt, computeTilt(world.truth.orientation, 0));
      lowest = Math.min(lowest, world.truth.position[2]!);
      for (const leg of knees.keys()) {
        knees[leg] = Math.min(knees[leg]!, world.truth.jointPosition[3 * leg + 2]!);
      }
      trot.writeCommand(command, timeS);
      return command;
    });
    expect(tilt).toBeLessThan(0.1);
    // 10 % below home: its drives give way to the load that comes and goes.
    expect(lowest).toBeGreaterThan(0.9 * go2.home.position[2]);
    // A foot that is 3 cm up has a knee bent further by 0.03 m / (2 · 0.166 m) · 2 = 0.18 rad.
    for (const knee of knees) expect(knee).toBeLessThan(-1.8 - 0.15);
  });
});

describe.each(ENGINE_NAMES)('turtlebot in %s, as it ships', (engine) => {
  it('drives as far and turns as much as its wheels say', async () => {
    const world = await openWorld(turtlebot, engine);
    const wheels = { left: 4, right: 6 };
    const command = Float64Array.of(wheels.left, wheels.right);
    const twist = [0, 0];
    writeTwist(twist, turtlebot.drive!, wheels.left, wheels.right);
    const [speed, turnRate] = twist as [number, number];
    advance(world, 1, () => command);
    const { position, orientation } = world.truth;
    const from = { x: position[0]!, y: position[1]!, yaw: computeYaw(orientation) };
    advance(world, 5, () => command);
    const turned = computeYaw(orientation) - from.yaw;
    const distance = Math.hypot(position[0]! - from.x, position[1]! - from.y);
    // 4 s at 0.0358 · (6 − 4) / 0.233 = 0.307 rad/s is 1.227 rad, on an arc whose chord is 2 r sin(1.227 / 2) with
    // r = 0.1788 / 0.307 = 0.583 m: 0.671 m. Wheels that sink in by 0.5 mm are 1.4 % smaller.
    expect(Math.abs(turned / (4 * turnRate) - 1)).toBeLessThan(0.015);
    const chord = 2 * (speed / turnRate) * Math.sin(2 * turnRate);
    expect(Math.abs(distance / chord - 1)).toBeLessThan(0.015);
    expect(computeTilt(orientation, 0)).toBeLessThan(0.01);
  });

  it('stays where it is when its wheels are told to stand', async () => {
    const world = await openWorld(turtlebot, engine);
    const stop = Float64Array.of(0, 0);
    advance(world, 0.4, () => stop);
    const before = [...world.truth.position];
    advance(world, 5, () => stop);
    const drift = Math.hypot(...before.map((value, k) => world.truth.position[k]! - value));
    // Rapier's wheels shake and creep by 0.2 mm/s, see robot.yaml: 0.8 mm.
    expect(drift).toBeLessThan(0.002);
  });
});
