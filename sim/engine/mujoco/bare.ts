import type { MjData } from '@mujoco/mujoco';
import { computeConvexParts } from '../convex.ts';
import type { EngineConfig } from '../engine.ts';
import { getMjcfName } from '../mjcf/text.ts';
import { makeMjcf } from '../mjcf.ts';
import { compileMjcf, loadMujoco } from './load.ts';

/** A servo of MuJoCo's own on one joint. */
export interface BareServo {
  readonly joint: string;
  /** [N·m/rad] or [N/m] */
  readonly stiffness: number;
  /** [N·m·s/rad] or [N·s/m] */
  readonly damping: number;
  /** [N·m] or [N] */
  readonly maxEffort: number;
}

/**
 * MuJoCo as one uses it by itself: its own `implicitfast` integrator and its own servos, one model, one `MjData` per
 * robot, inputs written and states read as plain arrays. No sensors, no noise, no actuator models, no corrections of
 * ours. What our simulation is measured against.
 */
export interface BareMujoco {
  /** [numRobots, nu] targets of the servos; kept */
  readonly targets: Float64Array;
  /** [numRobots, 6] N and N·m in the world, on the first body; kept */
  readonly wrenches: Float64Array;
  /** [numRobots, nq] and [numRobots, nv], as of the last step */
  readonly position: Float64Array;
  readonly velocity: Float64Array;
  /** Writes inputs, steps every robot `count` times, reads the states. */
  step(count: number): void;
  /** Puts one robot back to its home. */
  reset(robot: number): void;
  free(): void;
}

/**
 * Makes N robots at their homes.
 * @throws UserError where MuJoCo is not installed or refuses the robot
 */
export async function makeBareMujoco(
  config: EngineConfig,
  servos: readonly BareServo[],
): Promise<BareMujoco> {
  const mujoco = await loadMujoco();
  const { text } = makeMjcf(config, await computeConvexParts(config.model));
  const model = compileMjcf(mujoco, makePlain(text, config, servos), config);
  const all = Array.from({ length: config.numRobots }, () => new mujoco.MjData(model));
  const { nq, nv, nu } = model;
  const home = Float64Array.from(all[0]!.qpos as Float64Array);
  for (const { joint, position } of listHome(config)) {
    const address = mujoco.mj_name2id(
      model,
      mujoco.mjtObj.mjOBJ_JOINT.value,
      getMjcfName(config.model, joint),
    );
    home[model.jnt_qposadr[address] as number] = position;
  }
  // The heap may have grown, and moved, with each of them: views are taken when all are there.
  const views = all.map((data: MjData) => ({
    data,
    qpos: data.qpos as Float64Array,
    qvel: data.qvel as Float64Array,
    ctrl: data.ctrl as Float64Array,
    xfrc: data.xfrc_applied as Float64Array,
  }));
  const bare: BareMujoco = {
    targets: new Float64Array(config.numRobots * nu),
    wrenches: new Float64Array(config.numRobots * 6),
    position: new Float64Array(config.numRobots * nq),
    velocity: new Float64Array(config.numRobots * nv),
    step(count) {
      for (let robot = 0; robot < views.length; robot++) {
        const { data, qpos, qvel, ctrl, xfrc } = views[robot]!;
        for (let k = 0; k < nu; k++) ctrl[k] = bare.targets[robot * nu + k]!;
        for (let k = 0; k < 6; k++) xfrc[6 + k] = bare.wrenches[6 * robot + k]!;
        for (let k = 0; k < count; k++) mujoco.mj_step(model, data);
        for (let k = 0; k < nq; k++) bare.position[robot * nq + k] = qpos[k]!;
        for (let k = 0; k < nv; k++) bare.velocity[robot * nv + k] = qvel[k]!;
      }
    },
    reset(robot) {
      const { data, qpos } = views[robot]!;
      mujoco.mj_resetData(model, data);
      qpos.set(home);
    },
    free() {
      for (const { data } of views) data.delete();
      model.delete();
    },
  };
  for (let robot = 0; robot < config.numRobots; robot++) bare.reset(robot);
  return bare;
}

/** Our MJCF with MuJoCo's integrator and servos instead of ours. */
function makePlain(text: string, { model }: EngineConfig, servos: readonly BareServo[]): string {
  const actuators = servos.map(
    ({ joint, stiffness, damping, maxEffort }) =>
      `<position joint="${getMjcfName(model, joint)}" kp="${stiffness}" kv="${damping}" forcelimited="true" forcerange="${-maxEffort} ${maxEffort}"/>`,
  );
  return text
    .replace('integrator="Euler"', 'integrator="implicitfast"')
    .replace(/ {2}<tendon>[\s\S]*<\/tendon>\n/, '')
    .replace('</mujoco>', `  <actuator>${actuators.join('')}</actuator>\n</mujoco>`);
}

function listHome({ model }: EngineConfig): { joint: string; position: number }[] {
  return model.jointNames.flatMap((joint, j) => {
    const simulated = model.joints.some(({ name, type }) => name === joint && type !== 'fixed');
    const isRotor = model.actuators.some((a) => a.kind === 'rotor' && a.joint === joint);
    return simulated && !isRotor ? [{ joint, position: model.home.jointPosition[j]! }] : [];
  });
}
