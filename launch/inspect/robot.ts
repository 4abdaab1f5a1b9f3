import { statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { throwIfAny, UserError } from '../../sim/errors.ts';
import type { Vec3 } from '../../sim/math/vec3.ts';
import { describeRobot, type RobotDescription } from '../../sim/robot/describe.ts';
import type { MeshAsset } from '../../sim/robot/geometry.ts';
import type { Joint } from '../../sim/robot/model.ts';
import type { OpenOptions } from '../../sim/robot/open.ts';
import type { RigidBody } from '../../sim/robot/rigid-bodies.ts';
import { makeConfigTemplate } from '../../sim/robot/template.ts';
import type { InspectReport } from './report.ts';

/** Options of `inspect` that are about robots, as commander gives them. */
export interface InspectRobotOptions {
  readonly packagePath?: readonly string[];
  /** `name:=value` each */
  readonly xacroArg?: readonly string[];
  /** Path of a robot.yaml that does not stand beside the description. */
  readonly config?: string;
  /** Where to write a robot.yaml to begin with. */
  readonly template?: string;
  /** Where to write the URDF that a xacro becomes. */
  readonly urdf?: string;
}

/** `zerogap inspect` of a robot: what it is, what is wrong with it, and the files asked for. */
export async function inspectRobot(
  target: string,
  options: InspectRobotOptions,
): Promise<InspectReport> {
  const description = await describeRobot(target, makeOpenOptions(options));
  const written: string[] = [];
  if (options.urdf !== undefined && description.urdfText !== undefined) {
    writeNew(options.urdf, description.urdfText);
    written.push(`  written       ${options.urdf}`);
  }
  if (options.template !== undefined) {
    writeNew(options.template, makeConfigTemplate(description));
    written.push(`  written       ${options.template}; look for REVIEW in it`);
  }
  const problems = description.problems.map((problem) => problem.message);
  return {
    kind: 'robot',
    ok: problems.length === 0,
    problems,
    warnings: description.warnings,
    details: makeDetails(description),
    lines: [...makeLines(description), ...written],
    robot: description,
  };
}

/**
 * Search paths from the command line first, then those of a ROS environment, of which some may not be there.
 * @throws UserError, or UserErrors, for folders of the command line that are not there, and for what is no argument
 */
export function makeOpenOptions(options: InspectRobotOptions): OpenOptions {
  throwIfAny((options.packagePath ?? []).filter((path) => !isFolder(path)).map(refuseFolder));
  const split = (name: string) => (process.env[name] ?? '').split(delimiter).filter(Boolean);
  const packagePaths = [
    ...(options.packagePath ?? []),
    ...split('ROS_PACKAGE_PATH'),
    ...split('AMENT_PREFIX_PATH').map((prefix) => join(prefix, 'share')),
  ];
  const xacroArguments = Object.fromEntries((options.xacroArg ?? []).map(readXacroArgument));
  return { packagePaths, xacroArguments, config: options.config };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function refuseFolder(path: string): UserError {
  return new UserError({
    where: '--package-path',
    problem: 'there is no such folder',
    expected: 'a folder that holds ROS packages, or is one',
    got: `'${path}'`,
    remedy: 'Correct the path.',
  });
}

function readXacroArgument(text: string): [string, string] {
  const [, name, value] = /^([^:=\s]+):=(.*)$/s.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name, value];
  throw new UserError({
    where: '--xacro-arg',
    problem: 'this is no argument',
    expected: 'name:=value',
    got: `'${text}'`,
    remedy: 'Write it as for ROS, as in side:=left.',
  });
}

/** Never over what is there: it may hold a day's work. */
function writeNew(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (cause) {
    throw new UserError({
      where: path,
      problem: 'the file cannot be written',
      expected: 'a new file in a folder that can be written to',
      got: cause instanceof Error ? cause.message : String(cause),
      remedy: 'Remove the file, or give another path.',
      cause,
    });
  }
}

/** Everything found, for `--json`; a limit of null is no limit. */
function makeDetails(description: RobotDescription): Record<string, unknown> {
  const { urdf, model, bodies, meshes } = description;
  return {
    name: urdf?.name,
    path: description.path,
    config: description.configPath,
    base: model?.base ?? urdf?.base,
    rootLink: urdf?.rootLink,
    mass: description.mass,
    centreOfMass: description.centreOfMass,
    lowestPoint: description.lowestPoint,
    links: urdf?.links.map(({ name, inertial, visuals, collisions }) => {
      return { name, mass: inertial?.mass, inertia: inertial?.inertia, visuals, collisions };
    }),
    joints: model?.joints ?? urdf?.joints,
    bodies: bodies.map(({ rootLink, links, mass, centreOfMass, moments }) => {
      return { rootLink, links: links.map((link) => link.name), mass, centreOfMass, moments };
    }),
    transmissions: urdf?.transmissions,
    meshes: meshes.map((mesh) => ({
      uri: mesh.uri,
      path: mesh.asset?.path,
      triangles: mesh.asset && mesh.asset.triangles.length / 3,
      collisionLinks: mesh.collisionLinks,
      visualLinks: mesh.visualLinks,
      problem: mesh.error?.message,
    })),
    jointNames: model?.jointNames,
    actuatedJointNames: model?.actuatedJointNames,
    commandKind: model?.commandKind,
    actuators: model?.actuators,
    sensors: model?.sensors.map((sensor) => sensor.name),
    sha256: model?.sha256,
  };
}

function makeLines(description: RobotDescription): string[] {
  const { urdf, model, bodies, mass, centreOfMass } = description;
  if (urdf === undefined) return [`robot  ${description.path}`];
  const base = model?.base ?? urdf.base;
  const numMovable = urdf.joints.filter((joint) => joint.type !== 'fixed').length;
  const centre = centreOfMass?.map(formatNumber).join(', ');
  return [
    `robot  ${urdf.name}${base === undefined ? '' : `, ${base} base`}, ${formatNumber(mass)} kg in ${bodies.length} bodies, ${numMovable} movable joints`,
    ...makeTree(description, urdf.rootLink, 0),
    `  centre        ${centre ?? 'unknown'} m from ${urdf.rootLink}, joints ${model ? 'at home' : 'as near to 0 as they can be'}`,
    ...(description.lowestPoint === undefined
      ? []
      : [`  lowest point  ${formatNumber(description.lowestPoint)} m`]),
    ...makeBodyLines(bodies),
    ...urdf.transmissions.map(
      ({ name, joints, actuators }) =>
        `  transmission  ${name}: ${actuators.map((end) => `${end.name} 1:${end.mechanicalReduction}`).join(', ')} → ${joints.map((end) => end.name).join(', ')}`,
    ),
    ...makeMeshLines(description),
    ...makeConfigLines(description),
  ];
}

/** Links and joints, one under the other as they hang. */
function makeTree({ urdf, bodies }: RobotDescription, root: string, depth: number): string[] {
  const joints = urdf?.joints ?? [];
  const massOf = (link: string) => {
    const body = bodies.find((candidate) => candidate.rootLink === link);
    const own = urdf?.links.find((candidate) => candidate.name === link)?.inertial?.mass;
    const total = body === undefined ? '' : `, body of ${formatNumber(body.mass)} kg`;
    return own === undefined ? total.replace(/^,/, '') : ` ${formatNumber(own)} kg${total}`;
  };
  // By hand, not by recursion: a chain may be longer than the stack is deep.
  const lines: string[] = [];
  const waiting = [{ link: root, joint: undefined as Joint | undefined, level: depth }];
  while (waiting.length > 0) {
    const { link, joint, level } = waiting.pop()!;
    const indent = '  '.repeat(Math.min(level, 40));
    const over = joint === undefined ? '' : `└ ${joint.name} (${describeJoint(joint)}) ─ `;
    lines.push(`  ${indent}${over}${link}${massOf(link)}`);
    const children = joints.filter((candidate) => candidate.parent === link).reverse();
    for (const child of children) {
      waiting.push({ link: child.child, joint: child, level: level + 1 });
    }
  }
  return lines;
}

function describeJoint(joint: Joint): string {
  const { type, axis, lower, upper, maxEffort, maxVelocity, mimic } = joint;
  if (type === 'fixed') return type;
  const unit = type === 'prismatic' ? 'm' : 'rad';
  const force = type === 'prismatic' ? 'N' : 'N·m';
  return [
    `${type} about ${axis.map(formatNumber).join(' ')}`.replace(
      'prismatic about',
      'prismatic along',
    ),
    ...(Number.isFinite(lower) || Number.isFinite(upper)
      ? [`${formatNumber(lower)} to ${formatNumber(upper)} ${unit}`]
      : []),
    ...(Number.isFinite(maxEffort) ? [`${formatNumber(maxEffort)} ${force}`] : []),
    ...(Number.isFinite(maxVelocity) ? [`${formatNumber(maxVelocity)} ${unit}/s`] : []),
    ...(mimic === undefined
      ? []
      : [`= ${formatNumber(mimic.multiplier)} × ${mimic.joint} + ${formatNumber(mimic.offset)}`]),
  ].join(', ');
}

function makeBodyLines(bodies: readonly RigidBody[]): string[] {
  return bodies.map(({ rootLink, links, mass, moments, centreOfMass }) => {
    const others = links.length > 1 ? ` with ${links.length - 1} fixed to it` : '';
    return `  body          ${rootLink}${others}: ${formatNumber(mass)} kg at ${centreOfMass.map(formatNumber).join(', ')} m, principal moments ${moments.map(formatNumber).join(', ')} kg·m²`;
  });
}

function makeMeshLines({ meshes, urdf }: RobotDescription): string[] {
  return meshes.map(({ uri, asset, collisionLinks, visualLinks }) => {
    const use = [
      collisionLinks.length > 0 ? 'collision' : '',
      visualLinks.length > 0 ? 'visual' : '',
    ];
    const found =
      asset === undefined
        ? 'MISSING'
        : `${asset.triangles.length / 3} triangles, ${describeSizes(asset, listScales(urdf, uri))}`;
    return `  mesh          ${uri}: ${found} (${use.filter(Boolean).join(', ')})`;
  });
}

/** The factors that a mesh is used with, each once. */
function listScales(urdf: RobotDescription['urdf'], uri: string): Vec3[] {
  const shapes = urdf?.links.flatMap((link) => [...link.collisions, ...link.visuals]) ?? [];
  const scales = shapes.flatMap(({ geometry }) =>
    geometry.kind === 'mesh' && geometry.uri === uri ? [geometry.scale] : [],
  );
  return [...new Map(scales.map((scale) => [scale.map(Math.abs).join(' '), scale])).values()];
}

/** Extents as used: what was drawn in millimetres and is read in metres shows here. */
function describeSizes({ vertices }: MeshAsset, scales: readonly Vec3[]): string {
  const extents = [0, 1, 2].map((axis) => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = axis; i < vertices.length; i += 3) {
      low = Math.min(low, vertices[i]!);
      high = Math.max(high, vertices[i]!);
    }
    return high - low;
  });
  const sizes = scales.map((scale) =>
    extents.map((extent, axis) => formatNumber(extent * Math.abs(scale[axis]!))).join(' × '),
  );
  return `${sizes.join(' and ')} m`;
}

function makeConfigLines({ model, configPath }: RobotDescription): string[] {
  if (model === undefined) {
    return configPath === undefined
      ? ['  robot.yaml    none; --template FILE writes one to begin with']
      : [];
  }
  return [
    `  joint order   ${model.jointNames.join(', ')}`,
    ...model.actuators.map(
      (actuator) => `  actuator      ${actuator.joint}: ${actuator.kind} (${model.commandKind})`,
    ),
    ...model.sensors.map((sensor) => `  sensor        ${sensor.name}: ${sensor.kind}`),
    `  sha256        ${model.sha256}`,
  ];
}

/** Four digits; what is left of sums that cancel is zero. */
function formatNumber(value: number): string {
  if (Math.abs(value) < 1e-12) return '0';
  return String(Number(value.toPrecision(4)));
}
