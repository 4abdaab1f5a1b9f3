import { afterEach, describe, expect, it } from 'vitest';
import { Rng } from '../../sim/math/rng.ts';
import { RandomizationConfig } from '../../sim/randomize/config.ts';
import { DEFAULT_MATERIAL } from '../../sim/robot/geometry.ts';
import { loadRobot } from '../../sim/robot/load.ts';
import { computeTotalMass } from '../../sim/robot/model.ts';
import { EMPTY_SCENE, FLAT_SCENE } from '../../sim/terrain/scene.ts';
import { makeRobotWorld, type RobotWorld } from '../../sim/world.ts';
import type { RobotWorldOptions } from '../../sim/world-options.ts';
import { buildScene } from '../kit/scenes.ts';
import { GRAVITY, makeImuSpec, makeMotionCaptureSpec, makeSensedBody } from '../kit/sensed-body.ts';

const PHYSICS_RATE_HZ = 500;
const ball = makeSensedBody([makeImuSpec(), makeMotionCaptureSpec()]);
const crazyflie = loadRobot('crazyflie');
/** The engine keeps velocities in 32 bits: steps of 1.2e-7 m/s around 1 m/s, over some tens of ticks. */
const FLOAT32 = 1e-5;

const worlds: RobotWorld[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.free();
});

async function makeWorld(
  changes: Partial<Omit<RobotWorldOptions, 'randomization'>> & { randomization?: object } = {},
): Promise<RobotWorld> {
  const { randomization, ...rest } = changes;
  const world = await makeRobotWorld({
    model: ball,
    numRobots: 1,
    physicsRateHz: PHYSICS_RATE_HZ,
    controlRateHz: 100,
    tileSpacing: 4,
    scene: EMPTY_SCENE,
    ...rest,
    randomization: RandomizationConfig.parse(randomization ?? {}),
  });
  worlds.push(world);
  return world;
}

function advance(world: RobotWorld, periods: number): void {
  for (let k = 0; k < periods; k++) world.advance();
}

describe('robot world', () => {
  it('refuses a push that is no number, before it is anybody’s state', async () => {
    const world = await makeWorld();
    expect(() => world.pushRobot(0, [Number.NaN, 0, 0], 0.1)).toThrow(RangeError);
    expect(() => world.pushRobot(0, [1, 0, 0], Number.POSITIVE_INFINITY)).toThrow(/finite/);
  });

  it('runs a whole number of physics steps per control period and keeps time without drift', async () => {
    const world = await makeWorld();
    advance(world, 300);
    expect(world.controlPeriodS).toBe(0.01);
    expect(world.numSteps).toBe(1500);
    expect(world.timeS).toBe(3);
  });

  it('refuses rates that do not divide, and says which would', async () => {
    await expect(makeWorld({ controlRateHz: 120 })).rejects.toThrow(
      /physicsRateHz: .*multiple of controlRateHz \(120\), got 500\)\. Set it to 480/,
    );
  });

  it('lets a robot sink in the wake of the one above it only where they share the air', async () => {
    const wake = { radius: 0.0231, groundCoefficient: 0, downwashCoefficient: 1 };
    const actuators = crazyflie.actuators.map((a) => (a.kind === 'rotor' ? { ...a, wake } : a));
    const heights = { own: [0, 0], shared: [0, 0] };
    for (const air of ['own', 'shared'] as const) {
      const model = { ...crazyflie, actuators };
      const world = await makeWorld({ model, numRobots: 2, tileSpacing: 0, air });
      for (const robot of [0, 1]) {
        world.reset(robot, new Rng(1), (out) =>
          out.position.set([0, 0, 1 - 0.3 * robot], 3 * robot),
        );
      }
      // Before the motors stop by themselves for want of commands.
      advance(world, 10);
      heights[air] = [world.truth.position[2]!, world.truth.position[5]!];
    }
    expect(heights.shared[0]).toBe(heights.own[0]);
    // 4.1 m/s at the discs above, so some m/s 0.3 m below, times 1.0e-6 kg and 1790 rad/s on four rotors.
    expect(heights.own[1]! - heights.shared[1]!).toBeGreaterThan(1e-4);
  });

  it('lifts a robot over a table as over the floor, and does not take a roof for either', async () => {
    const wake = { radius: 0.0231, groundCoefficient: 4, downwashCoefficient: 0 };
    const actuators = crazyflie.actuators.map((a) => (a.kind === 'rotor' ? { ...a, wake } : a));
    const size = [2, 2, 0.5] as const;
    const scene = buildScene({
      objects: [
        { name: 'table', geometry: { kind: 'box', size }, position: [0, 0] },
        { name: 'roof', geometry: { kind: 'box', size }, position: [5, 0], above: 0.2 },
      ],
    });
    const climb = async (x: number, z: number) => {
      const world = await makeWorld({ model: { ...crazyflie, actuators }, scene });
      world.reset(0, new Rng(1), (out) => out.position.set([x, 0, z]));
      advance(world, 2);
      return world.truth.linearVelocityW[2]!;
    };
    const overFloor = await climb(-5, 0.03);
    expect(overFloor).toBeGreaterThan(0.01);
    expect(Math.abs((await climb(0, 0.03)) - overFloor)).toBeLessThan(FLOAT32);
    expect(Math.abs((await climb(5, 0.03)) - overFloor)).toBeLessThan(FLOAT32);
  });

  it('refuses pushes on a robot that is bolted down', async () => {
    await expect(
      makeWorld({
        model: loadRobot('cartpole'),
        randomization: { push: { intervalS: 1, forceScale: 0.2 } },
      }),
    ).rejects.toThrow(/push\.forceScale: .*fixed base/);
  });

  it('lets a ball fall: 9.80665 m/s after one second, an accelerometer at zero', async () => {
    const world = await makeWorld();
    advance(world, 100);
    expect(world.truth.linearVelocityW[2]).toBeCloseTo(-GRAVITY, 4);
    for (const value of world.imu.specificForceB) expect(Math.abs(value)).toBeLessThan(0.01);
    expect(world.contact[0]).toBe(0);
  });

  it('says which readings are new since the last control period', async () => {
    const slow = makeSensedBody([
      makeImuSpec({ rateHz: 500 }),
      makeMotionCaptureSpec({ rateHz: 50, latencyS: 0.01 }),
    ]);
    const world = await makeWorld({ model: slow });
    const seen = Array.from({ length: 6 }, () => {
      world.advance();
      return [world.imu.isNew[0], world.motionCapture.isNew[0], world.motionCapture.stampS[0]];
    });
    // Poses of 0, 20 and 40 ms, seen 10 ms later, at the end of control periods 1, 3 and 5 of 10 ms.
    expect(seen).toEqual([
      [1, 1, 0],
      [1, 0, 0],
      [1, 1, 0.02],
      [1, 0, 0.02],
      [1, 1, 0.04],
      [1, 0, 0.04],
    ]);
  });

  it('measures the weight of a robot that lies on the ground, and its contact', async () => {
    const box = {
      name: 'box',
      linkFromShape: { translation: [0, 0, 0], rotation: [0, 0, 0, 1] },
      geometry: { kind: 'box', size: [0.2, 0.2, 0.2] },
      material: DEFAULT_MATERIAL,
      solid: 'hull',
    } as const;
    const model = {
      ...ball,
      links: [{ ...ball.links[0]!, collisions: [box] }],
      home: { ...ball.home, position: [0, 0, 0.1] as const },
    };
    const world = await makeWorld({ model, scene: FLAT_SCENE });
    advance(world, 100);
    expect(world.contact[0]).toBe(1);
    // The contact holds 1 kg against gravity: +9.81 on z. Solver chatter stays within 2 %.
    expect(Math.abs(world.imu.specificForceB[2]! / GRAVITY - 1)).toBeLessThan(0.02);
    // 30 N up for 0.1 s lift it by (30 − 9.81) · 0.1² / 2 = 0.1 m: no contact any more.
    world.pushRobot(0, [0, 0, 30], 0.1);
    advance(world, 11);
    expect(world.contact[0]).toBe(0);
  });

  it('changes the momentum by force × duration when it is pushed, and shows the force', async () => {
    const world = await makeWorld({ numRobots: 2, gravity: 0 });
    world.pushRobot(1, [2, 0, -1], 0.025);
    world.advance();
    expect([...world.disturbanceForceW]).toEqual([0, 0, 0, 2, 0, -1]);
    advance(world, 4);
    // 1 kg · Δv = 2 N · 0.025 s: 0.05 m/s; the other robot feels nothing.
    expect(Math.abs(world.truth.linearVelocityW[3]! - 0.05)).toBeLessThan(FLOAT32);
    expect(Math.abs(world.truth.linearVelocityW[5]! + 0.025)).toBeLessThan(FLOAT32);
    expect([...world.truth.linearVelocityW.slice(0, 3)]).toEqual([0, 0, 0]);
    expect([...world.disturbanceForceW]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('makes a robot of twice the mass answer half as much', async () => {
    const world = await makeWorld({ gravity: 0, randomization: { massScale: 2 } });
    world.pushRobot(0, [2, 0, 0], 0.01);
    advance(world, 2);
    // 2 N · 0.01 s / 2 kg.
    expect(Math.abs(world.truth.linearVelocityW[0]! - 0.01)).toBeLessThan(FLOAT32);
    expect(world.contexts[0]?.massScale).toBe(2);
  });

  it('gives a wind the size that was asked for, as a share of the weight', async () => {
    const numRobots = 200;
    const world = await makeWorld({
      numRobots,
      randomization: { wind: { forceScale: 0.1, timeConstantS: 1 } },
    });
    world.advance();
    const meanSquare = world.disturbanceForceW.reduce((s, f) => s + f * f, 0) / (3 * numRobots);
    // Deviation 0.1 · 1 kg · 9.81 m/s² over 600 draws: known to 1/√1200 = 2.9 %; four of those.
    expect(Math.abs(Math.sqrt(meanSquare) / (0.1 * GRAVITY) - 1)).toBeLessThan(4 / Math.sqrt(1200));
  });

  it('starts each episode where it is told, from its own seed, and leaves the others alone', async () => {
    const world = await makeWorld({
      numRobots: 2,
      randomization: { massScale: { uniform: [0.5, 1.5] } },
    });
    advance(world, 10);
    const other = [...world.truth.position.slice(0, 3)];
    const start = (rng: Rng) =>
      world.reset(1, rng, (out, robot, _model, draw) => {
        out.position[3 * robot] = draw.uniform(-1, 1);
      });
    start(new Rng(5));
    const first = [world.truth.position[3], world.contexts[1]?.massScale];
    start(new Rng(5));
    expect([world.truth.position[3], world.contexts[1]?.massScale]).toEqual(first);
    start(new Rng(6));
    expect([world.truth.position[3], world.contexts[1]?.massScale]).not.toEqual(first);
    expect([...world.truth.position.slice(0, 3)]).toEqual(other);
    // Home height, which the start writer left alone, and the estimate within millimetres of it.
    expect(world.truth.position[5]).toBe(1);
    expect(Math.abs(world.measured.position[5]! - 1)).toBeLessThan(0.01);
  });
});

describe('a robot world on terrain', () => {
  const roundBall = {
    ...ball,
    links: [
      {
        ...ball.links[0]!,
        collisions: [
          {
            name: 'ball',
            linkFromShape: { translation: [0, 0, 0], rotation: [0, 0, 0, 1] },
            geometry: { kind: 'sphere', radius: 0.1 },
            material: DEFAULT_MATERIAL,
            solid: 'hull',
          } as const,
        ],
      },
    ],
    home: { ...ball.home, position: [0, 0, 0.1] as const },
  };

  it('puts a robot as high above the highest ground under it as its home is above the plane', async () => {
    const ground = { kind: 'slope', shape: 'single', grade: 0.5, cellSize: 0.05 } as const;
    const world = await makeWorld({ model: ball, scene: buildScene({ ground }) });
    world.reset(0, new Rng(1), (out) => {
      out.position[0] = 2;
    });
    // A body without shapes stands on a point: 0.5 · 2 m above the plane, and its home 1 m above that.
    expect(world.truth.position[2]).toBeCloseTo(2, 6);
    const onSlope = await makeWorld({ model: roundBall, scene: buildScene({ ground }) });
    onSlope.reset(0, new Rng(1), () => {});
    // Its shape reaches 0.1 m uphill, where the ground is 0.05 m higher than under its middle.
    expect(onSlope.truth.position[2]).toBeCloseTo(0.15, 6);
  });

  it('puts a robot on top of what stands where it starts', async () => {
    const objects = [
      { name: 'table', geometry: { kind: 'box', size: [1, 1, 0.7] }, position: [3, 0] },
    ] as const;
    const world = await makeWorld({ model: roundBall, scene: buildScene({ objects }) });
    world.reset(0, new Rng(1), (out) => {
      out.position[0] = 3.2;
    });
    expect(world.truth.position[2]).toBeCloseTo(0.8, 9);
  });

  it('takes what hangs over the head of a robot where it starts for a roof', async () => {
    const size = [1, 1, 0.1] as const;
    // The ball is 0.2 m high. Over (3, 0) a beam from 0.25 m on, over (0, 3) one from 0.15 m on, over (0, −3) the latter
    // as a table, 0.25 m high, under a shelf from 0.4 m on, which a ball on the table would touch, and a roof at 2 m.
    const objects = [
      { name: 'beam', geometry: { kind: 'box', size }, position: [3, 0], above: 0.25 },
      { name: 'bar', geometry: { kind: 'box', size }, position: [0, 3], above: 0.15 },
      { name: 'table', geometry: { kind: 'box', size }, position: [0, -3], above: 0.15 },
      { name: 'shelf', geometry: { kind: 'box', size }, position: [0, -3], above: 0.4 },
      { name: 'roof', geometry: { kind: 'box', size }, position: [0, -3], above: 2 },
    ] as const;
    const world = await makeWorld({ model: roundBall, scene: buildScene({ objects }) });
    const place = (x: number, y: number) => {
      world.reset(0, new Rng(1), (out) => out.position.set([x, y]));
      return world.truth.position[2];
    };
    expect(place(3, 0)).toBeCloseTo(0.1, 9);
    expect(place(0, 3)).toBeCloseTo(0.35, 9);
    expect(place(0, -3)).toBeCloseTo(0.6, 9);
  });

  it('leaves a robot that is bolted down where it is', async () => {
    const ground = { kind: 'slope', shape: 'single', grade: 0.5 } as const;
    const cartpole = loadRobot('cartpole');
    const world = await makeWorld({ model: cartpole, scene: buildScene({ ground }) });
    world.reset(0, new Rng(1), () => {});
    expect([...world.truth.position]).toEqual([...cartpole.home.position]);
  });
});

describe('a crazyflie in the robot world', () => {
  const hoverSpeed = Math.sqrt(
    (computeTotalMass(crazyflie) * GRAVITY) /
      crazyflie.actuators.reduce(
        (sum, a) => sum + (a.kind === 'rotor' ? a.thrustCoefficient : 0),
        0,
      ),
  );
  const hover = Float64Array.from(crazyflie.actuatedJointNames, () => hoverSpeed);
  const full = Float64Array.from(crazyflie.commandUpper);

  it('hangs in the air at hover speed', async () => {
    const world = await makeWorld({ model: crazyflie });
    for (let k = 0; k < 50; k++) {
      world.setCommand(0, hover);
      world.advance();
    }
    // Thrust equals weight to the rounding of the coefficients: nothing to see after half a second.
    expect(Math.abs(world.truth.linearVelocityW[2]!)).toBeLessThan(1e-3);
    expect(world.imu.specificForceB[2]).toBeGreaterThan(9);
  });

  it('answers a command later by exactly the latency that it drew', async () => {
    const heights = async (commandLatencyS: number) => {
      const world = await makeWorld({
        model: crazyflie,
        controlRateHz: PHYSICS_RATE_HZ,
        randomization: { commandLatencyS },
      });
      return Array.from({ length: 40 }, () => {
        world.setCommand(0, full);
        world.advance();
        return world.truth.linearVelocityW[2]!;
      });
    };
    const prompt = await heights(0);
    const late = await heights(0.03);
    // 30 ms are 15 physics steps: until then hover, from then on the same climb.
    for (let k = 0; k < 15; k++) expect(Math.abs(late[k]!)).toBeLessThan(FLOAT32);
    for (let k = 15; k < 40; k++)
      expect(Math.abs(late[k]! - prompt[k - 15]!)).toBeLessThan(FLOAT32);
    expect(prompt[24]).toBeGreaterThan(0.01);
  });

  it('climbs faster with stronger rotors', async () => {
    const climb = async (thrustScale: number) => {
      const world = await makeWorld({ model: crazyflie, randomization: { thrustScale } });
      for (let k = 0; k < 20; k++) {
        world.setCommand(0, hover);
        world.advance();
      }
      return world.truth.linearVelocityW[2]!;
    };
    // 10 % more thrust than weight for 0.2 s: 0.1 · 9.81 · 0.2 = 0.196 m/s, less some drag.
    expect(await climb(1.1)).toBeGreaterThan(0.18);
    expect(await climb(1.1)).toBeLessThan(0.197);
  });

  it('stops its motors when commands fail to come, and says so', async () => {
    const world = await makeWorld({ model: crazyflie, motorTimeoutS: 0.05 });
    world.setCommand(0, hover);
    advance(world, 5);
    expect(world.hasTimedOut[0]).toBe(0);
    advance(world, 2);
    expect(world.hasTimedOut[0]).toBe(1);
  });

  it('is known to its computer only through its sensors', async () => {
    const world = await makeWorld({ model: crazyflie });
    for (let k = 0; k < 100; k++) {
      world.setCommand(0, hover);
      world.advance();
    }
    expect([...world.measured.position]).not.toEqual([...world.truth.position]);
    // Rotor speeds have no sensor: the truth knows them, the measurement does not.
    expect(Math.abs(world.truth.jointVelocity[0]!)).toBeGreaterThan(1000);
    expect([...world.measured.jointVelocity]).toEqual([0, 0, 0, 0]);
  });
});
