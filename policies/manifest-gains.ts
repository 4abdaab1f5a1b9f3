import type { ServoGains } from '../sim/robot/gains.ts';
import type { RobotModel } from '../sim/robot/model.ts';
import type { PolicyManifest } from './manifest.ts';

/** The gains that a policy wants, in the robot's actuated joint order; undefined if it takes the robot as it is. */
export function orderGains(
  { gains, jointNames }: Pick<PolicyManifest, 'gains' | 'jointNames'>,
  model: RobotModel,
): ServoGains | undefined {
  if (gains === undefined) return undefined;
  const order = (list: readonly number[]) =>
    // A joint that the policy does not command has no gain, and NaN is refused by withGains.
    model.actuatedJointNames.map((name) => list[jointNames.indexOf(name)] ?? Number.NaN);
  return { stiffness: order(gains.stiffness), damping: order(gains.damping) };
}
