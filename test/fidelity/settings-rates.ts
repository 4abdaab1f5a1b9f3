import { RandomizationConfig } from '../../sim/randomize/config.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { computeLatencyTicks } from '../../sim/sensor/delay-line.ts';
import { getTask, TASK_NAMES } from '../../sim/tasks/registry.ts';
import { FLAT_SCENE } from '../../sim/terrain/scene.ts';
import { checkWorldOptions } from '../../sim/world-options.ts';

/** Rates that a robot could be stepped at. [Hz] */
const RATES_HZ = [500, 400, 250, 200, 125, 100] as const;
/** [-] of a sensor's period, by which its samples may be taken or arrive too late */
const LATENESS = 0.1;

/** A rate, and why the robot cannot be stepped at it, if it cannot. */
export interface RateTrial {
  readonly rateHz: number;
  readonly refusal: string | undefined;
}

/** Every rate worth a thought, the robot's own among them. */
export function listRates(model: RobotModel): readonly RateTrial[] {
  const own = model.physics.rateHz;
  const rates = RATES_HZ.some((rateHz) => rateHz === own) ? RATES_HZ : [...RATES_HZ, own];
  return rates.map((rateHz) => ({
    rateHz,
    refusal: findWorldRefusal(model, rateHz) ?? findLateSensor(model, rateHz),
  }));
}

/** What the worlds of the robot's tasks say, but of tasks that step it at a rate of their own. */
function findWorldRefusal(model: RobotModel, physicsRateHz: number): string | undefined {
  const tasks = TASK_NAMES.map(getTask).filter(
    ({ robot, controlRateHz, substeps }) =>
      robot === model.name &&
      (substeps === undefined || substeps * controlRateHz === model.physics.rateHz),
  );
  const problems = tasks.flatMap(({ controlRateHz }) =>
    checkWorldOptions({
      ...{ model, numRobots: 1, physicsRateHz, controlRateHz, tileSpacing: 0, scene: FLAT_SCENE },
      randomization: RandomizationConfig.parse({}),
    }),
  );
  return problems[0]?.parts.problem;
}

/** Samples are taken at steps of the physics and seen at steps of it: both are late by what is left of a step. */
function findLateSensor(model: RobotModel, physicsRateHz: number): string | undefined {
  const step = 1 / physicsRateHz;
  for (const { name, rateHz, latencyS } of model.sensors) {
    const allowed = LATENESS / rateHz + 1e-9;
    const ratio = physicsRateHz / rateHz;
    if (Math.abs(ratio - Math.round(ratio)) > 1e-9 && step > allowed) {
      return `${rateHz} readings a second of '${name}' do not fit evenly into it`;
    }
    const late = computeLatencyTicks(latencyS, physicsRateHz) * step - latencyS;
    if (late > allowed) {
      const ms = (seconds: number) => Number((1000 * seconds).toPrecision(3));
      return `the latency of '${name}' would be ${ms(latencyS + late)} ms instead of ${ms(latencyS)}`;
    }
  }
  return undefined;
}
