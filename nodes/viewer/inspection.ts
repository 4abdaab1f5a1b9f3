import { basename, dirname } from 'node:path';
import { QUAT_IDENTITY } from '../../sim/math/quat.ts';
import type { RobotDescription } from '../../sim/robot/describe.ts';
import type { Geometry, Shape, Transform } from '../../sim/robot/geometry.ts';
import type { Joint, Link } from '../../sim/robot/model.ts';
import { PROTOCOL_VERSION, type Welcome } from '../../web-viewer/protocol.ts';
import type { InspectedJoint, Inspection } from '../../web-viewer/robot-schema.ts';
import { type MeshFiles, makeMeshFiles } from './mesh-files.ts';
import { makeVisualModel, type VisualSource } from './visual-model.ts';

/** What a page needs to show one description: everything at once, for nothing of it will change. */
export interface InspectionPage {
  readonly welcome: Welcome;
  readonly files: MeshFiles['files'];
}

/**
 * A description as a page shows it: with or without robot.yaml, and with problems as far as it can be drawn.
 * It stands at home, or where its robot.yaml is missing or does not fit, with its lowest point on the floor.
 */
export function makeInspection(description: RobotDescription): InspectionPage {
  const source = makeSource(description);
  const meshes = new Map(
    description.meshes.flatMap(({ uri, asset }) => (asset ? [[uri, asset] as const] : [])),
  );
  const { entries, files, warnings } = makeMeshFiles({ links: source.links, meshes });
  // Why a mesh was not read is in the description.
  const leftOut = warnings.filter(({ uri }) => meshes.has(uri)).map(({ text }) => text);
  const numJoints = source.jointNames.length;
  return {
    files,
    welcome: {
      version: PROTOCOL_VERSION,
      server: 'zerogap inspect',
      frameRateHz: 30,
      // Propellers can be turned by hand like every other joint.
      models: [{ ...makeVisualModel(source, entries), rotorJoints: [] }],
      robots: [
        {
          name: source.name,
          model: 0,
          mapFromOdom: { translation: [0, 0, 0], rotation: QUAT_IDENTITY },
          fields: [
            { name: 'position', width: 3, unit: 'm', frame: 'map' },
            { name: 'orientation', width: 4, unit: '-', frame: 'map' },
            ...(numJoints === 0
              ? []
              : [{ name: 'joint_position', width: numJoints, unit: 'rad or m' }]),
          ],
        },
      ],
      inspection: makeFacts(description, source, leftOut),
      plots: [],
      actions: [],
      safetyActions: [],
      safetyRules: [],
      run: makeRunInfo(description, source),
    },
  };
}

function makeSource({ path, model, urdf }: RobotDescription): VisualSource {
  const source = model ?? urdf;
  if (source === undefined) {
    const nothing = { links: [], joints: [], jointNames: [], actuators: [] };
    return { name: basename(path), rootLink: '', ...nothing };
  }
  const movable = source.joints.filter((joint) => joint.type !== 'fixed');
  return {
    name: source.name || basename(path),
    rootLink: source.rootLink,
    links: source.links.map(keepDrawable),
    joints: source.joints,
    jointNames: model?.jointNames ?? movable.map((joint) => joint.name),
    actuators: model?.actuators ?? [],
  };
}

/** Without the shapes whose size is no size, which are among the problems. */
function keepDrawable(link: Link): Link {
  const keep = <S extends Shape>(shapes: readonly S[]) =>
    shapes.filter(({ geometry }) => listSizes(geometry).every((size) => size > 0));
  return { ...link, visuals: keep(link.visuals), collisions: keep(link.collisions) };
}

function listSizes(geometry: Geometry): readonly number[] {
  switch (geometry.kind) {
    case 'box':
      return geometry.size;
    case 'sphere':
      return [geometry.radius];
    case 'cylinder':
    case 'capsule':
      return [geometry.radius, geometry.length];
    case 'mesh':
      return geometry.scale.map(Math.abs);
  }
}

function makeFacts(
  description: RobotDescription,
  source: VisualSource,
  moreWarnings: readonly string[],
): Inspection {
  // Where the description lies is said once, in the run's information.
  const shorten = (text: string) => text.replaceAll(`${dirname(description.path)}/`, '');
  return {
    mapFromBase: placeBase(description),
    home: description.jointPosition,
    inertials: Object.fromEntries(
      source.links.flatMap(({ name, inertial }) => (inertial ? [[name, inertial]] : [])),
    ),
    joints: source.joints.map(makeJoint),
    problems: description.problems.map((problem) => shorten(problem.message)),
    warnings: [...description.warnings, ...moreWarnings].map(shorten),
  };
}

function placeBase({ model, lowestPoint = 0 }: RobotDescription): Transform {
  if (model !== undefined) {
    return { translation: model.home.position, rotation: model.home.orientation };
  }
  return { translation: [0, 0, -lowestPoint], rotation: QUAT_IDENTITY };
}

/** JSON has no word for infinity: a limit that is none is left out. */
function makeJoint(joint: Joint): InspectedJoint {
  const { name, lower, upper, maxVelocity, maxEffort, damping, friction, armature, mimic } = joint;
  const limits = Object.entries({ lower, upper, maxVelocity, maxEffort });
  return {
    ...{ name, damping, friction, armature },
    ...Object.fromEntries(limits.filter(([, value]) => Number.isFinite(value))),
    ...(mimic === undefined ? {} : { mimic }),
  };
}

function makeRunInfo(
  { path, configPath, model, urdf, bodies }: RobotDescription,
  { name, jointNames }: VisualSource,
): Record<string, string> {
  return {
    robot: name,
    base: model?.base ?? urdf?.base ?? 'not said',
    bodies: String(bodies.length),
    joints: `${jointNames.length} movable`,
    description: path,
    'robot.yaml': configPath ?? 'none',
  };
}
