import type { VisualModel } from '../../robot-schema.ts';
import type { Fleet } from '../fleet.ts';
import { computeGlow } from './inspect/selection.ts';
import { Kinematics } from './kinematics.ts';
import type { Layer, SceneView } from './layer.ts';
import type { MeshLibrary } from './mesh-library.ts';
import { makeRotorBlur, type RotorBlur } from './rotor-blur.ts';
import { makeShapeParts, type ShapeKind, type ShapePart } from './shape-parts.ts';
import { Group, Matrix4, Quaternion, Vector3 } from './three.ts';

/** [rad/s] fastest that a propeller is drawn turning; above it, the blur disc tells the speed */
const MAX_DRAWN_ROTOR_SPEED = 25;
/** What a selected link radiates. */
const GLOW_COLOUR = '#0f5c8f';
const HIDDEN = new Matrix4().makeScale(0, 0, 0);

/** All robots of one model: one instanced mesh per shape, whatever the number of robots. */
class ModelInstances {
  readonly group = new Group();
  readonly #robots: readonly number[];
  readonly #parts: readonly ShapePart[];
  readonly #kinematics: Kinematics;
  readonly #blurs: readonly RotorBlur[];
  readonly #isRotor: readonly boolean[];
  /** [robots of this model, numJoints] rad, as drawn */
  readonly #rotorAngle: Float64Array;
  readonly #mapFromBase = new Matrix4();
  readonly #shape = new Matrix4();
  readonly #position = new Vector3();
  readonly #orientation = new Quaternion();
  readonly #scale = new Vector3(1, 1, 1);

  constructor(
    model: VisualModel,
    robots: readonly number[],
    kind: ShapeKind,
    library: MeshLibrary,
  ) {
    this.#robots = robots;
    this.#kinematics = new Kinematics(model);
    this.#parts = makeShapeParts(model, kind, robots.length, library);
    const rotors = kind === 'visuals' ? model.rotorJoints : [];
    this.#blurs = rotors.flatMap((joint) => makeRotorBlur(model, joint, robots.length));
    this.#isRotor = model.jointNames.map((name) => model.rotorJoints.includes(name));
    this.#rotorAngle = new Float64Array(robots.length * model.jointNames.length);
    for (const part of this.#parts) this.group.add(part.mesh);
    for (const blur of this.#blurs) this.group.add(blur.mesh);
  }

  update(view: SceneView): void {
    const { inspector } = view.fleet;
    if (inspector !== undefined) {
      for (const { mesh, link } of this.#parts) {
        mesh.material.emissive.set(GLOW_COLOUR).multiplyScalar(computeGlow(inspector, link));
      }
    }
    this.#robots.forEach((robot, instance) => {
      this.#placeRobot(view, robot, instance);
    });
    for (const { mesh } of this.#parts) mesh.instanceMatrix.needsUpdate = true;
    for (const blur of this.#blurs) blur.markChanged();
  }

  dispose(): void {
    for (const part of this.#parts) part.dispose();
    for (const blur of this.#blurs) blur.dispose();
  }

  #placeRobot(view: SceneView, robot: number, instance: number): void {
    const { fleet, values } = view;
    const p = fleet.findOffset(robot, 'position');
    const q = fleet.findOffset(robot, 'orientation');
    if (p < 0 || q < 0 || !Number.isFinite(values[p]! + values[q]!)) {
      for (const { mesh } of this.#parts) mesh.setMatrixAt(instance, HIDDEN);
      for (const blur of this.#blurs) blur.set(instance, HIDDEN, 0);
      return;
    }
    this.#position.fromArray(values, p);
    this.#orientation.fromArray(values, q);
    this.#scale.setScalar(view.robotScale);
    this.#mapFromBase.compose(this.#position, this.#orientation, this.#scale);
    const joints = fleet.findOffset(robot, 'joint_position');
    const speeds = fleet.findOffset(robot, 'joint_velocity');
    this.#turnRotors(view, instance, speeds);
    const numJoints = this.#isRotor.length;
    this.#kinematics.update(this.#mapFromBase, (joint) => {
      if (this.#isRotor[joint]) return this.#rotorAngle[instance * numJoints + joint]!;
      return joints < 0 ? 0 : values[joints + joint]!;
    });
    for (const { mesh, link, linkFromShape } of this.#parts) {
      this.#shape.multiplyMatrices(this.#kinematics.mapFromLink[link]!, linkFromShape);
      mesh.setMatrixAt(instance, this.#shape);
    }
    for (const blur of this.#blurs) {
      const speed = speeds < 0 ? 0 : values[speeds + blur.joint]!;
      blur.set(instance, this.#kinematics.mapFromLink[blur.link]!, speed);
    }
  }

  #turnRotors(view: SceneView, instance: number, speeds: number): void {
    if (speeds < 0) return;
    const numJoints = this.#isRotor.length;
    for (let joint = 0; joint < numJoints; joint++) {
      const speed = view.values[speeds + joint]!;
      if (!this.#isRotor[joint] || !Number.isFinite(speed)) continue;
      const drawn = Math.max(-MAX_DRAWN_ROTOR_SPEED, Math.min(MAX_DRAWN_ROTOR_SPEED, speed));
      const k = instance * numJoints + joint;
      this.#rotorAngle[k] = (this.#rotorAngle[k]! + drawn * view.wallDt) % (2 * Math.PI);
    }
  }
}

/** The robots themselves, posed by name from the frame. */
export function makeRobotsLayer(fleet: Fleet, library: MeshLibrary, kind: ShapeKind): Layer {
  const group = new Group();
  const instances = fleet.welcome.models.map((model, modelIndex) => {
    const robots = fleet.welcome.robots.flatMap((robot, i) =>
      robot.model === modelIndex ? [i] : [],
    );
    const made = new ModelInstances(model, robots, kind, library);
    group.add(made.group);
    return made;
  });
  return {
    object: group,
    update: (view) => {
      // Shapes that nobody looks at cost nothing.
      if (!group.visible) return;
      for (const model of instances) model.update(view);
    },
    dispose: () => {
      for (const model of instances) model.dispose();
    },
  };
}
