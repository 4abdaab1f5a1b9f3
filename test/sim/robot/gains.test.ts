import { describe, expect, it } from 'vitest';
import { orderGains } from '../../../policies/manifest-gains.ts';
import { describeTask } from '../../../policies/training/task-manifest.ts';
import { makeSimEnv } from '../../../sim/env.ts';
import { withGains } from '../../../sim/robot/gains.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { go2Velocity } from '../../../sim/tasks/go2-velocity.ts';

const go2 = loadRobot('go2');
const twelve = (value: number) => go2.actuatedJointNames.map(() => value);

describe('gains', () => {
  it('replace those of the description, motor by motor, and nothing else', () => {
    const stiffness = go2.actuatedJointNames.map((_, k) => 20 + k);
    const model = withGains(go2, { stiffness, damping: twelve(0.5) });
    for (const [k, actuator] of model.actuators.entries()) {
      const joint = go2.actuatedJointNames.indexOf(actuator.joint);
      expect(actuator).toEqual({ ...go2.actuators[k]!, stiffness: 20 + joint, damping: 0.5 });
    }
    expect({ ...model, actuators: [] }).toEqual({ ...go2, actuators: [] });
    expect(withGains(go2, undefined)).toBe(go2);
  });

  it('that no servo has, or of motors without any, are refused with all that is wrong', () => {
    const gains = { stiffness: [1, 2], damping: twelve(Number.NaN) };
    const apply = () => withGains(go2, gains, 'walk.onnx: gains');
    expect(apply).toThrow(/walk\.onnx: gains: wrong length of 'stiffness' \(expected 12, got 2\)/);
    expect(apply).toThrow(/unusable number in 'damping'/);
    const crazyflie = loadRobot('crazyflie');
    const four = [1, 1, 1, 1];
    expect(() => withGains(crazyflie, { stiffness: four, damping: four })).toThrow(
      /m1_joint.*has no gains.*pd.*rotor/,
    );
  });

  it('of a task are what its robots have, and what its policies say of themselves', async () => {
    const env = await makeSimEnv({ task: 'go2-velocity', numEnvs: 1, terrain: {} });
    expect(env.model.actuators.every((a) => a.kind === 'pd' && a.stiffness === 25)).toBe(true);
    env.free();
    const { gains, defaultJointPosition } = describeTask(go2Velocity, go2);
    expect(gains).toEqual(go2Velocity.gains);
    // Where its targets stand at raw 0, which is not home.
    expect(defaultJointPosition.slice(0, 3)).toEqual([0.1, 0.8, -1.5]);
  });

  it('of a policy go by the names of its joints', () => {
    const jointNames = [...go2.actuatedJointNames].reverse();
    const stiffness = jointNames.map((_, k) => k);
    const ordered = orderGains({ jointNames, gains: { stiffness, damping: twelve(1) } }, go2);
    expect(ordered?.stiffness).toEqual([...stiffness].reverse());
    const some = { jointNames: jointNames.slice(1), gains: { stiffness: [1], damping: [1] } };
    expect(() => withGains(go2, orderGains(some, go2))).toThrow(/unusable number/);
  });
});
