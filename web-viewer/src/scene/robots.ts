import type { VisualModel } from '../../protocol.ts';
import type { Fleet } from '../fleet.ts';
import { makeGeometry } from './geometry.ts';
import { Kinematics, makeMatrix } from './kinematics.ts';
import type { Layer, SceneView } from './layer.ts';
import { makeRotorBlur, type RotorBlur } from './rotor-blur.ts';
import {
  DynamicDrawUsage,
  Group,
  InstancedMesh,
  Matrix4,
  MeshStandardMaterial,
  Quaternion,
  Vector3,
} from './three.ts';

/** [rad/s] fastest that a propeller is drawn turning; above it, the blur disc tells the speed */
const MAX_DRAWN_ROTOR_SPEED = 25;
const DEFAULT_COLOUR = [0.62, 0.66, 0.72, 1] as const;
const HIDDEN = new Matrix4().makeScale(0, 0, 0);

interface Part {
  readonly link: number;
  readonly linkFromShape: Matrix4;
  readonly mesh: InstancedMesh;
}

/** All robots of one model: one instanced mesh per visual, whatever the number of robots. */
class ModelInstances {
  readonly group = new Group();
  readonly #robots: readonly number[];
  readonly #parts: readonly Part[];
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

  constructor(model: VisualModel, robots: readonly number[]) {
    this.#robots = robots;
    this.#kinematics = new Kinematics(model);
    this.#parts = makeParts(model, robots.length);
    this.#blurs = model.rotorJoints.flatMap((joint) => makeRotorBlur(model, joint, robots.length));
    this.#isRotor = model.jointNames.map((name) => model.rotorJoints.includes(name));
    this.#rotorAngle = new Float64Array(robots.length * model.jointNames.length);
    for (const part of this.#parts) this.group.add(part.mesh);
    for (const blur of this.#blurs) this.group.add(blur.mesh);
  }

  update(view: SceneView): void {
    this.#robots.forEach((robot, instance) => {
      this.#placeRobot(view, robot, instance);
    });
    for (const { mesh } of this.#parts) mesh.instanceMatrix.needsUpdate = true;
    for (const blur of this.#blurs) blur.markChanged();
  }

  dispose(): void {
    for (const { mesh } of this.#parts) {
      mesh.geometry.dispose();
      mesh.dispose();
    }
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

function makeParts(model: VisualModel, count: number): Part[] {
  return model.links.flatMap((link, index) =>
    link.visuals.flatMap((visual) => {
      const geometry = makeGeometry(visual.geometry);
      if (geometry === undefined) return [];
      const [r, g, b, a] = visual.colour ?? DEFAULT_COLOUR;
      const material = new MeshStandardMaterial({ roughness: 0.55, metalness: 0.1 });
      material.color.setRGB(r, g, b, 'srgb');
      material.opacity = a;
      material.transparent = a < 1;
      const mesh = new InstancedMesh(geometry, material, count);
      mesh.instanceMatrix.setUsage(DynamicDrawUsage);
      // Instances fly about; the bounding sphere of the first pose would cut them off.
      mesh.frustumCulled = false;
      mesh.castShadow = true;
      return [{ link: index, linkFromShape: makeMatrix(visual.linkFromShape), mesh }];
    }),
  );
}

/** The robots themselves, posed by name from the frame. */
export function makeRobotsLayer(fleet: Fleet): Layer {
  const group = new Group();
  const instances = fleet.welcome.models.map((model, modelIndex) => {
    const robots = fleet.welcome.robots.flatMap((robot, i) =>
      robot.model === modelIndex ? [i] : [],
    );
    const made = new ModelInstances(model, robots);
    group.add(made.group);
    return made;
  });
  return {
    object: group,
    update: (view) => {
      for (const model of instances) model.update(view);
    },
    dispose: () => {
      for (const model of instances) model.dispose();
    },
  };
}
