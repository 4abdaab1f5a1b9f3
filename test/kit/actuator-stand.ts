import { type ActuatorBank, makeActuatorBank } from '../../sim/actuator/actuators.ts';
import type { ActuatorEngine } from '../../sim/actuator/engine-port.ts';
import type { JointDrive } from '../../sim/engine/engine.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { makeStateBatch, type StateBatch } from '../../sim/robot/state.ts';

/** The arrays of an engine without an engine, and the servos that it was told of. */
export interface FakeEngine extends ActuatorEngine {
  /** Every call of setDrive, in order. */
  readonly drives: { readonly robot: number; readonly jointIndex: number; drive: JointDrive }[];
}

export interface ActuatorStand {
  readonly model: RobotModel;
  readonly state: StateBatch;
  readonly engine: FakeEngine;
  readonly bank: ActuatorBank;
}

export function makeFakeEngine(model: RobotModel, numRobots = 1): FakeEngine {
  const numJoints = model.jointNames.length;
  const drives: FakeEngine['drives'] = [];
  return {
    baseForceB: new Float64Array(3 * numRobots),
    baseTorqueB: new Float64Array(3 * numRobots),
    jointEffort: new Float64Array(numJoints * numRobots),
    drivePosition: new Float64Array(numJoints * numRobots),
    driveVelocity: new Float64Array(numJoints * numRobots),
    drives,
    setDrive(robot, jointIndex, drive) {
      drives.push({ robot, jointIndex, drive });
    },
  };
}

/** A bank that never times out on a fake engine. */
export function makeActuatorStand(model: RobotModel, numRobots = 1): ActuatorStand {
  const bank = makeActuatorBank(model, numRobots);
  bank.setMotorTimeout(Number.POSITIVE_INFINITY);
  return {
    model,
    state: makeStateBatch(numRobots, model.jointNames.length),
    engine: makeFakeEngine(model, numRobots),
    bank,
  };
}
