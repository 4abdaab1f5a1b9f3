import type { RobotModel } from '../../sim/robot/model.ts';
import { PhysicsConfig } from '../../sim/robot/physics-config.ts';

/** What a robot made in code has beside what the test is about: nothing, and the usual physics. */
export const BARE_ROBOT = {
  batteries: [],
  transmissions: [],
  selfCollision: { kind: 'none' },
  physics: PhysicsConfig.parse({}),
  meshes: new Map(),
} as const satisfies Partial<RobotModel>;
