import { computeTotalMass, type RobotModel } from '../../sim/robot/model.ts';
import type { VisualModel } from '../../web-viewer/protocol.ts';

/** The part of a robot model that the page draws. */
export function makeVisualModel(model: RobotModel): VisualModel {
  return {
    name: model.name,
    mass: computeTotalMass(model),
    rootLink: model.rootLink,
    links: model.links.map((link) => ({
      name: link.name,
      visuals: link.visuals.map(({ linkFromShape, geometry, colour }) => ({
        linkFromShape,
        geometry,
        ...(colour === undefined ? {} : { colour }),
      })),
    })),
    joints: model.joints.map(({ name, type, parent, child, parentFromJoint, axis }) => ({
      name,
      type,
      parent,
      child,
      parentFromJoint,
      axis,
    })),
    jointNames: model.jointNames,
    rotorJoints: model.actuators.flatMap((actuator) =>
      actuator.kind === 'rotor' ? [actuator.joint] : [],
    ),
  };
}
