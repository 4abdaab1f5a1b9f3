import type { Scene } from '../../sim/terrain/scene.ts';
import {
  computeFrameLayout,
  type Frame,
  type FrameLayout,
  type ScanPoints,
  type Welcome,
} from '../protocol.ts';
import { History } from './history.ts';
import { Inspector } from './inspect/inspector.ts';
import { Playback } from './playback.ts';
import { readScene } from './surroundings.ts';

/** [s] slowest odometry that still counts as live */
const SILENT_S = 1;

type FrameListener = (values: Float32Array, timeS: number) => void;

/** Everything known about the robots of one connection: who they are and where they have been. */
export class Fleet {
  readonly welcome: Welcome;
  readonly layout: FrameLayout;
  /** What stands around every robot, in its odom frame; undefined: not known. */
  readonly scene: Scene | undefined;
  /** Where a description is looked at: whoever moves its joints; no frames come then. */
  readonly inspector: Inspector | undefined;
  readonly playback: Playback;
  readonly history: History;
  /** Per robot: [numPoints, 3] m [@frame map]; empty where there is no course */
  readonly paths: Float32Array[];
  /** Grows whenever a path changes. */
  pathsVersion = 0;
  /** What each lidar saw last, by robot and lidar: [numPoints, 3] m [@frame map] */
  readonly scans = new Map<string, { readonly robot: number; readonly points: Float32Array }>();
  /** Grows whenever a scan comes. */
  scansVersion = 0;
  /** The newest frame as it came; NaN before the first. */
  latest: Float32Array;
  /** [s] stamp of the newest frame */
  latestTimeS = Number.NaN;

  constructor(welcome: Welcome) {
    this.welcome = welcome;
    this.layout = computeFrameLayout(welcome.robots);
    this.scene = welcome.scene && readScene(welcome.scene);
    this.playback = new Playback(welcome.robots, welcome.models, this.layout);
    this.history = new History(welcome.plots, this.layout, welcome.frameRateHz);
    this.paths = welcome.robots.map(() => new Float32Array());
    this.latest = new Float32Array(this.layout.size).fill(Number.NaN);
    this.inspector = makeInspector(welcome);
    this.inspector?.poseVersion.subscribe(() => this.#showPose());
    this.#showPose();
  }

  readonly #listeners = new Set<FrameListener>();

  /** Calls back with every frame as it comes; returns the function that ends it. */
  onFrame(listener: FrameListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whether the frame has the announced size; one that has not is not used. */
  push(frame: Frame): boolean {
    if (frame.values.length !== this.layout.size) return false;
    this.latest = frame.values;
    this.latestTimeS = Number(frame.stampNs) / 1e9;
    this.playback.push(this.latestTimeS, frame.values);
    this.history.push(this.latestTimeS, frame.values);
    for (const listener of this.#listeners) listener(frame.values, this.latestTimeS);
    return true;
  }

  setPath(robot: number, points: Float32Array): void {
    if (robot >= this.paths.length) return;
    this.paths[robot] = points;
    this.pathsVersion++;
  }

  setScan({ robot, lidar, points }: ScanPoints): void {
    if (robot >= this.welcome.robots.length) return;
    this.scans.set(`${robot}/${lidar}`, { robot, points });
    this.scansVersion++;
  }

  /** Where a robot's field starts in a frame; −1 if it has no such field. */
  findOffset(robot: number, field: string): number {
    return this.layout.offsets[robot]?.get(field) ?? -1;
  }

  /** One number of the newest frame; NaN if the robot has no such field. */
  read(robot: number, field: string, component = 0): number {
    const offset = this.findOffset(robot, field);
    return offset < 0 ? Number.NaN : this.latest[offset + component]!;
  }

  /** Whether a robot is drawn where it truly is, because no sensor of it tells. */
  isPoseTrue(robot: number): boolean {
    const isTrue = this.welcome.robots[robot]?.poseSource === 'truth';
    return isTrue && Number.isFinite(this.read(robot, 'position'));
  }

  /**
   * Name of the safety filter's action and rule, as last heard. `silent` for a robot whose odometry
   * has stopped coming: what was heard of it no longer counts.
   */
  readSafety(robot: number): { readonly action: string; readonly rule: string } {
    const { safetyActions, safetyRules } = this.welcome;
    if (this.read(robot, 'odometry_age') > SILENT_S) return { action: 'silent', rule: '' };
    return {
      action: safetyActions[this.read(robot, 'safety', 0)] ?? 'unknown',
      rule: safetyRules[this.read(robot, 'safety', 1)] ?? '',
    };
  }

  /** Makes the frame that a server would send of the robot as it was posed. */
  #showPose(): void {
    if (this.inspector === undefined) return;
    const { facts, jointPosition } = this.inspector;
    const { translation, rotation } = facts.mapFromBase;
    const values = Float32Array.from([...translation, ...rotation, ...jointPosition]);
    // A stamp that stands still: each frame replaces the one before at once.
    this.push({ seq: 0, stampNs: 0n, dropped: 0, values });
  }
}

function makeInspector({ inspection, models }: Welcome): Inspector | undefined {
  const model = models[0];
  return inspection && model && new Inspector(model, inspection);
}
