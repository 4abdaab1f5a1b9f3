import type { EngineConfig } from '../engine.ts';

/** What a caller writes into an engine, as `Engine` describes it. */
export class EngineInputArrays {
  readonly baseForceB: Float64Array;
  readonly baseTorqueB: Float64Array;
  readonly externalForceW: Float64Array;
  readonly jointEffort: Float64Array;
  readonly drivePosition: Float64Array;
  readonly driveVelocity: Float64Array;

  constructor({ model, numRobots }: EngineConfig) {
    const numCoordinates = numRobots * model.jointNames.length;
    this.baseForceB = new Float64Array(numRobots * 3);
    this.baseTorqueB = new Float64Array(numRobots * 3);
    this.externalForceW = new Float64Array(numRobots * 3);
    this.jointEffort = new Float64Array(numCoordinates);
    this.drivePosition = new Float64Array(numCoordinates);
    this.driveVelocity = new Float64Array(numCoordinates);
  }

  /** After a step; targets of drives are kept. */
  protected clearInputs(): void {
    this.baseForceB.fill(0);
    this.baseTorqueB.fill(0);
    this.externalForceW.fill(0);
    this.jointEffort.fill(0);
  }
}
