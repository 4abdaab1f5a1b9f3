import { expect } from 'vitest';
import type { EngineName } from '../../../../sim/engine/engine.ts';
import { Rng } from '../../../../sim/math/rng.ts';
import { makeTinySolid } from '../../../kit/tiny-robot.ts';
import { ENGINES } from '../../engine/engines.ts';
import { BODY, type Effects, expectClose, G, look, makeStudy, run } from './study.ts';

type Axis = 'x' | 'y' | 'z';
const AXES = ['x', 'y', 'z'] as const;

/** What a push of 2 N for 0.1 s, weightless, has made of the body. @returns velocities [m/s], [rad/s] */
function push(engine: EngineName, randomization: object, along: Axis = 'x') {
  const force = AXES.map((axis) => (axis === along ? 2 : 0)) as [number, number, number];
  return look(makeStudy(engine, { model: BODY, gravity: 0, randomization }), (world) => {
    world.pushRobot(0, force, 0.1);
    run(world, 0.1);
    return { velocity: [...world.truth.linearVelocityW], rate: [...world.truth.angularVelocityB] };
  });
}

/** Velocity after 0.5 s of free fall. */
function fall(engine: EngineName, randomization: object) {
  return look(makeStudy(engine, { model: BODY, randomization }), (world) => {
    run(world, 0.5);
    return [...world.truth.linearVelocityW];
  });
}

/** Where a payload, or the centre of mass, is off by a lever along `axis`, and what a push across it turns about. */
const LEVERS = {
  // r × F of a force at the origin, seen from a centre of mass at −r: along x against y turns about −z, and so on.
  x: { along: 'y', about: 2, sign: -1 },
  y: { along: 'x', about: 2, sign: 1 },
  z: { along: 'x', about: 1, sign: -1 },
} as const;

function makePayloadEffect(axis: Axis) {
  return {
    says: `payload.${axis} shifts the centre of mass: a push beside it turns the robot`,
    async show(engine: EngineName) {
      const { along, about, sign } = LEVERS[axis];
      const { rate } = await push(engine, { payload: { mass: 1, [axis]: 0.4 } }, along);
      // Twice 1 kg, 0.4 m apart: the centre is 0.2 m off, and the moment about it 0.01 + 2 · 0.2² = 0.09 kg·m².
      // 2 N · 0.2 m · 0.1 s / 0.09.
      expectClose(rate[about]!, (sign * 0.04) / 0.09);
    },
  };
}

function makeCentreEffect(axis: Axis) {
  return {
    says: `centreOfMassOffset.${axis} turns the robot when it is pushed where its centre was`,
    async show(engine: EngineName) {
      const { along, about, sign } = LEVERS[axis];
      const { velocity, rate } = await push(
        engine,
        { centreOfMassOffset: { [axis]: 0.01 } },
        along,
      );
      // 2 N · 0.01 m · 0.1 s / 0.01 kg·m²; of 1 kg the centre goes at 0.2 m/s, the origin, which turns, hardly less.
      expectClose(rate[about]!, sign * 0.2);
      expectClose(Math.hypot(...velocity), 0.2, 0.02);
    },
  };
}

const FLOOR = {
  ground: { kind: 'plane', material: { friction: 1, restitution: 0 } },
  objects: [],
} as const;

export const BODY_EFFECTS = {
  massScale: {
    says: 'massScale makes a robot accelerate less, and fall the same',
    async show(engine) {
      // 2 N · 0.1 s / 2 kg.
      expectClose((await push(engine, { massScale: 2 })).velocity[0]!, 0.1);
      expectClose((await fall(engine, { massScale: 2 }))[2]!, -0.5 * G);
    },
  },
  inertiaScale: {
    says: 'inertiaScale makes a robot turn less under the same torque',
    async show(engine) {
      for (const scale of [1, 4]) {
        const randomization = {
          inertiaScale: scale,
          adversary: { maxTorqueScale: 0.1 },
        };
        const rate = await look(makeStudy(engine, { model: BODY, randomization }), (world) => {
          world.setAdversary(0, [0, 0, 0, 0, 0, 1]);
          run(world, 0.1);
          return world.truth.angularVelocityB[2]!;
        });
        // Radius of gyration √(0.01/1) = 0.1 m: 0.1 · 9.81 N · 0.1 m · 0.1 s / (0.01 kg·m² · scale).
        expectClose(rate, 0.981 / scale);
      }
    },
  },
  'payload.mass': {
    says: 'payload.mass makes a robot accelerate less, and fall the same',
    async show(engine) {
      // 2 N · 0.1 s / (1 + 3) kg, at the centre of mass.
      expectClose((await push(engine, { payload: { mass: 3 } })).velocity[0]!, 0.05);
      expectClose((await fall(engine, { payload: { mass: 3, x: 0.3 } }))[2]!, -0.5 * G);
    },
  },
  'payload.x': makePayloadEffect('x'),
  'payload.y': makePayloadEffect('y'),
  'payload.z': makePayloadEffect('z'),
  'centreOfMassOffset.x': makeCentreEffect('x'),
  'centreOfMassOffset.y': makeCentreEffect('y'),
  'centreOfMassOffset.z': makeCentreEffect('z'),
  contactFrictionScale: {
    says: 'contactFrictionScale decides how far a sliding robot goes before it stops',
    async show(engine) {
      const sled = makeTinySolid([
        { geometry: { kind: 'box', size: [0.4, 0.4, 0.04] }, friction: 0.5 },
      ]);
      for (const scale of [0.5, 1]) {
        const stop = makeStudy(engine, {
          ...{ model: sled, scene: FLOOR, randomization: { contactFrictionScale: scale } },
          start: (out) => {
            out.position[2] = 0.02;
            out.linearVelocityW[0] = 2;
          },
        });
        const distance = await look(stop, (world) => {
          run(world, 1.2);
          return world.truth.position[0]!;
        });
        // v² / 2µg.
        expectClose(distance, 4 / (2 * 0.5 * scale * G));
      }
    },
  },
  restitutionOffset: {
    says: 'restitutionOffset decides how high a dropped robot bounces',
    async show(engine) {
      const { bounce } = ENGINES.find((one) => one.engine === engine)!;
      const ball = makeTinySolid([{ geometry: { kind: 'sphere', radius: 0.1 }, restitution: 0.2 }]);
      for (const offset of [-0.2, 0.3, 0.5]) {
        const drop = makeStudy(engine, {
          ...{ model: ball, scene: FLOOR, randomization: { restitutionOffset: offset } },
          start: (out) => out.position.set([0, 0, 1.1]),
        });
        const top = await look(drop, (world) => {
          // It lands after √(2/9.81) = 0.452 s and has come to rest in the air by 0.452 · (1 + 0.7) = 0.77 s.
          run(world, 0.46);
          let highest = 0;
          run(world, 0.5, () => {
            highest = Math.max(highest, world.truth.position[2]! - 0.1);
          });
          return highest;
        });
        // e² of the metre that it fell.
        expect(Math.abs(top - (0.2 + offset) ** 2)).toBeLessThan(bounce);
      }
    },
  },
  gravityScale: {
    says: 'gravityScale makes robots fall faster, whatever stands beside them, and weighs on accelerometers',
    async show(engine) {
      const randomization = { gravityScale: { choice: [0.5, 1.5] } };
      const study = makeStudy(engine, { model: BODY, numRobots: 6, randomization });
      await look(study, (world) => {
        run(world, 0.5);
        for (let robot = 0; robot < 6; robot++) {
          const scale = world.contexts[robot]!.gravityScale;
          expectClose(world.truth.linearVelocityW[3 * robot + 2]!, -0.5 * G * scale);
        }
        expect(new Set(world.contexts.map((context) => context.gravityScale)).size).toBe(2);
      });
    },
  },
  'gravityTilt.x': {
    says: 'gravityTilt.x lets robots fall towards +y',
    async show(engine) {
      const [x, y, z] = await fall(engine, { gravityTilt: { x: 0.2 } });
      expectClose(x!, 0);
      expectClose(y!, 0.5 * G * Math.sin(0.2));
      expectClose(z!, -0.5 * G * Math.cos(0.2));
    },
  },
  'gravityTilt.y': {
    says: 'gravityTilt.y lets robots fall towards −x',
    async show(engine) {
      const [x, y] = await fall(engine, { gravityTilt: { y: 0.2 } });
      expectClose(x!, -0.5 * G * Math.sin(0.2));
      expectClose(y!, 0);
    },
  },
  difficulty: {
    says: 'difficulty widens what has a schedule',
    async show(engine) {
      const randomization = { massScale: { schedule: { from: 1, to: { uniform: [4, 4] } } } };
      const study = makeStudy(engine, { model: BODY, gravity: 0, randomization });
      await look(study, (world) => {
        for (const difficulty of [0, 1 / 3, 1]) {
          world.reset(0, new Rng(1), () => {}, { difficulty });
          world.pushRobot(0, [2, 0, 0], 0.1);
          run(world, 0.1);
          // 0.2 m/s over 1 + 3 · difficulty.
          expectClose(world.truth.linearVelocityW[0]!, 0.2 / (1 + 3 * difficulty));
        }
      });
    },
  },
} as const satisfies Effects;
