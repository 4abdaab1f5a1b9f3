import type { Fleet } from '../fleet.ts';
import type { Inspector } from '../inspect/inspector.ts';
import { CameraRig } from './camera-rig.ts';
import { computeModelRadius } from './geometry.ts';
import { makeGround } from './ground.ts';
import { pickLink } from './inspect/pick-link.ts';
import { type LabelMode, Labels } from './labels.ts';
import type { SceneView } from './layer.ts';
import {
  FLEET_TOGGLES,
  INSPECTION_TOGGLES,
  type LayerName,
  makeLayers,
  type NamedLayer,
} from './layers.ts';
import { MeshLibrary } from './mesh-library.ts';
import { findNearestRobot } from './picking.ts';
import { AdaptiveResolution } from './resolution.ts';
import { Stillness } from './stillness.ts';
import { Color, DirectionalLight, HemisphereLight, Scene, WebGLRenderer } from './three.ts';

/** [px] a robot in the middle of the picture is drawn at least this large */
const VISIBLE_PX = 30;
const MAX_ENLARGEMENT = 6;
const BACKGROUND = '#0b0f14';
/** [s] pictures further apart than this are a hidden tab; time does not jump with it */
const MAX_WALL_DT = 0.1;

export interface StageSource {
  getFleet(): Fleet | undefined;
  getSelected(): number;
  /** Stamp seconds per wall second. */
  getRate(): number;
  onPick(robot: number): void;
  /** Told of what could not be drawn. */
  onProblem(text: string): void;
  /** Whether a slow machine may draw fewer pixels. */
  readonly isResolutionAdaptive: boolean;
}

/** The 3D view: owns the canvas, the camera and the loop that draws. */
export class Stage {
  readonly rig: CameraRig;
  readonly labels: Labels;
  /** Whether robots too small to see are drawn larger. */
  isEnlarging = true;
  /** As last drawn; 1 = true size. */
  robotScale = 1;
  readonly #source: StageSource;
  readonly #renderer: WebGLRenderer;
  readonly #resolution: AdaptiveResolution;
  readonly #scene = new Scene();
  readonly #ground = makeGround();
  readonly #visible: Record<LayerName, boolean> = { ...FLEET_TOGGLES, ...INSPECTION_TOGGLES };
  readonly #stillness = new Stillness();
  readonly #overlay: HTMLElement;
  #layers: readonly NamedLayer[] = [];
  #library: MeshLibrary | undefined;
  #fleet: Fleet | undefined;
  #values: Float32Array = new Float32Array();
  #isFramed = false;
  /** [m] largest robot */
  #radius = 0.01;
  #lastMs = 0;
  #width = 1;
  #height = 1;

  /** @throws Error when the browser has no WebGL 2 */
  constructor(container: HTMLElement, source: StageSource) {
    this.#source = source;
    this.#renderer = new WebGLRenderer({ antialias: true, powerPreference: 'high-performance' });
    this.#resolution = new AdaptiveResolution(Math.min(window.devicePixelRatio, 2));
    this.#renderer.setPixelRatio(this.#resolution.ratio);
    // Costs nothing where no light casts a shadow.
    this.#renderer.shadowMap.enabled = true;
    const canvas = this.#renderer.domElement;
    canvas.setAttribute('aria-label', '3D view of the robots');
    canvas.setAttribute('role', 'img');
    container.append(canvas);
    const overlay = document.createElement('div');
    overlay.className = 'labels';
    overlay.setAttribute('aria-hidden', 'true');
    container.append(overlay);
    this.#overlay = overlay;
    this.labels = new Labels(overlay);
    this.rig = new CameraRig(canvas);
    this.#scene.background = new Color(BACKGROUND);
    this.#scene.add(this.#ground.object, ...makeLights());
    new ResizeObserver(() => this.#resize(container)).observe(container);
    this.#resize(container);
    this.#listenForPicks(canvas);
    this.#renderer.setAnimationLoop((nowMs) => this.#draw(nowMs));
  }

  setVisible(name: LayerName, isVisible: boolean): void {
    this.#visible[name] = isVisible;
  }

  /** [1] triangles of the meshes that have arrived */
  get meshTriangles(): number {
    return this.#library?.numTriangles ?? 0;
  }

  setLabelMode(mode: LabelMode): void {
    this.labels.mode = mode;
  }

  fit(): void {
    if (this.#fleet !== undefined) this.rig.fit(this.#fleet, this.#values, 'glide');
  }

  follow(): void {
    if (this.#fleet === undefined) return;
    this.rig.follow(this.#fleet, this.#source.getSelected(), this.#values);
  }

  #begin(fleet: Fleet | undefined): void {
    for (const { layer } of this.#layers) {
      this.#scene.remove(layer.object);
      layer.dispose();
    }
    const isInspection = fleet?.inspector !== undefined;
    this.#radius = Math.max(0.01, ...(fleet?.welcome.models.map(computeModelRadius) ?? []));
    // Before layers add texts of their own to the same overlay.
    const names = isInspection ? [] : (fleet?.welcome.robots.map((robot) => robot.name) ?? []);
    this.labels.begin(names, this.#radius);
    this.#library?.dispose();
    this.#library = new MeshLibrary((text) => this.#source.onProblem(text));
    this.#fleet = fleet;
    this.#layers = fleet === undefined ? [] : makeLayers(fleet, this.#library, this.#overlay);
    this.#ground.setDetail(isInspection ? 'fine' : 'coarse');
    this.rig.setLooking(isInspection ? 'from everywhere' : 'from above');
    for (const { layer } of this.#layers) this.#scene.add(layer.object);
    // Where nothing is known, a plane helps to see where robots are.
    this.#ground.plane.visible = fleet?.scene === undefined || fleet.scene.ground?.kind === 'plane';
    this.#isFramed = false;
  }

  #draw(nowMs: number): void {
    const wallDt = Math.min(MAX_WALL_DT, Math.max(0, (nowMs - this.#lastMs) / 1000));
    this.#lastMs = nowMs;
    if (this.#source.isResolutionAdaptive && this.#resolution.observe(wallDt)) {
      this.#renderer.setPixelRatio(this.#resolution.ratio);
    }
    const fleet = this.#source.getFleet();
    if (fleet !== this.#fleet) this.#begin(fleet);
    if (fleet !== undefined) {
      this.#moveCamera(fleet, wallDt);
      if (fleet.inspector !== undefined && this.#isStill(fleet.inspector)) return;
      this.#updateLayers(fleet, wallDt);
    }
    this.#ground.update(this.#width, this.#height);
    this.#renderer.render(this.#scene, this.rig.camera);
  }

  #moveCamera(fleet: Fleet, wallDt: number): void {
    const rate = this.#source.getRate();
    this.#values = fleet.playback.advance(wallDt, Number.isFinite(rate) ? rate : 1);
    if (!this.#isFramed && Number.isFinite(fleet.latestTimeS)) {
      this.#isFramed = true;
      this.rig.fit(fleet, this.#values, 'jump');
    }
    this.rig.update(fleet, this.#source.getSelected(), this.#values, wallDt);
    this.rig.camera.updateMatrixWorld();
  }

  /** Whether a description looks as it did in the last picture; robots that run never do. */
  #isStill(inspector: Inspector): boolean {
    const { camera } = this.rig;
    return this.#stillness.isStill([
      ...camera.matrixWorld.elements,
      ...camera.projectionMatrix.elements,
      ...[this.#width, this.#height, this.#resolution.ratio, this.meshTriangles],
      ...Object.values(this.#visible),
      ...[inspector, inspector.poseVersion.get(), inspector.selection.get()],
    ]);
  }

  #updateLayers(fleet: Fleet, wallDt: number): void {
    const isTrueSize = !this.isEnlarging || fleet.inspector !== undefined;
    this.robotScale = isTrueSize ? 1 : this.#computeEnlargement();
    const view: SceneView = {
      fleet,
      values: this.#values,
      timeS: fleet.playback.playheadS,
      wallDt,
      selected: this.#source.getSelected(),
      camera: this.rig.camera,
      width: this.#width,
      height: this.#height,
      pixelRatio: this.#resolution.ratio,
      robotScale: this.robotScale,
    };
    for (const { name, layer } of this.#layers) {
      layer.object.visible = name === undefined || this.#visible[name];
      layer.update(view);
    }
    this.labels.update(view);
  }

  /** One factor for all, so that near robots still look larger than far ones. */
  #computeEnlargement(): number {
    const pixels = 2 * this.#radius * this.rig.computePixelsPerMetre(this.#height);
    return Math.min(MAX_ENLARGEMENT, Math.max(1, VISIBLE_PX / pixels));
  }

  #resize(container: HTMLElement): void {
    this.#width = Math.max(1, container.clientWidth);
    this.#height = Math.max(1, container.clientHeight);
    this.#renderer.setSize(this.#width, this.#height);
    this.rig.setAspect(this.#width / this.#height);
    // A robot that fitted shall fit; robots that run are left where they are being watched.
    if (this.#fleet?.inspector !== undefined && this.rig.isFitted) this.#isFramed = false;
  }

  #pick(x: number, y: number): void {
    if (this.#fleet === undefined) return;
    const { inspector } = this.#fleet;
    const at = { x, y, width: this.#width, height: this.#height };
    if (inspector === undefined) {
      const robot = findNearestRobot(this.#fleet, this.#values, this.rig.camera, at);
      if (robot >= 0) this.#source.onPick(robot);
      return;
    }
    const name = inspector.model.links[pickLink(this.#scene, this.rig.camera, at)]?.name;
    inspector.selection.set(name === undefined ? undefined : { kind: 'link', name });
  }

  /** A click picks; a drag turns the camera. */
  #listenForPicks(canvas: HTMLCanvasElement): void {
    let downX = 0;
    let downY = 0;
    canvas.addEventListener('pointerdown', (event) => {
      downX = event.offsetX;
      downY = event.offsetY;
    });
    canvas.addEventListener('pointerup', (event) => {
      if (Math.hypot(event.offsetX - downX, event.offsetY - downY) > 5) return;
      this.#pick(event.offsetX, event.offsetY);
    });
  }
}

function makeLights(): (HemisphereLight | DirectionalLight)[] {
  const sky = new HemisphereLight('#e4eeff', '#4a545e', 2.6);
  const sun = new DirectionalLight('#fff4e2', 3);
  sun.position.set(-3, -5, 8);
  const rim = new DirectionalLight('#8fc4ff', 1.8);
  rim.position.set(5, 6, 3);
  return [sky, sun, rim];
}
