import { loadRobot } from '../../sim/robot/load.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { makeStateBatch } from '../../sim/robot/state.ts';
import type { Scene } from '../../sim/terrain/scene.ts';
import { writeHome } from '../../sim/world-start.ts';
import { computeRms } from './comparison.ts';
import type { Setup } from './experiment.ts';
import { advanceUntil, makeHomeCommand } from './legged.ts';
import { withWorld } from './worlds.ts';

export const FEET = ['FL_foot', 'FR_foot', 'RL_foot', 'RR_foot'] as const;
/** [s] between samples: a multiple of every physics step that is used */
export const SAMPLE_S = 0.005;
/** [N] above which a foot counts as on the ground: a seventh of what it carries when standing */
const TOUCH_FORCE = 5;

/** What go2 did, sample by sample. */
export interface Motion {
  readonly positions: readonly Float64Array[];
  readonly orientations: readonly Float64Array[];
  /** Joint positions and efforts. */
  readonly joints: readonly Float64Array[];
  readonly efforts: readonly Float64Array[];
  /** Per foot, whether it presses on the ground. */
  readonly touches: readonly (readonly boolean[])[];
  /** [m] of the deepest contact */
  readonly depths: readonly number[];
}

export type WriteCommand = (command: Float64Array, timeS: number, model: RobotModel) => void;

/** Moves go2 from its home, lifted by `lift`, with commands that depend on time alone. */
export function move(
  setup: Setup,
  { durationS, lift = 0, scene }: { durationS: number; lift?: number; scene?: Scene },
  writeCommand: WriteCommand,
): Promise<Motion> {
  const model = loadRobot('go2');
  return withWorld(model, setup, scene === undefined ? {} : { scene }, (open) => {
    const { world, engine } = open;
    const start = makeStateBatch(1, model.jointNames.length);
    writeHome(start, 0, model);
    start.position[2]! += lift;
    engine.writeState(0, start, 0);
    engine.readState(world.truth);
    const feet = FEET.map((foot) => engine.shapeNames.indexOf(foot));
    const forces = new Float64Array(3 * engine.shapeNames.length);
    const command = makeHomeCommand(model);
    const [positions, orientations, joints, efforts]: Float64Array[][] = [[], [], [], []];
    const touches: boolean[][] = [];
    const depths: number[] = [];
    let next = SAMPLE_S;
    const record = (timeS: number) => {
      if (timeS < next - 1e-9) return;
      next += SAMPLE_S;
      positions!.push(world.truth.position.slice());
      orientations!.push(world.truth.orientation.slice());
      joints!.push(world.truth.jointPosition.slice());
      efforts!.push(world.truth.jointEffort.slice());
      depths.push(engine.computePenetration(0));
      engine.writeContactForces(forces);
      touches.push(
        feet.map((shape) => Math.hypot(...forces.subarray(3 * shape, 3 * shape + 3)) > TOUCH_FORCE),
      );
    };
    const send = (timeS: number) => {
      writeCommand(command, timeS, model);
      world.setCommand(0, command);
    };
    advanceUntil(open, durationS, send, record);
    return {
      ...{ positions: positions!, orientations: orientations! },
      ...{ joints: joints!, efforts: efforts!, touches, depths },
    };
  });
}

export function listHeights({ positions }: Motion): readonly number[] {
  return positions.map((position) => position[2]!);
}

/** Root mean square of what two motions differ by, sample by sample. */
export function compareHeights(a: Motion, b: Motion): number {
  const other = listHeights(b);
  return computeRms(listHeights(a).map((height, i) => height - other[i]!));
}

export function compareJoints(a: Motion, b: Motion): number {
  return computeRms(
    a.joints.flatMap((row, i) => [...row].map((angle, j) => angle - b.joints[i]![j]!)),
  );
}

export const stay: WriteCommand = () => {};

/** Two steps a second; thigh and calf fold by 1 : −2, which lifts a foot straight up. */
export const TROT = { rateHz: 2, fold: 0.35 } as const;

export const trot: WriteCommand = (command, timeS, model) => {
  for (const [i, name] of model.actuatedJointNames.entries()) {
    const home = model.home.jointPosition[model.jointNames.indexOf(name)]!;
    const isFirstPair = name.startsWith('FL') || name.startsWith('RR');
    const phase = TROT.rateHz * timeS + (isFirstPair ? 0 : 0.5);
    const lift = TROT.fold * Math.max(0, Math.sin(2 * Math.PI * phase));
    command[i] = home + (name.includes('thigh') ? lift : name.includes('calf') ? -2 * lift : 0);
  }
};
