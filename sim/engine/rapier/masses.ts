import { writeRotated } from '../../math/quat.ts';
import { type Vec3, writeCross } from '../../math/vec3.ts';
import { computePrincipalInertia, type InertiaTensor } from '../../robot/inertia.ts';
import type { Kinematics } from '../kinematics.ts';
import type { MassProperties } from '../scaled-body.ts';
import type { BodyTable } from './body-table.ts';
import type { JointWorks } from './joint-works.ts';
import { setMass } from './shard.ts';
import type { JointSite } from './sites.ts';
import type { StateCache } from './state-cache.ts';

interface Parts {
  readonly kinematics: Kinematics;
  readonly bodies: BodyTable;
  readonly joints: JointWorks;
  readonly cache: StateCache;
  /** [rows] kg, written */
  readonly masses: Float64Array;
}

/** What bodies weigh, and what their joints add to that for Rapier (rapier/added-weight.ts). */
export class BodyMasses {
  readonly #parts: Parts;
  readonly #numBodies: number;
  /** [rows] what bodies are without what their joints add; none where there is no mass */
  readonly #own: (MassProperties | undefined)[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#numBodies = parts.kinematics.bodies.length;
  }

  /** A body whose centre of mass moves keeps the velocity of its origin. */
  set(robot: number, index: number, scaled: MassProperties): void {
    const row = robot * this.#numBodies + index;
    const { kinematics, bodies, cache, masses } = this.#parts;
    const body = bodies.get(row);
    const { centres } = kinematics;
    masses[row] = scaled.mass;
    const shift = scaled.centreOfMass.map((x, k) => x - centres[3 * row + k]!);
    this.#own[row] = scaled;
    this.#weigh(robot, index);
    if (shift.every((x) => x === 0) || body.isFixed()) return;
    const { orientation, angularVelocityW, centreVelocityW } = cache.viewStates();
    centres.set(scaled.centreOfMass, 3 * row);
    writeRotated(shift, 0, orientation, 4 * row, shift, 0);
    writeCross(shift, 0, angularVelocityW, 3 * row, shift, 0);
    const [x, y, z] = shift.map((v, k) => v + centreVelocityW[3 * row + k]!) as unknown as Vec3;
    body.setLinvel({ x, y, z }, true);
    cache.forget();
  }

  /** Tells Rapier again what the body behind a joint weighs, after the joint's drive changed. */
  weighBehind(robot: number, jointIndex: number): void {
    const { bodies } = this.#parts.kinematics;
    this.#weigh(
      robot,
      bodies.findIndex(({ connection }) => connection?.jointIndex === jointIndex),
    );
  }

  /** As {@link weighBehind}, after what a joint adds changed by itself. */
  readonly onWeight = ({ robot, connection }: JointSite): void => {
    this.weighBehind(robot, connection.jointIndex);
  };

  /** After arrays were restored. */
  reread(): void {
    for (const row of this.#own.keys()) this.#own[row] = this.#readOwn(row);
  }

  #weigh(robot: number, index: number): void {
    const { kinematics, bodies, joints } = this.#parts;
    const row = robot * this.#numBodies + index;
    const own = this.#own[row];
    if (own === undefined) return;
    const { connection } = kinematics.bodies[index]!;
    const added = joints.setBody(robot, index, connection?.jointIndex, own);
    const slides = connection?.joint.type === 'prismatic';
    const extra = slides ? { mass: added, moment: 0 } : { mass: 0, moment: added };
    setMass(bodies.get(row), own, extra);
  }

  #readOwn(row: number): MassProperties | undefined {
    if (this.#own[row] === undefined) return undefined;
    const { kinematics, joints } = this.#parts;
    const { masses, tensors } = joints.articulation.tree;
    const [x, y, z] = kinematics.centres.subarray(3 * row, 3 * row + 3);
    const tensor = tensors.subarray(6 * row, 6 * row + 6) as unknown as InertiaTensor;
    return {
      mass: masses[row]!,
      centreOfMass: [x!, y!, z!],
      ...computePrincipalInertia(tensor),
    };
  }
}
