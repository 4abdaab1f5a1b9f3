import { getJoint, getJointIndex, type Joint, type RobotModel } from '../robot/model.ts';

/** A joint's position is multiplier · that of its source + offset. */
export interface MimicSource {
  /** Index in joint order of a joint that moves on its own. */
  readonly index: number;
  readonly multiplier: number;
  readonly offset: number;
}

/** What a joint follows in the end, where followers follow followers; itself where it follows none. */
export function computeMimicSource(model: RobotModel, joint: Joint): MimicSource {
  if (joint.mimic === undefined) {
    return { index: getJointIndex(model, joint.name), multiplier: 1, offset: 0 };
  }
  const { multiplier, offset } = joint.mimic;
  const source = computeMimicSource(model, getJoint(model, joint.mimic.joint));
  return {
    index: source.index,
    multiplier: multiplier * source.multiplier,
    offset: multiplier * source.offset + offset,
  };
}
