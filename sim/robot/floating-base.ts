import type { ElementReader, Located } from './element-reader.ts';
import type { Joint, Link } from './model.ts';
import type { UrdfJoint } from './read-joints.ts';

/** What is left of a robot when its free joint to the world is taken away. */
export interface BaseJointResult {
  /** `floating` where a floating joint said so; otherwise robot.yaml alone decides. */
  readonly base?: 'floating' | undefined;
  readonly rootLink: string;
  readonly links: readonly Link[];
  readonly joints: readonly Joint[];
  /** Elements of `joints`, index by index. */
  readonly jointElements: readonly Located[];
}

/**
 * Takes a `floating` joint between an empty root link (`world`) and the robot as what it means: the robot's own
 * root link is free. Reports floating joints anywhere else.
 */
export function takeBaseJoint(
  reader: ElementReader,
  tree: {
    readonly rootLink: string;
    readonly links: readonly Link[];
    readonly joints: readonly UrdfJoint[];
    readonly jointElements: readonly Located[];
  },
): BaseJointResult {
  const { rootLink, links, joints } = tree;
  const root = links.find((link) => link.name === rootLink);
  const isEmpty =
    root !== undefined &&
    root.inertial === undefined &&
    root.collisions.length === 0 &&
    joints.filter((joint) => joint.parent === rootLink).length === 1;
  const free = joints.findIndex((joint) => joint.type === 'floating');
  const isBase = (joint: UrdfJoint) => isEmpty && joint.parent === rootLink;
  joints.forEach((joint, i) => {
    if (joint.type !== 'floating' || isBase(joint)) return;
    reader.report(
      tree.jointElements[i]!,
      'only the base of a robot can float',
      'a floating joint between an empty root link, as <link name="world"/>, and the robot',
      `one between '${joint.parent}' and '${joint.child}'`,
      'Describe what floats by itself as a robot of its own, or join it by other joints.',
    );
  });
  const base = joints[free];
  const kept = joints.map((joint, i) => ({ joint, at: tree.jointElements[i]! }));
  if (base === undefined || !isBase(base)) return { rootLink, links, ...split(kept) };
  const { translation, rotation } = base.parentFromJoint;
  if ([...translation, ...rotation.slice(0, 3)].some((value) => value !== 0)) {
    reader.warn(
      tree.jointElements[free]!,
      'the <origin> of a free base is not used: `home` of robot.yaml says where it starts',
    );
  }
  return {
    base: 'floating',
    rootLink: base.child,
    links: links.filter((link) => link.name !== rootLink),
    ...split(kept.filter(({ joint }) => joint !== base)),
  };
}

function split(kept: readonly { readonly joint: UrdfJoint; readonly at: Located }[]) {
  return {
    // A floating joint that is still there has been reported, and the description is refused.
    joints: kept.map(
      ({ joint }): Joint => ({
        ...joint,
        type: joint.type === 'floating' ? 'fixed' : joint.type,
      }),
    ),
    jointElements: kept.map(({ at }) => at),
  };
}
