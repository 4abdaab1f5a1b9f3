import { existsSync } from 'node:fs';
import { UserError, UserErrors } from '../errors.ts';
import type { Vec3 } from '../math/vec3.ts';
import { computeBodyPoses, computeCentreOfMass, computeLowestPoint } from './body-poses.ts';
import { findBodyFaults } from './check-bodies.ts';
import { checkDrive } from './check-drive.ts';
import type { Transform } from './geometry.ts';
import { isNeeded, type MeshResult } from './mesh/mesh-uses.ts';
import type { RobotModel } from './model.ts';
import {
  assembleRobot,
  collectMeshes,
  findFiles,
  type OpenOptions,
  readDescription,
  readMeshes,
} from './open.ts';
import { computeRigidBodies, type RigidBody } from './rigid-bodies.ts';
import { findHomeSuspicions, findSuspicions } from './suspicions.ts';
import { readUrdf, type UrdfDescription } from './urdf.ts';

/** All that can be said of a robot, whether or not it can be simulated. */
export interface RobotDescription {
  /** Of the URDF or xacro. */
  readonly path: string;
  /** Of robot.yaml; absent where there is none. */
  readonly configPath?: string | undefined;
  /** Text of the URDF, for a xacro the expanded one; absent where it cannot be read. */
  readonly urdfText?: string | undefined;
  /** Absent where links and joints form no tree; may hold zeros where there are problems. */
  readonly urdf?: UrdfDescription | undefined;
  /** The whole robot; absent where robot.yaml is missing or does not fit. */
  readonly model?: RobotModel | undefined;
  /** Root body first; empty without `urdf`. */
  readonly bodies: readonly RigidBody[];
  /** rootBodyFromBody of each body, at home, or with every joint as near to 0 as its limits let it. */
  readonly poses: readonly Transform[];
  /** [rad] or [m] that `poses` are for, joint order */
  readonly jointPosition: readonly number[];
  /** [kg] */
  readonly mass: number;
  /** [m] [@frame base_link] at `poses`; absent without mass */
  readonly centreOfMass?: Vec3 | undefined;
  /** [m] [@frame base_link] height of the lowest point that can touch anything, at `poses` */
  readonly lowestPoint?: number | undefined;
  readonly meshes: readonly MeshResult[];
  /** Why it cannot be simulated. A missing robot.yaml is not among them. */
  readonly problems: readonly UserError[];
  readonly warnings: readonly string[];
}

/**
 * Describes a robot given as to {@link openRobot}, with or without robot.yaml: what was found, and everything that is
 * wrong with it, as data.
 * @throws UserError only where there is no such robot
 */
export async function describeRobot(
  nameOrPath: string,
  options: OpenOptions = {},
): Promise<RobotDescription> {
  const files = findFiles(nameOrPath, options);
  const problems: UserError[] = [];
  const warnings: string[] = [];
  const collect = <T>(make: () => T): T | undefined => {
    try {
      return make();
    } catch (error) {
      problems.push(...toErrors(error));
      return undefined;
    }
  };
  const onWarning = (message: string) => void warnings.push(message);
  const source = collect(() => readDescription(files.urdf, { ...options, onWarning }));
  const read = source && collect(() => readUrdf(source.urdf, files.urdf));
  problems.push(...(read?.errors ?? []));
  const urdf = read?.urdf;
  const common = { path: files.urdf, urdfText: source?.text };
  if (urdf === undefined) {
    const nothing = { bodies: [], poses: [], jointPosition: [], mass: 0, meshes: [] };
    return { ...common, ...nothing, problems, warnings };
  }
  warnings.push(...urdf.warnings);
  const meshes = await readMeshes(urdf.links, files.urdf, options);
  for (const mesh of meshes) {
    if (mesh.error === undefined) continue;
    if (isNeeded(mesh)) problems.push(mesh.error);
    else warnings.push(mesh.error.message);
  }
  const configPath = existsSync(files.yaml) || options.config ? files.yaml : undefined;
  const { packagePaths } = options;
  const model =
    configPath !== undefined &&
    read?.errors.length === 0 &&
    collect(() => assembleRobot(files, source!, { links: urdf.links, meshes, packagePaths }));
  const bare = makeBareRobot(urdf, meshes);
  const bodies = computeRigidBodies(model || bare);
  // Bodies are as wrong as the links that they are made of, which has been said.
  if (problems.length === 0 && configPath === undefined) {
    problems.push(...checkBodies(urdf, bodies, warnings));
  }
  const jointPosition = model ? model.home.jointPosition : bare.jointPosition;
  const poses = computeBodyPoses(bodies, jointPosition);
  warnings.push(...findSuspicions({ ...bare, bodies, poses, places: urdf.places }));
  if (model) {
    warnings.push(...findHomeSuspicions(model, bodies, poses, files.yaml));
    warnings.push(...checkDrive(model, files.yaml).warnings.map((error) => error.message));
  }
  return {
    ...common,
    configPath,
    urdf,
    model: model || undefined,
    bodies,
    poses,
    jointPosition,
    mass: bodies.reduce((sum, body) => sum + body.mass, 0),
    centreOfMass: computeCentreOfMass(bodies, poses),
    lowestPoint: computeLowestPoint(bare, bodies, poses),
    meshes,
    problems,
    warnings,
  };
}

function toErrors(error: unknown): readonly UserError[] {
  if (error instanceof UserErrors) return error.errors;
  if (error instanceof UserError) return [error];
  throw error;
}

/** What a URDF alone says of bodies and of where joints are. */
function makeBareRobot(urdf: UrdfDescription, meshes: readonly MeshResult[]) {
  const movable = urdf.joints.filter((joint) => joint.type !== 'fixed');
  const free = new Map(
    movable.map(({ name, lower, upper }) => [name, Math.min(Math.max(0, lower), upper)]),
  );
  return {
    ...urdf,
    jointNames: movable.map((joint) => joint.name),
    actuators: [],
    meshes: collectMeshes(meshes),
    jointPosition: movable.map(({ name, mimic }) =>
      mimic === undefined
        ? free.get(name)!
        : mimic.multiplier * (free.get(mimic.joint) ?? 0) + mimic.offset,
    ),
  };
}

/** Without robot.yaml nobody has said whether the base moves. */
function checkBodies(
  { places, base }: UrdfDescription,
  bodies: readonly RigidBody[],
  warnings: string[],
): UserError[] {
  return bodies.flatMap((body) => {
    const faults = findBodyFaults(body, places.get(`link[${body.rootLink}]`) ?? body.rootLink);
    if (body.connection !== undefined || base === 'floating') return faults;
    warnings.push(...faults.map((fault) => `only as a fixed base: ${fault.message}`));
    return [];
  });
}
