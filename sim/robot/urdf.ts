import { throwIfAny, UserError } from '../errors.ts';
import { ElementReader, type Located } from './element-reader.ts';
import { takeBaseJoint } from './floating-base.ts';
import { resolveMimics } from './mimic.ts';
import type { Joint, Link, TransmissionInfo } from './model.ts';
import { readJoint } from './read-joints.ts';
import { readLinks } from './read-links.ts';
import { readColours } from './read-shapes.ts';
import { readTransmissions } from './read-transmissions.ts';
import { checkTree } from './tree.ts';
import { parseXml, type XmlElement } from './xml.ts';

/** Of a `<robot>`: those that are read, and those that other tools put there. */
const KNOWN = [
  ...['link', 'joint', 'material', 'transmission'],
  ...['gazebo', 'ros2_control', 'sensor', 'verbose', 'mujoco', 'drake', 'plugin', 'controller'],
];

/** What a URDF says, before robot.yaml adds to it. */
export interface UrdfDescription {
  readonly name: string;
  readonly rootLink: string;
  /** `floating` where a floating joint to an empty root link says so; that joint and link are not listed. */
  readonly base?: 'floating' | undefined;
  /** In document order. */
  readonly links: readonly Link[];
  /** In document order. */
  readonly joints: readonly Joint[];
  readonly transmissions: readonly TransmissionInfo[];
  /** What is odd but does no harm, each with its place. */
  readonly warnings: readonly string[];
  /** File, line and element of each link and joint, by `link[name]` or `joint[name]`, for messages. */
  readonly places: ReadonlyMap<string, string>;
}

/**
 * Reads a URDF (http://wiki.ros.org/urdf/XML). Lengths m, angles rad, masses kg.
 * @param source its text, or its elements where a xacro has been expanded to them
 * @param where file name for messages
 * @throws UserError, or UserErrors with every problem found, each with line and element path
 */
export function parseUrdf(source: string | XmlElement, where: string): UrdfDescription {
  const { urdf, errors } = readUrdf(source, where);
  throwIfAny(errors);
  if (urdf === undefined) throw new TypeError('a URDF without errors has a description');
  return urdf;
}

/**
 * Reads a URDF as far as it can be read, to show what is wrong in it: the description is there if links and
 * joints form a tree, and may hold zeros where an error was.
 * @throws UserError where it is no URDF at all
 */
export function readUrdf(
  source: string | XmlElement,
  where: string,
): { readonly urdf?: UrdfDescription | undefined; readonly errors: readonly UserError[] } {
  const element = typeof source === 'string' ? parseXml(source, where) : source;
  const root: Located = { element, path: 'robot' };
  if (element.name !== 'robot') {
    throw new UserError({
      where: `${where}:${element.line}`,
      problem: 'this is not a URDF',
      expected: 'outermost element <robot>',
      got: `<${element.name}>`,
      remedy: 'Point to a URDF or xacro file.',
    });
  }
  const reader = new ElementReader(where);
  reader.warnOfUnknown(root, KNOWN);
  const name = reader.text(root, 'name') ?? '';
  const links = readLinks(reader, root, readColours(reader, root));
  const linkElements = reader.list(root, 'link');
  const jointElements = reader.list(root, 'joint');
  const joints = jointElements.map((at) => readJoint(reader, at));
  const rootLink = checkTree(reader, root, { linkElements, links, jointElements, joints });
  reader.warnOfUnread();
  // What follows walks the tree, so it needs one.
  if (rootLink === undefined) return { errors: reader.errors };
  const free = takeBaseJoint(reader, { rootLink, links, joints, jointElements });
  const resolved = resolveMimics(reader, free.jointElements, free.joints);
  const jointNames = resolved.map((joint) => joint.name);
  const urdf: UrdfDescription = {
    name,
    rootLink: free.rootLink,
    base: free.base,
    links: free.links,
    joints: resolved,
    transmissions: readTransmissions(reader, root, jointNames),
    warnings: reader.warnings,
    places: new Map(
      [...linkElements, ...jointElements].map((at) => [
        `${at.element.name}[${at.element.attributes.name}]`,
        reader.locate(at),
      ]),
    ),
  };
  return { urdf, errors: reader.errors };
}
