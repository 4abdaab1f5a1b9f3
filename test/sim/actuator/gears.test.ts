import { describe, expect, it } from 'vitest';
import { makeActuatorBank } from '../../../sim/actuator/actuators.ts';
import { ENGINE_NAMES, type EngineName } from '../../../sim/engine/engine.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import { makeBench } from '../../kit/engine-bench.ts';
import { makeMotorRobot } from '../../kit/motor-robots.ts';

const DT = 0.002;
const EFFORT = (more: string) => `{ kind: effort, joints: [axle], maxEffort: 100${more} }`;

/** A flywheel of 0.5 kg·m² with its motor, in an engine; returns how to run it under an effort. */
async function makeFlywheel(model: RobotModel, engine: EngineName, startSpeed: number) {
  const bench = await makeBench(model, { engine, timestepS: DT });
  const bank = makeActuatorBank(model, 1);
  bank.setMotorTimeout(Number.POSITIVE_INFINITY);
  bench.place(0, (state) => {
    state.jointVelocity[0] = startSpeed;
  });
  let timeS = 0;
  return {
    run(effort: number, durationS: number): void {
      for (let i = 0; i < Math.round(durationS / DT); i++) {
        bank.setCommand(0, [effort], timeS);
        bank.apply(bench.engine, bench.state, timeS, DT);
        bench.run(DT);
        timeS += DT;
      }
    },
    get speed(): number {
      return bench.state.jointVelocity[0]!;
    },
    get angle(): number {
      return bench.state.jointPosition[0]!;
    },
    free: () => bench.engine.free(),
  };
}

describe.each(ENGINE_NAMES)('gears in %s', (engine) => {
  it('brake by Coulomb friction of motor and joint together, then hold without creeping', async () => {
    // The joint's own 0.3 N·m and the motor's 0.2.
    const model = makeMotorRobot('rubbing', {
      actuators: EFFORT(', friction: { coulomb: 0.2, viscous: 0 }'),
    });
    const flywheel = await makeFlywheel(model, engine, 1);
    // 1 rad/s · 0.5 kg·m² / 0.5 N·m = 1 s; halfway it has half of its speed.
    flywheel.run(0, 0.5);
    expect(flywheel.speed).toBeCloseTo(0.5, 2);
    flywheel.run(0, 0.6);
    expect(Math.abs(flywheel.speed)).toBeLessThan(1e-3);
    const angle = flywheel.angle;
    flywheel.run(0.45, 1);
    // Under 90 % of the friction; 1 mrad is the engines' own softness.
    expect(Math.abs(flywheel.angle - angle)).toBeLessThan(1e-3);
    flywheel.free();
  });

  it('brake by viscous friction, e-fold by e-fold', async () => {
    const model = makeMotorRobot('damped', {
      actuators: EFFORT(', friction: { coulomb: 0, viscous: 0.05 }'),
    });
    const flywheel = await makeFlywheel(model, engine, 1);
    // 0.5 / (0.2 + 0.05) = 2 s. Implicit at 2 ms: within 0.1 %.
    flywheel.run(0, 2);
    expect(flywheel.speed).toBeCloseTo(1 / Math.E, 3);
    flywheel.free();
  });

  it("with play leave the wheel alone for √(2·gap·J/τ), then give it the motor's whole momentum", async () => {
    const model = makeMotorRobot('damped', {
      actuators: EFFORT(', backlash: 0.2'),
      more: 'joints: { axle: { armature: 0.1, damping: 0, friction: 0 } }',
    });
    const flywheel = await makeFlywheel(model, engine, 0);
    flywheel.run(1e-6, DT);
    // √(2 · 0.2 · 0.1 / 1) = 0.2 s across the gap.
    flywheel.run(-1, 0.19);
    expect(Math.abs(flywheel.speed)).toBeLessThan(1e-6);
    flywheel.run(-1, 0.31);
    // All of the effort's 0.5 N·m·s is in wheel and motor: 0.5 / (0.5 + 0.1).
    expect(flywheel.speed).toBeCloseTo(-0.5 / 0.6, 3);
    flywheel.free();
  });
});
