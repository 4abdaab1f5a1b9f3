import { expect } from 'vitest';
import type { EngineName } from '../../../../sim/engine/engine.ts';
import { STANDARD_GRAVITY } from '../../../../sim/math/gravity.ts';
import type { RotorActuator } from '../../../../sim/robot/actuator-model.ts';
import { loadRobot } from '../../../../sim/robot/load.ts';
import { computeHoverSpeed } from '../../../../sim/robot/quadrotor.ts';
import { makeTestRobot } from '../../../kit/robots.ts';
import { BODY, type Effects, expectClose, G, look, makeStudy, run } from './study.ts';

const crazyflie = loadRobot('crazyflie');
const ROTORS = crazyflie.actuators.filter((one): one is RotorActuator => one.kind === 'rotor');
const HOVER = computeHoverSpeed(crazyflie, STANDARD_GRAVITY);
const MASS = 0.027;

function fly(
  engine: EngineName,
  randomization: object,
  { durationS = 0.1, speed = HOVER, sideways = 0, gravity = STANDARD_GRAVITY } = {},
) {
  const study = makeStudy(engine, {
    ...{ model: crazyflie, randomization, gravity },
    start: (out) => {
      out.linearVelocityW[0] = sideways;
    },
  });
  const command = Float64Array.from(crazyflie.actuators, () => speed);
  return look(study, (world) => {
    run(world, durationS, () => world.setCommand(0, command));
    const { linearVelocityW, angularVelocityB, jointVelocity } = world.truth;
    return {
      velocity: [...linearVelocityW],
      rate: [...angularVelocityB],
      rotors: [...jointVelocity],
    };
  });
}

/** How many pushes there were in 1 s of free fall, and the speed that they gave: its sum, step by step. */
function shove(engine: EngineName, push: object) {
  const study = makeStudy(engine, { model: BODY, randomization: { push } });
  return look(study, (world) => {
    const before = [0, 0, 0];
    let starts = 0;
    let speed = 0;
    let wasPushed = false;
    run(world, 1, () => {});
    run(world, 2, (step) => {
      const change = before.map((was, k) => {
        const now = world.truth.linearVelocityW[k]! + (k === 2 ? G * world.timeS : 0);
        before[k] = now;
        return now - was;
      });
      const size = Math.hypot(...change);
      const isPushed = step > 0 && size > 1e-3;
      if (isPushed) speed += size;
      if (isPushed && !wasPushed) starts++;
      wasPushed = isPushed;
    });
    return { starts, speed };
  });
}

/** Root mean square of what 0.5 s of wind of 0.1 weights have done to the speed of 40 robots. [m/s] */
function blow(engine: EngineName, wind: object) {
  const study = makeStudy(engine, { model: BODY, numRobots: 40, randomization: { wind } });
  return look(study, (world) => {
    run(world, 0.5);
    const squares = world.truth.linearVelocityW.map((v, k) => (k % 3 === 2 ? v + 0.5 * G : v) ** 2);
    return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
  });
}
/** 120 draws: known to 1/√240 = 6.5 %; four of those. */
const BAND = 4 / Math.sqrt(240);

export const FLIGHT_EFFECTS = {
  thrustScale: {
    says: 'thrustScale makes a robot that should hover climb',
    async show(engine) {
      // 10 % more than the weight, less the drag along the rotors' axis: 0.0981 m/s after 0.1 s.
      const { velocity } = await fly(engine, { thrustScale: 1.1 });
      expectClose(velocity[2]!, 0.1 * STANDARD_GRAVITY * 0.1, 0.02);
      // One stronger rotor alone: a quarter of the climb, and it tips.
      const own = {
        thrustScale: { choice: [1], perJoint: true },
        fixed: { [`thrustScale.${ROTORS[0]!.joint}`]: 1.1 },
      };
      const tipped = await fly(engine, own, { durationS: 0.02 });
      expectClose(tipped.velocity[2]!, 0.025 * STANDARD_GRAVITY * 0.02, 0.02);
      expect(Math.hypot(tipped.rate[0]!, tipped.rate[1]!)).toBeGreaterThan(0.1);
      expect(Math.abs(tipped.rate[2]!)).toBeGreaterThan(1e-4);
    },
  },
  rotorTimeConstantScale: {
    says: 'rotorTimeConstantScale lets rotors follow a command more slowly',
    async show(engine) {
      const { timeConstantS } = ROTORS[0]!;
      for (const rotorTimeConstantScale of [0.5, 2]) {
        const { rotors } = await fly(engine, { rotorTimeConstantScale }, { speed: 1.2 * HOVER });
        const share = 1 - Math.exp(-0.1 / (timeConstantS * rotorTimeConstantScale));
        expectClose(Math.abs(rotors[0]!), HOVER * (1 + 0.2 * share), 1e-4);
      }
    },
  },
  dragScale: {
    says: 'dragScale makes a robot that drifts sideways lose its speed sooner',
    async show(engine) {
      const perSecond =
        ROTORS.reduce((sum, rotor) => sum + HOVER * rotor.dragCoefficient[0], 0) / MASS;
      for (const dragScale of [0, 3]) {
        const { velocity } = await fly(engine, { dragScale }, { sideways: 1, durationS: 0.02 });
        // e^(−d·t/m), before the drag, which acts at the hubs, has tipped it.
        expectClose(1 - velocity[0]!, 1 - Math.exp(-perSecond * dragScale * 0.02), 0.04);
      }
    },
  },
  rotorTorqueScale: {
    says: 'rotorTorqueScale makes a rotor turn its robot harder, at the same thrust',
    async show(engine) {
      const brick = makeTestRobot('brick');
      const turn = (rotorTorqueScale: number) =>
        look(
          makeStudy(engine, { model: brick, gravity: 0, randomization: { rotorTorqueScale } }),
          (world) => {
            run(world, 0.02, () => world.setCommand(0, Float64Array.of(500)));
            return [world.truth.angularVelocityB[2]!, world.truth.linearVelocityW[2]!] as const;
          },
        );
      const [described, doubled] = [await turn(1), await turn(2)];
      expectClose(doubled[0], 2 * described[0]);
      expectClose(doubled[1], described[1]);
      expect(Math.abs(described[0])).toBeGreaterThan(0.1);
    },
  },
  'push.intervalS': {
    says: 'push.intervalS decides how often a robot is pushed',
    async show(engine) {
      const push = { durationS: 0.02, forceScale: 0.5 };
      expect((await shove(engine, { ...push, intervalS: 0.5 })).starts).toBe(4);
      expect((await shove(engine, { ...push, intervalS: 0.25 })).starts).toBe(8);
    },
  },
  'push.durationS': {
    says: 'push.durationS decides how much speed a push gives',
    async show(engine) {
      for (const durationS of [0.02, 0.06]) {
        const { speed } = await shove(engine, { intervalS: 0.5, forceScale: 0.5, durationS });
        // Four pushes of half the weight.
        expectClose(speed, 4 * 0.5 * G * durationS);
      }
    },
  },
  'push.forceScale': {
    says: 'push.forceScale decides how hard a robot is pushed',
    async show(engine) {
      for (const forceScale of [0.2, 1]) {
        const { speed } = await shove(engine, { intervalS: 0.5, durationS: 0.04, forceScale });
        expectClose(speed, 4 * forceScale * G * 0.04);
      }
    },
  },
  'wind.forceScale': {
    says: 'wind.forceScale decides how far the wind carries robots',
    async show(engine) {
      for (const forceScale of [0.1, 0.4]) {
        // So slow that it blows steadily: 0.5 s of σ·g each way.
        const speed = await blow(engine, { forceScale, timeConstantS: 100 });
        expectClose(speed, forceScale * G * 0.5, BAND);
      }
    },
  },
  'wind.timeConstantS': {
    says: 'wind.timeConstantS decides whether gusts add up or cancel out',
    async show(engine) {
      const speed = await blow(engine, { forceScale: 0.1, timeConstantS: 0.01 });
      // Of fast gusts a random walk is left: σ·√(2τt), √(2 · 0.01 · 0.5) = 0.1 instead of 0.5, the first τ apart.
      expectClose(speed, 0.1 * G * Math.sqrt(2 * 0.01 * (0.5 - 0.01)), BAND);
    },
  },
  'adversary.maxForceScale': {
    says: 'adversary.maxForceScale bounds what another policy may push with, however much it asks for',
    async show(engine) {
      const accelerate = (raw: readonly number[]) => {
        const study = makeStudy(engine, {
          ...{ model: BODY, randomization: { adversary: { maxForceScale: 0.2 } } },
          start: (out) => {
            // Its force is in base_link: a quarter turn about z takes x to y.
            out.orientation.set([0, 0, Math.SQRT1_2, Math.SQRT1_2]);
          },
        });
        return look(study, (world) => {
          world.setAdversary(0, raw);
          run(world, 0.1);
          return [...world.truth.linearVelocityW];
        });
      };
      expectClose((await accelerate([0.5, 0, 0, 0, 0, 0]))[1]!, 0.1 * G * 0.1);
      expectClose((await accelerate([30, 0, 0, 0, 0, 0]))[1]!, 0.2 * G * 0.1);
      // Both directions together are no longer than one: 1/√2 each.
      const both = await accelerate([1, 1, 0, 0, 0, 0]);
      expectClose(Math.hypot(both[0]!, both[1]!), 0.2 * G * 0.1);
      const nothing = await accelerate([Number.NaN, 1, 0, 0, 0, 0]);
      expect(Math.hypot(nothing[0]!, nothing[1]!)).toBe(0);
    },
  },
  'adversary.maxTorqueScale': {
    says: 'adversary.maxTorqueScale bounds what another policy may turn with',
    async show(engine) {
      const randomization = { adversary: { maxTorqueScale: 0.3 } };
      for (const [asked, got] of [
        [0.5, 0.5],
        [-8, -1],
      ] as const) {
        const rate = await look(makeStudy(engine, { model: BODY, randomization }), (world) => {
          world.setAdversary(0, [9, 9, 9, 0, asked, 0], 0);
          run(world, 0.05);
          expectClose(world.truth.linearVelocityW[0]!, 0);
          return world.truth.angularVelocityB[1]!;
        });
        // 0.3 · 9.81 N · 0.1 m · 0.05 s / 0.01 kg·m².
        expectClose(rate, got * 0.3 * G * 0.1 * 5);
      }
    },
  },
} as const satisfies Effects;
