import { expect } from 'vitest';
import type { EngineName } from '../../../../sim/engine/engine.ts';
import type { MotorStages } from '../../../../sim/robot/actuator-model.ts';
import type { RobotModel } from '../../../../sim/robot/model.ts';
import { makeTinyRobot } from '../../../kit/tiny-robot.ts';
import { type Effects, expectClose, G, look, makeStudy, makeWheel, RATE_HZ, run } from './study.ts';

/** [kg·m²] of the wheel */
const MOMENT = 0.5;
const WHEEL = makeWheel();

function withStages(model: RobotModel, stages: MotorStages): RobotModel {
  return { ...model, actuators: model.actuators.map((actuator) => ({ ...actuator, ...stages })) };
}

function withServo(
  model: RobotModel,
  servo: { readonly kind: 'pd' | 'velocity'; readonly stiffness: number; readonly damping: number },
  integration: 'solver' | 'explicit',
): RobotModel {
  const actuators = model.actuators.map(({ joint }) => ({
    ...{ joint, maxEffort: 1e6, integration },
    ...servo,
  }));
  return { ...model, actuators, commandKind: servo.kind === 'pd' ? 'position' : 'velocity' };
}

/** Speed after each step under a command that begins after `restS`. [rad/s] */
function spin(
  engine: EngineName,
  model: RobotModel,
  randomization: object,
  { durationS = 0.5, command = 1, restS = 0, startSpeed = 0 } = {},
): Promise<number[]> {
  const study = makeStudy(engine, {
    ...{ model, randomization },
    start: (out) => out.jointVelocity.fill(startSpeed),
  });
  return look(study, (world) => {
    const speeds: number[] = [];
    run(world, durationS, (step) => {
      if (step > 0) speeds.push(world.truth.jointVelocity[0]!);
      world.setCommand(0, Float64Array.of(step < restS * RATE_HZ ? 0 : command));
    });
    return [...speeds, world.truth.jointVelocity[0]!];
  });
}

/** A kilogram that a servo holds up. */
const LIFT = makeTinyRobot({
  base: 'fixed',
  links: [{ name: 'base_link', mass: 0 }, { name: 'load' }],
  joints: [
    { name: 'lift', parent: 'base_link', child: 'load', type: 'prismatic', axis: [0, 0, 1] },
  ],
});

/** A motor of 10 V that stalls at 2 N·m and runs free at 20 rad/s, on a wheel that brakes with 0.05 N·m·s/rad. */
const DC = {
  ...withStages(makeWheel({ damping: 0.05 }), {
    torqueSpeed: { stallEffort: 2, noLoadSpeed: 20 },
    battery: 'pack',
  }),
  batteries: [
    {
      ...{ name: 'pack', nominalVoltage: 10, emptyVoltage: 8, resistance: 0.25 },
      ...{ capacity: 1e6, idlePower: 0 },
    },
  ],
} satisfies RobotModel;

/**
 * Where that motor's speed settles: 2·(V/10 − ω/20) = 0.05·ω, so ω = 4·V/3, and the terminals V of a source E behind
 * R give V·(E − V)/R = τω + 10τ² with τ = 0.05·ω, which is 0.075·ω²: V·(E − V)/R = 0.1333·V², V = E/(1 + 0.1333·R).
 */
function computeSettledSpeed(openVoltage: number, resistance: number): number {
  return ((4 / 3) * openVoltage) / (1 + (0.075 * 16 * resistance) / 9);
}

/** Started at the speed at which it should settle, it keeps it: that of any other would be left at 0.3 per second. */
async function settle(engine: EngineName, randomization: object, settled: number) {
  const speeds = await spin(engine, DC, randomization, {
    durationS: 2,
    command: 100,
    startSpeed: settled,
  });
  expectClose(speeds.at(-1)!, settled, 2e-3);
}

export const MOTOR_EFFECTS = {
  effortScale: {
    says: 'effortScale makes a motor speed up its wheel that much more',
    async show(engine) {
      // 1 N·m · 0.5 s / 0.5 kg·m².
      for (const effortScale of [0.5, 2]) {
        expectClose((await spin(engine, WHEEL, { effortScale })).at(-1)!, effortScale);
      }
      // A number of its own: the wheel's motor is one of one.
      const own = { effortScale: { choice: [2], perJoint: { choice: [1.5] } } };
      expectClose((await spin(engine, WHEEL, own)).at(-1)!, 3);
    },
  },
  armatureScale: {
    says: 'armatureScale makes a geared motor harder to speed up',
    async show(engine) {
      const geared = makeWheel({ armature: 0.5 });
      for (const armatureScale of [0.5, 3]) {
        const speed = (await spin(engine, geared, { armatureScale })).at(-1)!;
        expectClose(speed, 0.5 / (MOMENT + 0.5 * armatureScale));
      }
    },
  },
  jointDampingScale: {
    says: 'jointDampingScale makes a turning joint slow down faster',
    async show(engine) {
      for (const jointDampingScale of [0.5, 3]) {
        const speeds = await spin(
          engine,
          makeWheel({ damping: 0.2 }),
          { jointDampingScale },
          { command: 0, startSpeed: 1 },
        );
        // e^(−b·t/I).
        expectClose(speeds.at(-1)!, Math.exp((-0.2 * jointDampingScale * 0.5) / MOMENT));
      }
    },
  },
  jointFrictionScale: {
    says: 'jointFrictionScale takes more off the speed of a turning joint, until it stands',
    async show(engine) {
      for (const [jointFrictionScale, left] of [
        [0.5, 1 - 0.15 / MOMENT / 2],
        [2, 1 - 0.6 / MOMENT / 2],
      ] as const) {
        const speeds = await spin(
          engine,
          makeWheel({ friction: 0.3 }),
          { jointFrictionScale },
          { command: 0, startSpeed: 1 },
        );
        // 0.3 N·m / 0.5 kg·m² for 0.5 s.
        expectClose(speeds.at(-1)!, left);
      }
    },
  },
  stiffnessScale: {
    says: 'stiffnessScale lets a servo sag less under its load',
    async show(engine) {
      for (const integration of ['solver', 'explicit'] as const) {
        const servo = { kind: 'pd', stiffness: 200, damping: 40 } as const;
        const model = withServo(LIFT, servo, integration);
        for (const stiffnessScale of [0.5, 2]) {
          const study = makeStudy(engine, { model, randomization: { stiffnessScale } });
          const sag = await look(study, (world) => {
            // Four time constants of 40/100 s, and more.
            run(world, 4, () => world.setCommand(0, Float64Array.of(0)));
            return world.truth.jointPosition[0]!;
          });
          // 1 kg · g / k.
          expectClose(sag, -G / (200 * stiffnessScale));
        }
      }
    },
  },
  dampingScale: {
    says: 'dampingScale lets a speed servo reach its speed sooner',
    async show(engine) {
      for (const integration of ['solver', 'explicit'] as const) {
        const servo = { kind: 'velocity', stiffness: 0, damping: 1 } as const;
        const model = withServo(WHEEL, servo, integration);
        for (const dampingScale of [0.5, 2]) {
          const speeds = await spin(engine, model, { dampingScale }, { durationS: 0.3 });
          expectClose(speeds.at(-1)!, 1 - Math.exp((-dampingScale * 0.3) / MOMENT));
        }
      }
    },
  },
  motorLagScale: {
    says: 'motorLagScale lets the effort of a motor come later',
    async show(engine) {
      const model = withStages(WHEEL, { lagS: 0.1 });
      for (const motorLagScale of [0.5, 2]) {
        const speeds = await spin(engine, model, { motorLagScale }, { restS: 0.1 });
        // ∫ 1 − e^(−t/τ) over 0.4 s, over 0.5 kg·m².
        const lagS = 0.1 * motorLagScale;
        expectClose(speeds.at(-1)!, (0.4 - lagS * (1 - Math.exp(-0.4 / lagS))) / MOMENT);
      }
    },
  },
  motorDelayScale: {
    says: 'motorDelayScale shifts the response of a motor by its delay',
    async show(engine) {
      const model = withStages(WHEEL, { delayS: 0.02 });
      await expectShift(engine, model, { motorDelayScale: 0 }, { motorDelayScale: 2 }, 0.04);
    },
  },
  commandLatencyS: {
    says: 'commandLatencyS shifts the response to a command by that latency',
    async show(engine) {
      await expectShift(engine, WHEEL, {}, { commandLatencyS: 0.03 }, 0.03);
    },
  },
  batteryCharge: {
    says: 'batteryCharge decides how fast a motor runs',
    async show(engine) {
      // From 8 V empty to 10 V full: 9 V in the middle.
      for (const [batteryCharge, voltage] of [
        [1, 10],
        [0.5, 9],
      ] as const) {
        await settle(engine, { batteryCharge }, computeSettledSpeed(voltage, 0.25));
      }
    },
  },
  batteryResistanceScale: {
    says: 'batteryResistanceScale lets the voltage sag under load, and the motor slow down',
    async show(engine) {
      for (const batteryResistanceScale of [0, 4]) {
        const settled = computeSettledSpeed(10, 0.25 * batteryResistanceScale);
        await settle(engine, { batteryResistanceScale }, settled);
      }
    },
  },
} as const satisfies Effects;

/** The second response is the first one, later by a whole number of steps. */
async function expectShift(
  engine: EngineName,
  model: RobotModel,
  prompt: object,
  late: object,
  shiftS: number,
): Promise<void> {
  const first = await spin(engine, model, prompt, { durationS: 0.2 });
  const second = await spin(engine, model, late, { durationS: 0.2 });
  const shift = Math.round(shiftS * RATE_HZ);
  expect(second.slice(0, shift)).toEqual(new Array(shift).fill(0));
  expect(first.at(-1)).toBeGreaterThan(0.3);
  for (let k = shift; k < second.length; k++) expectClose(second[k]!, first[k - shift]!, 1e-5);
}
