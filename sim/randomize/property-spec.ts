/** What a property may need of a robot or a terrain to make any difference; needs.ts looks for it. */
export type Need =
  | 'floating base'
  | 'rotor'
  | 'rotor with drag'
  | 'joint motor'
  | 'position servo'
  | 'servo with damping'
  | 'motor with a lag'
  | 'motor with a delay'
  | 'motor with inertia'
  | 'battery'
  | 'collision shape'
  | 'joint with damping'
  | 'joint with friction'
  | 'sensor with latency'
  | 'sensor with jitter'
  | 'sensor with errors'
  | 'sensor with a bias'
  | 'sensor that drifts'
  | 'sensor with steps'
  | 'sensor that loses samples'
  | 'grid of tiles'
  | 'object with a way'
  | 'object that moves'
  | 'group of variants';

/** What may differ from episode to episode. One entry of the configuration draws one number, or a few. */
export interface PropertySpec {
  /** Where the drawn number goes: times what is described, added to it, or instead of it. */
  readonly operation: 'scale' | 'add' | 'set';
  readonly unit: string;
  /** What it is where nothing is said of it. */
  readonly nominal: number;
  /** Values that make sense, both ends among them. */
  readonly range: readonly [lower: number, upper: number];
  readonly isWhole?: boolean;
  /** What may have a number of its own each. */
  readonly per?: 'joint' | 'motor' | 'rotor' | 'object';
  /** Whether it may be drawn anew while an episode runs. */
  readonly mayChange: boolean;
  /** Physics, what sensors make of it, what happens to the robot, or where it all takes place. */
  readonly group: 'physical' | 'measured' | 'disturbance' | 'place';
  /** Without which it makes no difference. */
  readonly needs?: Need;
  /** Names of the numbers where there is more than one. */
  readonly names?: readonly string[];
  readonly description: string;
}
