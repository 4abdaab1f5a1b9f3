import { loadRobot } from '../../../sim/robot/load.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import { computeRigidBodies } from '../../../sim/robot/rigid-bodies.ts';
import type { StateBatch } from '../../../sim/robot/state.ts';
import { G, makeLink, makeRobot, withBench } from '../bodies.ts';
import { computeTreeEnergy } from '../exact/tree.ts';
import type { Experiment, Row, Setup } from '../experiment.ts';
import { makeRodChain } from './pendulums.ts';

const DURATION_S = 60;
/** Of the energy that moves: what falls and rises again, or what turns. [%] */
const BOUND = 1;
const WHY =
  'friction and drives of a real joint take out far more than 1 % a minute; what grows on its own, a policy will find';

interface System {
  readonly name: string;
  readonly model: RobotModel;
  readonly gravity: number;
  /** [J] that the growth is compared with: what the motion exchanges */
  readonly scale: (startEnergy: number) => number;
  readonly start: (row: StateBatch) => void;
}

/** Joints without friction, damping and limits, links that pass through one another: what is left is the engine's doing. */
function stripLosses(model: RobotModel): RobotModel {
  const free = {
    damping: 0,
    friction: 0,
    lower: Number.NEGATIVE_INFINITY,
    upper: Number.POSITIVE_INFINITY,
  };
  const joints = model.joints.map((joint) => ({
    ...joint,
    ...free,
    // A hinge without limits is a continuous one; Rapier insists.
    type: joint.type === 'revolute' ? ('continuous' as const) : joint.type,
  }));
  return { ...model, joints, selfCollision: { kind: 'none' } };
}

function listSystems(): readonly System[] {
  const quadruped = stripLosses(loadRobot('go2'));
  const weight = (lengths: number) => lengths * G;
  return [
    {
      name: 'double pendulum from level',
      model: makeRodChain(2),
      gravity: G,
      // Both rods swing through twice their centres' depth: 0.5 m and 1.5 m of 1 kg.
      scale: () => weight(2),
      start: (row) => row.jointPosition.set([Math.PI / 2, 0]),
    },
    {
      name: 'chain of five rods from 0.5 rad',
      model: makeRodChain(5),
      gravity: G,
      // Centres at 0.5 … 4.5 m, lifted by 1 − cos 0.5 = 0.122 of that.
      scale: () => weight(12.5 * (1 - Math.cos(0.5))),
      start: (row) => row.jointPosition.set([0.5, 0, 0, 0, 0]),
    },
    {
      name: 'brick tumbling at 6 rad/s',
      model: makeRobot('brick', 'floating', [
        makeLink('brick', { mass: 1, moments: [0.01, 0.02, 0.029] }),
      ]),
      gravity: 0,
      scale: (startEnergy) => startEnergy,
      start: (row) => row.angularVelocityB.set([1, 5.9, 0.5]),
    },
    {
      name: 'go2 turning at 3 rad/s, legs loose, weightless',
      model: quadruped,
      gravity: 0,
      scale: (startEnergy) => startEnergy,
      start: (row) => {
        row.angularVelocityB.set([2, 2, 1]);
        row.jointVelocity.set(quadruped.jointNames.map((_, j) => Math.sin(1 + j)));
      },
    },
  ];
}

async function measure(system: System, setup: Setup): Promise<readonly Row[]> {
  const gravityW = [0, 0, -system.gravity] as const;
  const bodies = computeRigidBodies(system.model);
  return await withBench(system.model, setup, { gravityW }, ({ state, place, run }) => {
    place(0, system.start);
    const start = computeTreeEnergy(system.model, bodies, state, system.gravity);
    let gain = 0;
    let loss = 0;
    const steps = Math.round(DURATION_S / 0.01);
    for (let i = 0; i < steps; i++) {
      const change = computeTreeEnergy(system.model, bodies, run(0.01), system.gravity) - start;
      // NaN must not hide behind a comparison.
      gain = Number.isNaN(change) ? Number.NaN : Math.max(gain, change);
      loss = Math.max(loss, -change);
    }
    const percent = 100 / system.scale(start);
    return [
      {
        quantity: `${system.name}: largest growth in ${DURATION_S} s`,
        unit: '%',
        exact: 0,
        error: gain * percent,
        tolerance: BOUND,
        why: WHY,
      },
      {
        quantity: `${system.name}: largest loss in ${DURATION_S} s`,
        unit: '%',
        exact: 0,
        error: loss * percent,
        tolerance: LOSS_BOUND,
        why: LOSS_WHY,
      },
    ];
  });
}

/** [%] */
const LOSS_BOUND = 10;
const LOSS_WHY =
  'a good ball bearing loses as much; more, and a swing-up or a flight tuned here is tuned to a damping that is not there';

export const energy: Experiment = {
  name: 'energy',
  shows:
    'Systems that nothing drives and nothing brakes, for 60 s. Per cent are of the energy that the motion exchanges.',
  settings: 'default',
  async run(setup) {
    const rows: Row[] = [];
    for (const system of listSystems()) rows.push(...(await measure(system, setup)));
    return rows;
  },
};
