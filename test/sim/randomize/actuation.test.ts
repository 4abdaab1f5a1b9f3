import { describe, expect, it } from 'vitest';
import { Rng } from '../../../sim/math/rng.ts';
import { applyActuation } from '../../../sim/randomize/actuation.ts';
import { RandomizationConfig } from '../../../sim/randomize/config.ts';
import { RandomizationPlan } from '../../../sim/randomize/draw.ts';
import { parseValue } from '../../../sim/schema.ts';
import { makeActuatorStand } from '../../kit/actuator-stand.ts';
import { makeMotorRobot } from '../../kit/motor-robots.ts';

const DT = 0.002;

describe('randomised motors', () => {
  it('get gains, strength, delay and charge from the draw, one robot at a time', () => {
    const model = makeMotorRobot('crane', {
      commandKind: 'position',
      actuators:
        '{ kind: pd, joints: [slew, slide], stiffness: 40, damping: 2, maxEffort: 30, delayS: 0.01 }',
      more: 'batteries: { pack: { nominalVoltage: 10, emptyVoltage: 8, resistance: 0, capacity: 1 } }',
    });
    const { engine, state, bank } = makeActuatorStand(model);
    const config = RandomizationConfig.parse({
      stiffnessScale: 1.5,
      dampingScale: 0.5,
      effortScale: 2,
      motorDelayScale: 0.2,
      batteryCharge: 0.5,
    });
    const plan = new RandomizationPlan(config);
    applyActuation(bank, 0, plan.draw(new Rng(1)), plan, model);
    bank.reset(0);
    bank.setCommand(0, [0.5, 0.1], 0);
    bank.apply(engine, state, 0, DT);
    // 40·1.5·2, 2·0.5·2, 30·2.
    expect(engine.drives[0]?.drive).toEqual({ stiffness: 120, damping: 2, maxEffort: 60 });
    // 10 ms · 0.2 = 2 ms: not yet, then at the next step.
    expect(engine.drivePosition[0]).toBe(0);
    bank.apply(engine, state, DT, DT);
    expect(engine.drivePosition[0]).toBe(0.5);
    expect(bank.batteryVoltage[0]).toBe(9);
  });

  it('cannot start with more than a full battery, nor with motors without inertia', () => {
    const parse = (config: object) =>
      parseValue(RandomizationConfig, config, { where: 'file', remedy: 'Fix it.' });
    expect(() => parse({ batteryCharge: { uniform: [0.5, 1] } })).not.toThrow();
    expect(() => parse({ batteryCharge: { uniform: [0.5, 1.1] } })).toThrow(
      /batteryCharge: .*from 0 to 1.*to 1\.1/,
    );
    expect(() => parse({ armatureScale: { uniform: [0, 1] } })).toThrow(
      /armatureScale: .*from 0\.001 to 1000/,
    );
  });
});
