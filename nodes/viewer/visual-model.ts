import type { Shape } from '../../sim/robot/geometry.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import type { VisualMesh, VisualModel } from '../../web-viewer/robot-schema.ts';

/** What of a robot decides how it looks; a description without robot.yaml has as much. */
export type VisualSource = Pick<
  RobotModel,
  'name' | 'rootLink' | 'links' | 'joints' | 'jointNames' | 'actuators'
>;

/**
 * The part of a robot that the page draws.
 * @param meshes where the page finds meshes, by their uri
 */
export function makeVisualModel(
  model: VisualSource,
  meshes: Readonly<Record<string, VisualMesh>>,
): VisualModel {
  return {
    name: model.name,
    mass: model.links.reduce((sum, link) => sum + (link.inertial?.mass ?? 0), 0),
    rootLink: model.rootLink,
    links: model.links.map(({ name, visuals, collisions }) => ({
      name,
      visuals: makeShapes(visuals),
      collisions: makeShapes(collisions),
    })),
    meshes,
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

function makeShapes(shapes: readonly Shape[]): VisualModel['links'][number]['visuals'] {
  return shapes.map(({ linkFromShape, geometry, colour }) => ({
    linkFromShape,
    geometry,
    ...(colour === undefined ? {} : { colour }),
  }));
}
