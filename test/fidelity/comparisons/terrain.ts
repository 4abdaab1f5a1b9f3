import { Rng } from '../../../sim/math/rng.ts';
import { TerrainConfig } from '../../../sim/terrain/config.ts';
import { makeScene } from '../../../sim/terrain/make-scene.ts';
import type { Scene } from '../../../sim/terrain/scene.ts';
import type { Comparison, ComparisonRow } from '../comparison.ts';
import {
  compareHeights,
  compareJoints,
  type Motion,
  move,
  stay,
  trot,
  type WriteCommand,
} from '../go2-motion.ts';
import { computeTiltDegrees } from '../legged.ts';

/** [m] above where it stands on a plane: clear of the highest ground under its feet */
const LIFT = 0.15;
const SEED = 1;
/** Samples of the last half second. */
const LAST = 100;

function makeGround(ground: object): Scene {
  return makeScene(TerrainConfig.parse({ ground }), new Rng(SEED, 'fidelity terrain'));
}

function compareMotions(rapier: Motion, mujoco: Motion, durationS: number): ComparisonRow[] {
  const tilt = ({ orientations }: Motion) => computeTiltDegrees(orientations.at(-1)!);
  const deepest = (depths: readonly number[]) => 1000 * Math.max(...depths);
  const landed = [deepest(rapier.depths), deepest(mujoco.depths)] as const;
  const [a, b] = [rapier.positions.at(-1)!, mujoco.positions.at(-1)!];
  return [
    {
      quantity: `height of the base, RMS over ${durationS} s`,
      unit: 'mm',
      difference: 1000 * compareHeights(rapier, mujoco),
      tolerance: 10,
      why: 'half a foot’s radius, as on the plane',
    },
    {
      quantity: `joints, RMS over ${durationS} s`,
      unit: 'rad',
      difference: compareJoints(rapier, mujoco),
      tolerance: 0.05,
      why: '3°, as on the plane',
    },
    {
      quantity: 'place at the end',
      unit: 'mm',
      difference: 1000 * Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!),
      tolerance: 50,
      why: 'a cell of the ground: a foot that comes down a cell further stands on another slope',
    },
    {
      quantity: 'tilt at the end',
      unit: '°',
      ...{ rapier: tilt(rapier), mujoco: tilt(mujoco) },
      difference: Math.abs(tilt(rapier) - tilt(mujoco)),
      tolerance: 3,
      why: '2 cm between front and hind feet, 0.39 m apart: a foot’s radius',
    },
    {
      quantity: 'deepest contact; of the deeper one',
      unit: 'mm',
      ...{ rapier: landed[0], mujoco: landed[1] },
      difference: Math.max(...landed),
      tolerance: 8.6,
      why: `what it falls in a step of 5 ms when it lands: √(2 · 9.81 m/s² · ${LIFT} m) = 1.7 m/s`,
    },
  ];
}

/** What stands must not sink in. */
function compareDepths(rapier: Motion, mujoco: Motion): ComparisonRow {
  const standing = ({ depths }: Motion) => 1000 * Math.max(...depths.slice(-LAST));
  const [a, b] = [standing(rapier), standing(mujoco)];
  return {
    quantity: 'deepest contact of the last half second; of the deeper one',
    unit: 'mm',
    ...{ rapier: a, mujoco: b },
    difference: Math.max(a, b),
    tolerance: 2,
    why: 'stated need for a robot that stands',
  };
}

function compareOn(
  makeTerrain: () => Scene,
  durationS: number,
  command: WriteCommand,
): Comparison['run'] {
  return async (setups) => {
    const motion = { durationS, lift: LIFT, scene: makeTerrain() };
    const rapier = await move(setups.rapier, motion, command);
    const mujoco = await move(setups.mujoco, motion, command);
    const rows = compareMotions(rapier, mujoco, durationS);
    return command === stay ? [...rows, compareDepths(rapier, mujoco)] : rows;
  };
}

/** Cells of 5 cm. */
const makeRough = () => makeGround({ kind: 'rough', size: [6, 6], amplitude: 0.05, platform: 0 });

/** Its feet, 0.19 m before and behind its middle, come down on risers of 8 cm that lean over 5 cm. */
const makeStairs = () =>
  makeGround({
    ...{ kind: 'stairs', direction: 'down', size: [6, 6] },
    ...{ stepHeight: 0.08, stepWidth: 0.3, platform: 0.3 },
  });

export const roughGround: Comparison = {
  name: 'go2 on rough ground',
  shows: `go2 falls ${LIFT} m onto ground that lies within ±5 cm, with its home pose for a target, and stands; 2 s in all.`,
  robot: 'go2',
  run: compareOn(makeRough, 2, stay),
};

export const stairs: Comparison = {
  name: 'go2 on stairs',
  shows:
    `go2 falls ${LIFT} m onto the edges of a platform of 0.3 m, from which steps of 8 cm lead down on all sides, with its ` +
    'home pose for a target, and stands; 2 s in all. Its feet come down on risers, 58° steep.',
  robot: 'go2',
  run: compareOn(makeStairs, 2, stay),
};

export const roughTrot: Comparison = {
  name: 'go2 trotting on rough ground',
  shows: `go2 falls ${LIFT} m onto the same rough ground and trots on commands that depend on time alone, 3 s in all.`,
  robot: 'go2',
  run: compareOn(makeRough, 3, trot),
};
