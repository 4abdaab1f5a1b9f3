import { describe, expect, it } from 'vitest';
import { makeActuatorBank } from '../../../sim/actuator/actuators.ts';
import { ENGINE_NAMES } from '../../../sim/engine/engine.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import { makeActuatorStand } from '../../kit/actuator-stand.ts';
import { makeBench } from '../../kit/engine-bench.ts';
import { makeMotorRobot } from '../../kit/motor-robots.ts';

const DT = 0.002;
/** [rad/s] or [m/s] */
const LIMIT = 10;

/** A boom and a trolley whose joints may not move faster than LIMIT. */
function makeCrane(
  actuators: string,
  commandKind: 'effort' | 'position' | 'velocity' = 'position',
): RobotModel {
  const crane = makeMotorRobot('crane', { actuators, commandKind });
  return { ...crane, joints: crane.joints.map((joint) => ({ ...joint, maxVelocity: LIMIT })) };
}

describe('a motor at the speed limit of its joint', () => {
  it('whose effort is computed step by step gives no more in that direction, and brakes freely', () => {
    const crane = makeCrane('{ kind: effort, joints: [slew, slide], maxEffort: 30 }', 'effort');
    const { engine, state, bank } = makeActuatorStand(crane);
    bank.setCommand(0, [20, 20], 0);
    for (const [velocity, effort] of [
      [9.9, 20],
      [10, 0],
      [-10.5, 20],
    ] as const) {
      state.jointVelocity.fill(velocity);
      bank.apply(engine, state, 0, DT);
      expect([...engine.jointEffort]).toEqual([effort, effort]);
    }
  });

  it('is told to the engine as a servo of that speed, once, until its own law asks for less', () => {
    const crane = makeCrane(
      '{ kind: pd, joints: [slew, slide], stiffness: 40, damping: 0, maxEffort: 30 }',
    );
    const { engine, state, bank } = makeActuatorStand(crane);
    bank.setCommand(0, [2, 0], 0);
    const step = (position: number, velocity: number) => {
      state.jointPosition.set([position, 0]);
      state.jointVelocity.set([velocity, 0]);
      bank.apply(engine, state, 0, DT);
      return engine.drives.length;
    };
    expect(step(0, 9)).toBe(2);
    // Pushed on by min(30, 40·1.9): the brake is 30 N·m for 2 % of 10 rad/s too much, 150 N·m·s/rad.
    expect(step(0.1, 10.1)).toBe(3);
    const brake = { stiffness: 0, damping: 150, maxEffort: 30 };
    expect(engine.drives[2]).toEqual({ robot: 0, jointIndex: 0, drive: brake });
    expect(engine.driveVelocity[0]).toBe(LIMIT);
    expect(step(1, 9.95)).toBe(3);
    // 40·0.1 = 4 N·m are less than the 150·0.1 = 15 N·m that would take it back to its limit.
    expect(step(1.9, 9.9)).toBe(4);
    expect(engine.drives[3]!.drive.stiffness).toBe(40);
    expect([engine.drivePosition[0], engine.driveVelocity[0]]).toEqual([2, 0]);
  });

  it.each(ENGINE_NAMES)('keeps to it in %s, and arrives where it was sent', async (name) => {
    // 0.85 + 2·0.75² kg·m² under 100 N·m would reach √(2·100·3/1.975) = 17 rad/s on the way from −2 to 1.
    for (const integration of ['solver', 'explicit']) {
      const crane = makeCrane(
        `{ kind: pd, joints: [slew, slide], stiffness: 1000, damping: 100, maxEffort: 100, integration: ${integration} }`,
      );
      const bench = await makeBench(crane, { engine: name });
      const bank = makeActuatorBank(crane, 1);
      bank.setMotorTimeout(Number.POSITIVE_INFINITY);
      bench.place(0, (s) => {
        s.jointPosition.set([-2, 0]);
        s.jointVelocity.set([9, 0]);
      });
      bank.reset(0);
      bank.setCommand(0, [1, 0], 0);
      let fastest = 0;
      for (let k = 0; k < 1000; k++) {
        bank.apply(bench.engine, bench.state, k * DT, DT);
        bench.run(DT);
        fastest = Math.max(fastest, bench.state.jointVelocity[0]!);
      }
      // 100 N·m add at most 0.1 rad/s in the step that finds it too fast; the brake's slope is 2 %.
      expect(fastest).toBeGreaterThan(LIMIT * 0.99);
      expect(fastest).toBeLessThan(LIMIT * 1.03);
      expect(bench.state.jointPosition[0]).toBeCloseTo(1, 2);
      bench.engine.free();
    }
  });
});
