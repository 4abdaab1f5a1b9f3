import type { ElementReader, Located } from './element-reader.ts';
import type { Link } from './model.ts';
import type { UrdfJoint } from './read-joints.ts';

/** Links and joints with the elements they were read from, index by index. */
export interface TreeParts {
  readonly linkElements: readonly Located[];
  readonly links: readonly Link[];
  readonly jointElements: readonly Located[];
  readonly joints: readonly UrdfJoint[];
}

/** Checks that links and joints form one tree. @returns its root; undefined where they form none */
export function checkTree(
  reader: ElementReader,
  robot: Located,
  parts: TreeParts,
): string | undefined {
  const numErrors = reader.errors.length;
  checkUnique(reader, parts.linkElements, 'link');
  checkUnique(reader, parts.jointElements, 'joint');
  const { links, joints, jointElements } = parts;
  const linkNames = links.map((link) => link.name);
  const parentJointOf = new Map<string, UrdfJoint>();
  joints.forEach((joint, i) => {
    const at = jointElements[i]!;
    checkLinkExists(reader, at, 'parent', joint.parent, linkNames);
    checkLinkExists(reader, at, 'child', joint.child, linkNames);
    const other = parentJointOf.get(joint.child);
    if (other !== undefined && joint.child !== '') {
      reader.report(
        at,
        `link '${joint.child}' has two parents`,
        'one joint per child link',
        `joints '${other.name}' and '${joint.name}'`,
        'Remove one of the joints.',
      );
    } else {
      parentJointOf.set(joint.child, joint);
    }
  });
  reportCycle(reader, robot, linkNames, parentJointOf);
  const roots = linkNames.filter((name) => !parentJointOf.has(name));
  if (roots.length > 1) {
    reader.report(
      robot,
      'the links form more than one tree',
      'one root link',
      `roots ${roots.join(', ')}`,
      'Connect every link but one to a parent by a joint.',
    );
  }
  // A name that is missing has been reported where it was read.
  const isNamed = [...linkNames, ...joints.flatMap((j) => [j.parent, j.child])].every(Boolean);
  return isNamed && reader.errors.length === numErrors ? roots[0] : undefined;
}

function checkUnique(reader: ElementReader, elements: readonly Located[], kind: string): void {
  const lines = new Map<string, number>();
  for (const at of elements) {
    const name = at.element.attributes.name;
    if (name === undefined) continue;
    const line = lines.get(name);
    if (line === undefined) {
      lines.set(name, at.element.line);
      continue;
    }
    reader.report(
      at,
      `${kind} name '${name}' is taken`,
      'unique names',
      `another one on line ${line}`,
      'Rename one of them.',
    );
  }
}

function checkLinkExists(
  reader: ElementReader,
  at: Located,
  role: 'parent' | 'child',
  name: string,
  linkNames: readonly string[],
): void {
  if (name === '' || linkNames.includes(name)) return;
  reader.report(
    at,
    `unknown ${role} link '${name}'`,
    `one of ${linkNames.join(', ')}`,
    `'${name}'`,
    'Correct the name or add the link.',
  );
}

/** Walks from every link towards its root and reports the first loop met. */
function reportCycle(
  reader: ElementReader,
  robot: Located,
  linkNames: readonly string[],
  parentJointOf: ReadonlyMap<string, UrdfJoint>,
): void {
  const safe = new Set<string>();
  for (const start of linkNames) {
    const path = new Set<string>();
    let link: string | undefined = start;
    while (link !== undefined && !safe.has(link)) {
      if (path.has(link)) {
        const walked = [...path];
        const loop = [...walked.slice(walked.indexOf(link)), link];
        reader.report(
          robot,
          'the joints form a loop',
          'a tree',
          loop.reverse().join(' → '),
          'Open the loop by removing one joint.',
        );
        return;
      }
      path.add(link);
      link = parentJointOf.get(link)?.parent;
    }
    for (const name of path) safe.add(name);
  }
}
