import type { RobotModel } from '../robot/model.ts';

/** The collision shapes of a robot, in the order in which engines tell their forces. */
export function listShapeNames(model: RobotModel): string[] {
  return model.links.flatMap((link) => link.collisions.map((shape) => shape.name));
}
