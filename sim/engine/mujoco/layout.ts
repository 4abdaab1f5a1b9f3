import type { MainModule, MjModel } from '@mujoco/mujoco';
import type { RobotModel } from '../../robot/model.ts';
import type { RigidBody } from '../../robot/rigid-bodies.ts';
import { getObjectName } from '../mjcf/geoms.ts';
import type { ExplicitPair } from '../mjcf/materials.ts';
import { getMjcfName } from '../mjcf/text.ts';
import type { Mjcf } from '../mjcf.ts';

/** Where MuJoCo keeps what, the same for all copies. Its bodies are in another order than ours. */
export interface Layout {
  /** Id of each rigid body, the root first. */
  readonly bodyIds: readonly number[];
  /** One per rigid body after the root. */
  readonly joints: readonly JointAddress[];
  /** [1] one per joint that moves on its own */
  readonly numTendons: number;
  /** Which of `mocap_pos` a fixed base is; -1 for a floating one. */
  readonly baseMocap: number;
  /** Per object of the scene, which of `mocap_pos` it is; -1 for one that does not move. */
  readonly objectMocaps: readonly number[];
  /** [ngeom] index of the robot's collision shape; -1 for the scene */
  readonly geomShape: Int32Array;
  /** [ngeom] index of the scene's object where it moves, else -1 */
  readonly geomMover: Int32Array;
  readonly geoms: readonly GeomAddress[];
  readonly pairs: readonly { readonly id: number; readonly pair: ExplicitPair }[];
  /** As compiled, before any copy was told to differ. */
  readonly compiled: {
    /** [numBodies, 3] and [numBodies, 4] w, x, y, z: centres of mass and principal axes */
    readonly centre: Float64Array;
    readonly axes: Float64Array;
    /** Of each pair, see computeBounce. */
    readonly solref: Float64Array;
    readonly solreffriction: Float64Array;
    readonly solimp: Float64Array;
  };
}

export interface JointAddress {
  /** Index in the robot's joint order. */
  readonly jointIndex: number;
  /** Index in `qpos`. */
  readonly qpos: number;
  /** Index in `qvel` and `qfrc`. */
  readonly dof: number;
  readonly isContinuous: boolean;
  /** Id of the tendon that a drive pulls at; -1 for a joint that mimics another. */
  readonly tendon: number;
  /** position = multiplier · position of the leader + offset, where it mimics another, chains resolved. */
  readonly mimic?: {
    readonly leader: number;
    readonly multiplier: number;
    readonly offset: number;
  };
  readonly damping: number;
  readonly friction: number;
  readonly armature: number;
}

export interface GeomAddress {
  readonly id: number;
  readonly friction: number;
  readonly isRobot: boolean;
}

export function computeLayout(
  mujoco: MainModule,
  compiled: MjModel,
  model: RobotModel,
  mjcf: Mjcf,
): Layout {
  const kinds = mujoco.mjtObj;
  const find = (kind: { readonly value: number }, name: string) =>
    mujoco.mj_name2id(compiled, kind.value, name);
  const bodyIds = mjcf.bodies.map(({ rootLink }) =>
    find(kinds.mjOBJ_BODY, getMjcfName(model, rootLink)),
  );
  const mocapIds: Int32Array = compiled.body_mocapid;
  const objectBodies = mjcf.objects.map((_, i) => find(kinds.mjOBJ_BODY, getObjectName(i)));
  const geomShape = new Int32Array(compiled.ngeom).fill(-1);
  const geomMover = new Int32Array(compiled.ngeom).fill(-1);
  for (const { name, owner } of mjcf.robotGeoms) {
    geomShape[find(kinds.mjOBJ_GEOM, name)] = owner.shape;
  }
  for (const [i, { moves }] of mjcf.objects.entries()) {
    if (moves) geomMover[find(kinds.mjOBJ_GEOM, getObjectName(i))] = i;
  }
  return {
    bodyIds,
    joints: listJointAddresses(compiled, model, mjcf.bodies, (kind, name) =>
      find(kind === 'joint' ? kinds.mjOBJ_JOINT : kinds.mjOBJ_TENDON, getMjcfName(model, name)),
    ),
    numTendons: compiled.ntendon,
    baseMocap: mocapIds[bodyIds[0]!]!,
    objectMocaps: objectBodies.map((id) => (id < 0 ? -1 : mocapIds[id]!)),
    geomShape,
    geomMover,
    geoms: [...mjcf.robotGeoms, ...mjcf.sceneGeoms].map(({ name, material, owner }) => ({
      id: find(kinds.mjOBJ_GEOM, name),
      friction: material.friction,
      isRobot: owner !== undefined,
    })),
    pairs: mjcf.pairs.map((pair) => ({ id: find(kinds.mjOBJ_PAIR, pair.name), pair })),
    compiled: {
      centre: Float64Array.from(compiled.body_ipos),
      axes: Float64Array.from(compiled.body_iquat),
      solref: Float64Array.from(compiled.pair_solref),
      solreffriction: Float64Array.from(compiled.pair_solreffriction),
      solimp: Float64Array.from(compiled.pair_solimp),
    },
  };
}

function listJointAddresses(
  compiled: MjModel,
  model: RobotModel,
  bodies: readonly RigidBody[],
  find: (kind: 'joint' | 'tendon', name: string) => number,
): JointAddress[] {
  return bodies.slice(1).map(({ connection }) => {
    const { joint, jointIndex } = connection!;
    const id = find('joint', joint.name);
    const mimic = resolveMimic(model, joint.name);
    return {
      jointIndex,
      qpos: compiled.jnt_qposadr[id],
      dof: compiled.jnt_dofadr[id],
      isContinuous: joint.type === 'continuous',
      tendon: mimic === undefined ? find('tendon', joint.name) : -1,
      ...(mimic === undefined ? {} : { mimic }),
      damping: joint.damping,
      friction: joint.friction,
      armature: joint.armature,
    };
  });
}

/** The joint at the end of a chain of mimics, and the line that leads to it. */
function resolveMimic(model: RobotModel, jointName: string): JointAddress['mimic'] {
  let name = jointName;
  let multiplier = 1;
  let offset = 0;
  for (let depth = 0; depth <= model.joints.length; depth++) {
    const mimic = model.joints.find((joint) => joint.name === name)?.mimic;
    if (mimic === undefined) {
      return depth === 0
        ? undefined
        : { leader: model.jointNames.indexOf(name), multiplier, offset };
    }
    offset += multiplier * mimic.offset;
    multiplier *= mimic.multiplier;
    name = mimic.joint;
  }
  throw new RangeError(`robot '${model.name}': joint '${jointName}' mimics itself`);
}
