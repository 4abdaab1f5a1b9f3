import type { Fleet } from '../fleet.ts';
import { computeRobotBox } from '../inspect/bounds.ts';
import { computeModelRadius } from './geometry.ts';
import { OrbitControls, PerspectiveCamera, Vector3 } from './three.ts';

/** Seen from the south-west and above: x to the right, y away, as on a map. */
const VIEW_DIRECTION = new Vector3(-0.42, -0.8, 0.5).normalize();
/** A description is looked at from the front left: robots face along x. */
const FRONT_DIRECTION = new Vector3(0.72, 0.62, 0.36).normalize();
/** [m] nearest that the camera goes to show a whole fleet, or one robot */
const NEAREST = { fleet: 0.5, robot: 0.12 } as const;
/** [1] how much more than the box is seen; the controls lie over a robot's feet */
const MARGIN = { fleet: 1.06, robot: 1.14 } as const;
/** [1/s] how fast the camera glides to where it was sent */
const GLIDE_RATE = 5;

/** The camera: orbit by hand, frame the fleet, or follow one robot. */
export class CameraRig {
  readonly camera = new PerspectiveCamera(42, 1, 0.02, 500);
  readonly #controls: OrbitControls;
  #follow = false;
  /** Where the camera is gliding to; undefined when it is the user's. */
  #goal: { readonly target: Vector3; readonly position: Vector3 } | undefined;
  #isFitted = false;
  readonly #robot = new Vector3();
  /** Index of the robot that the camera rides along with, and where it was then. */
  #followed = 0;
  readonly #before = new Vector3();
  readonly #motion = new Vector3();

  constructor(canvas: HTMLCanvasElement) {
    this.camera.position.copy(VIEW_DIRECTION).multiplyScalar(12);
    this.#controls = new OrbitControls(this.camera, canvas);
    this.#controls.enableDamping = true;
    this.#controls.dampingFactor = 0.12;
    this.#controls.minDistance = 0.15;
    this.#controls.maxDistance = 200;
    this.setLooking('from above');
    this.#controls.addEventListener('start', () => {
      this.#goal = undefined;
      this.#isFitted = false;
    });
  }

  /** Fleets are never looked at from under the floor; a robot has an underside. */
  setLooking(looking: 'from above' | 'from everywhere'): void {
    this.#controls.maxPolarAngle = looking === 'from above' ? 0.495 * Math.PI : Math.PI;
    this.#controls.minDistance = looking === 'from above' ? 0.15 : 0.05;
  }

  /** Whether nobody has turned the camera since it was made to show everything. */
  get isFitted(): boolean {
    return this.#isFitted;
  }

  get isFollowing(): boolean {
    return this.#follow;
  }

  /** [px/m] at the distance of what the camera looks at */
  computePixelsPerMetre(heightPx: number): number {
    const distance = this.camera.position.distanceTo(this.#controls.target);
    const tan = Math.tan((this.camera.fov * Math.PI) / 360);
    return heightPx / (2 * tan * Math.max(distance, 1e-6));
  }

  setAspect(aspect: number): void {
    this.camera.aspect = aspect;
    this.camera.updateProjectionMatrix();
  }

  /** Frames every robot and course. */
  fit(fleet: Fleet, values: Float32Array, how: 'jump' | 'glide'): void {
    this.#follow = false;
    const bounds = computeBounds(fleet, values);
    if (bounds === undefined) return;
    const [lower, upper] = bounds;
    const isOneRobot = fleet.inspector !== undefined;
    const direction = isOneRobot ? FRONT_DIRECTION : VIEW_DIRECTION;
    const what = isOneRobot ? 'robot' : 'fleet';
    const { target, distance } = this.#computeFit(lower, upper, direction, what);
    const position = target.clone().addScaledVector(direction, distance);
    this.#go(target, position, how);
    this.#isFitted = true;
  }

  /** Keeps the selected robot in the middle, from close by. */
  follow(fleet: Fleet, robot: number, values: Float32Array): void {
    if (!this.#readRobot(fleet, robot, values)) return;
    this.#follow = true;
    this.#followed = robot;
    this.#before.copy(this.#robot);
    const entry = fleet.welcome.robots[robot];
    const model = fleet.welcome.models[entry?.model ?? 0];
    const distance = 12 * (model === undefined ? 0.1 : computeModelRadius(model));
    const away = this.camera.position.clone().sub(this.#controls.target).normalize();
    const position = this.#robot.clone().addScaledVector(away, distance);
    this.#go(this.#robot.clone(), position, 'glide');
  }

  stopFollowing(): void {
    this.#follow = false;
  }

  /** Call once per picture, before drawing. */
  update(fleet: Fleet | undefined, robot: number, values: Float32Array, wallDt: number): void {
    if (this.#follow && fleet !== undefined && this.#readRobot(fleet, robot, values)) {
      this.#rideAlong(robot);
    }
    this.#glide(wallDt);
    this.#controls.update(wallDt);
  }

  /** Moves with the robot, whatever else the camera is doing; glides over to another one. */
  #rideAlong(robot: number): void {
    if (robot === this.#followed) {
      this.#motion.subVectors(this.#robot, this.#before);
      for (const point of [this.camera.position, this.#controls.target]) point.add(this.#motion);
      this.#goal?.target.add(this.#motion);
      this.#goal?.position.add(this.#motion);
    } else {
      this.#motion.subVectors(this.#robot, this.#controls.target);
      const position = this.camera.position.clone().add(this.#motion);
      this.#go(this.#robot.clone(), position, 'glide');
      this.#followed = robot;
    }
    this.#before.copy(this.#robot);
  }

  #go(target: Vector3, position: Vector3, how: 'jump' | 'glide'): void {
    this.#goal = { target, position };
    if (how === 'jump') this.#glide(Number.POSITIVE_INFINITY);
  }

  #glide(wallDt: number): void {
    if (this.#goal === undefined) return;
    const t = 1 - Math.exp(-GLIDE_RATE * wallDt);
    this.#controls.target.lerp(this.#goal.target, t);
    this.camera.position.lerp(this.#goal.position, t);
    const remaining = this.camera.position.distanceTo(this.#goal.position);
    if (remaining < 0.003 * this.camera.position.distanceTo(this.#goal.target)) {
      this.#goal = undefined;
    }
  }

  #readRobot(fleet: Fleet, robot: number, values: Float32Array): boolean {
    const p = fleet.findOffset(robot, 'position');
    if (p < 0 || !Number.isFinite(values[p]!)) return false;
    this.#robot.fromArray(values, p);
    return true;
  }

  /**
   * Where to look and from how far, so that the box fills the picture. What is near looks larger
   * than what is far, so the middle of the box is not the middle of the picture: a few rounds of
   * centring what is seen settle it.
   */
  #computeFit(
    lower: Vector3,
    upper: Vector3,
    direction: Vector3,
    what: 'fleet' | 'robot',
  ): { target: Vector3; distance: number } {
    const tanY = Math.tan((this.camera.fov * Math.PI) / 360);
    const tanX = tanY * this.camera.aspect;
    const right = new Vector3().crossVectors(new Vector3(0, 0, 1), direction).normalize();
    const up = new Vector3().crossVectors(direction, right);
    const target = lower.clone().add(upper).multiplyScalar(0.5);
    const nearest = NEAREST[what];
    const margin = MARGIN[what];
    let distance: number = nearest;
    const offset = new Vector3();
    for (let round = 0; round < 6; round++) {
      const corners = makeCorners(lower, upper).map((corner) => {
        offset.subVectors(corner, target);
        return {
          x: offset.dot(right) / tanX,
          y: offset.dot(up) / tanY,
          depth: offset.dot(direction),
        };
      });
      distance = Math.max(
        nearest,
        ...corners.map(({ x, y, depth }) => depth + margin * Math.max(Math.abs(x), Math.abs(y))),
      );
      const xs = corners.map(({ x, depth }) => x / (distance - depth));
      const ys = corners.map(({ y, depth }) => y / (distance - depth));
      target.addScaledVector(right, 0.5 * (Math.min(...xs) + Math.max(...xs)) * distance * tanX);
      target.addScaledVector(up, 0.5 * (Math.min(...ys) + Math.max(...ys)) * distance * tanY);
    }
    return { target, distance };
  }
}

function makeCorners(lower: Vector3, upper: Vector3): Vector3[] {
  return Array.from(
    { length: 8 },
    (_, i) =>
      new Vector3(i & 1 ? upper.x : lower.x, i & 2 ? upper.y : lower.y, i & 4 ? upper.z : lower.z),
  );
}

function computeBounds(fleet: Fleet, values: Float32Array): [Vector3, Vector3] | undefined {
  if (fleet.inspector !== undefined) {
    const { min, max } = computeRobotBox(fleet.inspector);
    return min.x > max.x ? undefined : [min, max];
  }
  const lower = new Vector3(1, 1, 1).multiplyScalar(Number.POSITIVE_INFINITY);
  const upper = lower.clone().negate();
  const point = new Vector3();
  const margin = Math.max(0.1, ...fleet.welcome.models.map(computeModelRadius));
  fleet.welcome.robots.forEach((_, robot) => {
    const p = fleet.findOffset(robot, 'position');
    if (p >= 0 && Number.isFinite(values[p]!)) {
      point.fromArray(values, p);
      lower.min(point);
      upper.max(point);
    }
    const path = fleet.paths[robot]!;
    for (let k = 0; k + 2 < path.length; k += 3) {
      point.fromArray(path, k);
      lower.min(point);
      upper.max(point);
    }
  });
  if (lower.x > upper.x) return undefined;
  // The floor belongs to the picture: shadows tell the height.
  lower.z = Math.min(lower.z, 0);
  return [lower.subScalar(margin), upper.addScalar(margin)];
}
