import type { Fleet } from '../fleet.ts';
import { makeArrowsLayer } from './arrows.ts';
import { CameraRig } from './camera-rig.ts';
import { computeModelRadius } from './geometry.ts';
import { makeGround } from './ground.ts';
import { type LabelMode, Labels } from './labels.ts';
import type { Layer, SceneView } from './layer.ts';
import { makeMarkersLayer } from './markers.ts';
import { makePathsLayer } from './paths.ts';
import { findNearestRobot } from './picking.ts';
import { AdaptiveResolution } from './resolution.ts';
import { makeRobotsLayer } from './robots.ts';
import { makeShadowsLayer } from './shadows.ts';
import { makeSurroundingsLayer } from './surroundings.ts';
import { makeTargetsLayer } from './targets.ts';
import { Color, DirectionalLight, HemisphereLight, Scene, WebGLRenderer } from './three.ts';
import { makeTrailsLayer } from './trails.ts';

/** [px] a robot in the middle of the picture is drawn at least this large */
const VISIBLE_PX = 30;
const MAX_ENLARGEMENT = 6;
const BACKGROUND = '#0b0f14';
/** [s] pictures further apart than this are a hidden tab; time does not jump with it */
const MAX_WALL_DT = 0.1;

export const LAYER_NAMES = ['targets', 'courses', 'trails', 'forces', 'shadows'] as const;
export type LayerName = (typeof LAYER_NAMES)[number];

export interface StageSource {
  getFleet(): Fleet | undefined;
  getSelected(): number;
  /** Stamp seconds per wall second. */
  getRate(): number;
  onPick(robot: number): void;
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
  readonly #visible: Record<LayerName, boolean> = {
    targets: true,
    courses: true,
    trails: true,
    forces: true,
    shadows: true,
  };
  #layers: readonly { readonly name: LayerName | 'always'; readonly layer: Layer }[] = [];
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
    const canvas = this.#renderer.domElement;
    canvas.setAttribute('aria-label', '3D view of the robots');
    canvas.setAttribute('role', 'img');
    container.append(canvas);
    const overlay = document.createElement('div');
    overlay.className = 'labels';
    overlay.setAttribute('aria-hidden', 'true');
    container.append(overlay);
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
    this.#fleet = fleet;
    this.#layers = fleet === undefined ? [] : makeLayers(fleet);
    for (const { layer } of this.#layers) this.#scene.add(layer.object);
    // Where nothing is known, a plane helps to see where robots are.
    this.#ground.plane.visible = fleet?.scene === undefined || fleet.scene.ground?.kind === 'plane';
    this.#radius = Math.max(0.01, ...(fleet?.welcome.models.map(computeModelRadius) ?? []));
    this.labels.begin(fleet?.welcome.robots.map((robot) => robot.name) ?? [], this.#radius);
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
    if (fleet !== undefined) this.#updateLayers(fleet, wallDt);
    this.#ground.update(this.#width, this.#height);
    this.#renderer.render(this.#scene, this.rig.camera);
  }

  #updateLayers(fleet: Fleet, wallDt: number): void {
    const rate = this.#source.getRate();
    this.#values = fleet.playback.advance(wallDt, Number.isFinite(rate) ? rate : 1);
    const selected = this.#source.getSelected();
    if (!this.#isFramed && Number.isFinite(fleet.latestTimeS)) {
      this.#isFramed = true;
      this.rig.fit(fleet, this.#values, 'jump');
    }
    this.rig.update(fleet, selected, this.#values, wallDt);
    this.rig.camera.updateMatrixWorld();
    this.robotScale = this.isEnlarging ? this.#computeEnlargement() : 1;
    const view: SceneView = {
      fleet,
      values: this.#values,
      timeS: fleet.playback.playheadS,
      wallDt,
      selected,
      camera: this.rig.camera,
      width: this.#width,
      height: this.#height,
      pixelRatio: this.#resolution.ratio,
      robotScale: this.robotScale,
    };
    for (const { name, layer } of this.#layers) {
      layer.object.visible = name === 'always' || this.#visible[name];
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
      if (this.#fleet === undefined) return;
      const robot = findNearestRobot(this.#fleet, this.#values, this.rig.camera, {
        x: event.offsetX,
        y: event.offsetY,
        width: this.#width,
        height: this.#height,
      });
      if (robot >= 0) this.#source.onPick(robot);
    });
  }
}

function makeLayers(fleet: Fleet): { name: LayerName | 'always'; layer: Layer }[] {
  return [
    { name: 'always', layer: makeSurroundingsLayer(fleet) },
    { name: 'shadows', layer: makeShadowsLayer(fleet) },
    { name: 'courses', layer: makePathsLayer(fleet) },
    { name: 'trails', layer: makeTrailsLayer(fleet) },
    { name: 'targets', layer: makeTargetsLayer(fleet) },
    { name: 'always', layer: makeRobotsLayer(fleet) },
    { name: 'forces', layer: makeArrowsLayer(fleet) },
    { name: 'always', layer: makeMarkersLayer(fleet) },
  ];
}

function makeLights(): (HemisphereLight | DirectionalLight)[] {
  const sky = new HemisphereLight('#e4eeff', '#4a545e', 2.6);
  const sun = new DirectionalLight('#fff4e2', 3);
  sun.position.set(-3, -5, 8);
  const rim = new DirectionalLight('#8fc4ff', 1.8);
  rim.position.set(5, 6, 3);
  return [sky, sun, rim];
}
