import { computeYaw } from '../../../sim/math/quat.ts';
import { listMovingObjects, writeMotion } from '../../../sim/terrain/motion.ts';
import type { Scene, SceneObject } from '../../../sim/terrain/scene.ts';
import type { Fleet } from '../fleet.ts';
import { makeHeightMesh } from './height-mesh.ts';
import { makeMatrix } from './kinematics.ts';
import type { Layer, SceneView } from './layer.ts';
import {
  BoxGeometry,
  type BufferGeometry,
  CapsuleGeometry,
  Color,
  CylinderGeometry,
  Group,
  InstancedMesh,
  Matrix4,
  Mesh,
  MeshStandardMaterial,
  Quaternion,
  SphereGeometry,
  Vector3,
} from './three.ts';

/** [m] an object that high up is one that the episode has not taken: sim/obstacles.ts */
const OUT_OF_SIGHT = 500;
const DEFAULT_COLOUR = [0.36, 0.43, 0.5, 1] as const;

/**
 * What stands around the robots: once at every place where an odom frame lies, or around the selected robot
 * alone where the surroundings of neighbours would lie over one another.
 */
export function makeSurroundingsLayer(fleet: Fleet): Layer {
  const object = new Group();
  const { scene } = fleet;
  if (scene === undefined) return { object, update: () => {}, dispose: () => {} };
  const places = listPlaces(fleet);
  const isAlone = places.length > 1 && computeExtent(scene) > computeSpacing(fleet, places);
  const shared = makeShared(scene);
  const copies = (isAlone ? places.slice(0, 1) : places).map(
    (robot) => [robot, new Copy(scene, shared)] as const,
  );
  for (const [, copy] of copies) object.add(copy.group);
  return {
    object,
    update: (view) => {
      for (const [robot, copy] of copies) copy.update(view, isAlone ? view.selected : robot);
    },
    dispose: () => {
      for (const [, copy] of copies) copy.dispose();
      shared.dispose();
    },
  };
}

/** One robot for every place where odom frames lie. */
function listPlaces({ welcome }: Fleet): number[] {
  const places = new Map<string, number>();
  welcome.robots.forEach(({ mapFromOdom }, robot) => {
    const key = JSON.stringify(mapFromOdom);
    if (!places.has(key)) places.set(key, robot);
  });
  return [...places.values()];
}

/** [m] between the nearest two places */
function computeSpacing({ welcome }: Fleet, places: readonly number[]): number {
  const points = places.map((robot) => welcome.robots[robot]!.mapFromOdom.translation);
  let spacing = Number.POSITIVE_INFINITY;
  points.forEach(([x, y], k) => {
    for (const other of points.slice(k + 1)) {
      spacing = Math.min(spacing, Math.hypot(other[0] - x, other[1] - y));
    }
  });
  return spacing;
}

/** [m] width of the square around the origin that holds everything but a plane, or 0 */
function computeExtent({ ground, objects }: Scene): number {
  const field = ground?.kind === 'height_field' ? ground : undefined;
  const reaches = objects.map(({ odomFromObject: { translation, rotation }, geometry }) => {
    const [x, y] = translation;
    if (geometry.kind !== 'box') return Math.max(Math.abs(x), Math.abs(y)) + geometry.radius;
    const [length, width] = geometry.size;
    const yaw = computeYaw(rotation);
    const [cos, sin] = [Math.abs(Math.cos(yaw)), Math.abs(Math.sin(yaw))];
    const reachX = Math.abs(x) + (cos * length + sin * width) / 2;
    return Math.max(reachX, Math.abs(y) + (sin * length + cos * width) / 2);
  });
  const extent = (axis: 0 | 1, count: number) =>
    field === undefined
      ? 0
      : Math.max(-field.origin[axis], field.origin[axis] + (count - 1) * field.cellSize);
  return 2 * Math.max(0, extent(0, field?.numX ?? 0), extent(1, field?.numY ?? 0), ...reaches);
}

interface Shared {
  readonly field: BufferGeometry | undefined;
  readonly fieldMaterial: MeshStandardMaterial;
  readonly solidMaterial: MeshStandardMaterial;
  /** Of size 1, for all solids of a kind; a capsule cannot be scaled and has its own. */
  readonly solids: readonly (readonly [geometry: BufferGeometry, objects: readonly number[]])[];
  dispose(): void;
}

function makeShared(scene: Scene): Shared {
  const field = scene.ground?.kind === 'height_field' ? makeHeightMesh(scene.ground) : undefined;
  const kinds = new Map<string, number[]>();
  scene.objects.forEach(({ geometry }, k) => {
    const key = geometry.kind === 'capsule' ? JSON.stringify(geometry) : geometry.kind;
    kinds.set(key, [...(kinds.get(key) ?? []), k]);
  });
  const solids = [...kinds.values()].map(
    (objects) => [makeUnitGeometry(scene.objects[objects[0]!]!.geometry), objects] as const,
  );
  const fieldMaterial = new MeshStandardMaterial({
    vertexColors: true,
    flatShading: true,
    roughness: 0.95,
  });
  const solidMaterial = new MeshStandardMaterial({ roughness: 0.9 });
  return {
    ...{ field, fieldMaterial, solidMaterial, solids },
    dispose: () => {
      for (const part of [field, fieldMaterial, solidMaterial]) part?.dispose();
      for (const [geometry] of solids) geometry.dispose();
    },
  };
}

function makeUnitGeometry(geometry: SceneObject['geometry']): BufferGeometry {
  switch (geometry.kind) {
    case 'box':
      return new BoxGeometry(1, 1, 1);
    case 'sphere':
      return new SphereGeometry(1, 24, 16);
    case 'cylinder':
      // three's cylinder lies along y, ours along z.
      return new CylinderGeometry(1, 1, 1, 32).rotateX(Math.PI / 2);
    case 'capsule':
      return new CapsuleGeometry(geometry.radius, geometry.length, 8, 24).rotateX(Math.PI / 2);
  }
}

function writeSize(out: Vector3, geometry: SceneObject['geometry']): Vector3 {
  switch (geometry.kind) {
    case 'box':
      return out.set(...geometry.size);
    case 'sphere':
      return out.setScalar(geometry.radius);
    case 'cylinder':
      return out.set(geometry.radius, geometry.radius, geometry.length);
    case 'capsule':
      return out.setScalar(1);
  }
}

/** The scene at one place. */
class Copy {
  readonly group = new Group();
  readonly #scene: Scene;
  readonly #moving: ReturnType<typeof listMovingObjects>;
  /** Objects whose places are told in frames, in their order. */
  readonly #placed: readonly number[];
  /** Per object: the mesh that draws it and its instance there. */
  readonly #slots = new Map<number, readonly [mesh: InstancedMesh, instance: number]>();
  readonly #meshes: readonly InstancedMesh[];
  readonly #matrix = new Matrix4();
  readonly #position = new Vector3();
  readonly #rotation = new Quaternion();
  readonly #turn = new Quaternion();
  readonly #size = new Vector3();
  /** x, y and their derivatives */
  readonly #motion = [0, 0, 0, 0];

  constructor(scene: Scene, shared: Shared) {
    this.#scene = scene;
    this.#moving = listMovingObjects(scene);
    this.#placed = scene.objects.flatMap(({ moves, motion }, k) =>
      moves && motion === undefined ? [k] : [],
    );
    this.group.matrixAutoUpdate = false;
    if (shared.field !== undefined) {
      this.group.add(new Mesh(shared.field, shared.fieldMaterial));
    }
    this.#meshes = shared.solids.map(([geometry, objects]) => {
      const mesh = new InstancedMesh(geometry, shared.solidMaterial, objects.length);
      mesh.frustumCulled = false;
      objects.forEach((k, instance) => {
        this.#slots.set(k, [mesh, instance]);
        const [r, g, b] = scene.objects[k]!.colour ?? DEFAULT_COLOUR;
        mesh.setColorAt(instance, new Color().setRGB(r, g, b, 'srgb'));
        const [x, y, z] = scene.objects[k]!.odomFromObject.translation;
        this.#place(k, x, y, z);
      });
      this.group.add(mesh);
      return mesh;
    });
  }

  /** @param robot whose odom frame and time it is drawn in */
  update({ fleet, values }: SceneView, robot: number): void {
    const entry = fleet.welcome.robots[robot];
    if (entry !== undefined) this.group.matrix.copy(makeMatrix(entry.mapFromOdom));
    this.group.matrixWorldNeedsUpdate = true;
    this.#putPlaced(values, fleet.findOffset(robot, 'obstacles'));
    const offset = fleet.findOffset(robot, 'scene_time');
    const timeS = offset < 0 ? Number.NaN : values[offset]!;
    if (Number.isNaN(timeS)) return;
    for (const { index, motion } of this.#moving) {
      writeMotion(this.#motion, 0, motion, timeS);
      const z = this.#scene.objects[index]!.odomFromObject.translation[2];
      this.#place(index, this.#motion[0]!, this.#motion[1]!, z);
    }
  }

  /** @param offset of x, y, z and yaw of the first one; negative where frames tell none */
  #putPlaced(values: Float32Array, offset: number): void {
    if (offset < 0) return;
    this.#placed.forEach((k, i) => {
      const at = offset + 4 * i;
      if (Number.isNaN(values[at]!)) return;
      const yaw = values[at + 3]! - computeYaw(this.#scene.objects[k]!.odomFromObject.rotation);
      this.#place(k, values[at]!, values[at + 1]!, values[at + 2]!, yaw);
    });
  }

  dispose(): void {
    for (const mesh of this.#meshes) mesh.dispose();
  }

  /** @param yaw [rad] by which it is turned from how the scene has it */
  #place(k: number, x: number, y: number, z: number, yaw = 0): void {
    const { odomFromObject, geometry } = this.#scene.objects[k]!;
    const [mesh, instance] = this.#slots.get(k)!;
    this.#position.set(x, y, z);
    this.#turn.set(0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2));
    this.#rotation.set(...odomFromObject.rotation).premultiply(this.#turn);
    writeSize(this.#size, geometry);
    if (z > OUT_OF_SIGHT) this.#size.set(0, 0, 0);
    this.#matrix.compose(this.#position, this.#rotation, this.#size);
    mesh.setMatrixAt(instance, this.#matrix);
    mesh.instanceMatrix.needsUpdate = true;
  }
}
