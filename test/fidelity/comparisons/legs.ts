import { loadRobot } from '../../../sim/robot/load.ts';
import type { Comparison } from '../comparison.ts';
import {
  compareHeights,
  compareJoints,
  FEET,
  listHeights,
  type Motion,
  move,
  SAMPLE_S,
  stay,
  TROT,
  trot,
} from '../go2-motion.ts';

/** Mean of the last second of standing, joint by joint. */
function averageEfforts({ efforts }: Motion): readonly number[] {
  const last = efforts.slice(-Math.round(1 / SAMPLE_S));
  return [...last[0]!].map((_, j) => last.reduce((sum, row) => sum + row[j]!, 0) / last.length);
}

export const standingEfforts: Comparison = {
  name: 'go2 standing',
  shows:
    'go2 stands on its home pose for 10 s; the torques of its twelve drives, averaged over the last second.',
  robot: 'go2',
  async run(setups) {
    const rapier = averageEfforts(await move(setups.rapier, { durationS: 10 }, stay));
    const mujoco = averageEfforts(await move(setups.mujoco, { durationS: 10 }, stay));
    const largest = Math.max(...mujoco.map(Math.abs));
    const kinds = ['hip', 'thigh', 'calf'];
    const { jointNames } = loadRobot('go2');
    return kinds.map((kind) => {
      const indices = jointNames.flatMap((name, j) => (name.includes(kind) ? [j] : []));
      const worst = indices.reduce((a, b) =>
        Math.abs(rapier[a]! - mujoco[a]!) > Math.abs(rapier[b]! - mujoco[b]!) ? a : b,
      );
      return {
        quantity: `${kind} torque, worst of four (${jointNames[worst]}); N·m, difference in % of the largest`,
        unit: '%',
        rapier: rapier[worst]!,
        mujoco: mujoco[worst]!,
        difference: (100 * Math.abs(rapier[worst]! - mujoco[worst]!)) / largest,
        tolerance: 5,
        why: 'stated need; the torque constant of a real motor is known to about 5 %',
      };
    });
  },
};

export const dropped: Comparison = {
  name: 'go2 dropped',
  shows: 'go2 falls 0.3 m onto its feet with its home pose for a target and settles, 2 s in all.',
  robot: 'go2',
  async run(setups) {
    const rapier = await move(setups.rapier, { durationS: 2, lift: 0.3 }, stay);
    const mujoco = await move(setups.mujoco, { durationS: 2, lift: 0.3 }, stay);
    const lowest = (motion: Motion) => Math.min(...listHeights(motion));
    return [
      {
        quantity: 'height of the base, RMS over 2 s',
        unit: 'mm',
        difference: 1000 * compareHeights(rapier, mujoco),
        tolerance: 10,
        why: 'half a foot’s radius: what a landing on a real floor differs by from one time to the next',
      },
      {
        quantity: 'joints, RMS over 2 s',
        unit: 'rad',
        difference: compareJoints(rapier, mujoco),
        tolerance: 0.05,
        why: '3°, a fifth of what the drives give way at touch-down',
      },
      {
        quantity: 'deepest the base gets; m, difference in mm',
        unit: 'mm',
        rapier: lowest(rapier),
        mujoco: lowest(mujoco),
        difference: 1000 * Math.abs(lowest(rapier) - lowest(mujoco)),
        tolerance: 20,
        why: 'whether the trunk strikes the floor must not depend on the engine',
      },
    ];
  },
};

const TROT_S = 5;
/** Touch-downs before this are still those of a robot that gets going. [s] */
const SETTLED_S = 1;

/** First sample of each stance that follows at least 50 ms in the air, per foot. [s] */
function listTouchDowns({ touches }: Motion, foot: number): readonly number[] {
  const times: number[] = [];
  let air = 0;
  for (const [i, row] of touches.entries()) {
    if (row[foot]! && air * SAMPLE_S >= 0.05) times.push((i + 1) * SAMPLE_S);
    air = row[foot]! ? 0 : air + 1;
  }
  return times.filter((timeS) => timeS > SETTLED_S);
}

export const trotting: Comparison = {
  name: 'go2 trotting',
  shows: `go2 trots in place for ${TROT_S} s with commands that depend on time alone, ${TROT.rateHz} steps a second; touch-downs of each foot from ${SETTLED_S} s on.`,
  robot: 'go2',
  async run(setups) {
    const rapier = await move(setups.rapier, { durationS: TROT_S }, trot);
    const mujoco = await move(setups.mujoco, { durationS: TROT_S }, trot);
    const share = ({ touches }: Motion, foot: number) =>
      (100 * touches.filter((row) => row[foot]).length) / touches.length;
    return FEET.flatMap((name, foot) => {
      const a = listTouchDowns(rapier, foot);
      const b = listTouchDowns(mujoco, foot);
      // Each touch-down in one engine has its nearest in the other.
      const gaps = a.map((timeS) => Math.min(...b.map((other) => Math.abs(other - timeS))));
      return [
        {
          quantity: `${name}: touch-downs`,
          unit: '',
          rapier: a.length,
          mujoco: b.length,
          difference: Math.abs(a.length - b.length),
          tolerance: 0,
          why: 'one for each step that was commanded',
        },
        {
          quantity: `${name}: touch-down to touch-down, mean`,
          unit: 'ms',
          difference: (1000 * gaps.reduce((sum, gap) => sum + gap, 0)) / gaps.length,
          tolerance: 15,
          why: 'three physics steps, and what a foot switch takes to notice',
        },
        {
          quantity: `${name}: share of time on the ground; difference in points`,
          unit: '%',
          rapier: share(rapier, foot),
          mujoco: share(mujoco, foot),
          difference: Math.abs(share(rapier, foot) - share(mujoco, foot)),
          tolerance: 5,
          why: '25 ms of a cycle of 500 ms',
        },
      ];
    });
  },
};
