import type { QuatXYZW } from '../../math/quat.ts';
import type { Transform } from '../../robot/geometry.ts';
import type { RobotModel } from '../../robot/model.ts';

/**
 * What a link or joint is called in MJCF: behind the robot's name and a slash, as in MuJoCo's own
 * composed models, so that a link may be called `world`, a name that MuJoCo keeps for itself. What belongs to the
 * scene has no slash in its name.
 */
export function getMjcfName(model: RobotModel, name: string): string {
  return `${model.name}/${name}`;
}

/** Of a body that nothing moves. Without it MuJoCo's compiler takes the body's place for its centre of mass. */
export const NO_INERTIAL = '<inertial pos="0 0 0" mass="0" diaginertia="0 0 0"/>';

export function formatPose({ translation, rotation }: Transform): string {
  return `pos="${translation.join(' ')}" quat="${formatQuat(rotation)}"`;
}

/** The door between x, y, z, w and MuJoCo's w, x, y, z in text. */
function formatQuat([x, y, z, w]: QuatXYZW): string {
  return `${w} ${x} ${y} ${z}`;
}

export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
