import type { Engine } from '../engine/engine.ts';

/** What actuators need of an engine: places to write what the bodies feel, and its servos. */
export type ActuatorEngine = Pick<
  Engine,
  'baseForceB' | 'baseTorqueB' | 'jointEffort' | 'drivePosition' | 'driveVelocity' | 'setDrive'
>;
