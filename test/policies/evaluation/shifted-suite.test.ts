import { describe, expect, it } from 'vitest';
import { shifted } from '../../../policies/evaluation/shifted-suite.ts';
import { planEnv } from '../../../sim/env-plan.ts';
import { RandomizationConfig } from '../../../sim/randomize/config.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { getTask } from '../../../sim/tasks/registry.ts';

const crazyflie = loadRobot('crazyflie');

function makeCases(randomization: Parameters<typeof RandomizationConfig.parse>[0]) {
  const asked = {
    engine: 'rapier' as const,
    randomization: RandomizationConfig.parse(randomization),
    terrain: undefined,
  };
  const cases = shifted.makeCases(asked, crazyflie);
  return Object.fromEntries(cases.map((one) => [one.name, one]));
}

describe('the suite of shifted dynamics', () => {
  it('shifts what is drawn and what is not, and nothing else', () => {
    const cases = makeCases({
      massScale: { uniform: [0.9, 1.1] },
      commandLatencyS: { normal: [0.01, 0.002], clip: [0, 0.02] },
      sensorNoiseScale: { uniform: [1, 2] },
    });
    const heavy = cases['mass +20 %']!.randomization.massScale as { uniform: number[] };
    expect(heavy.uniform[0]).toBeCloseTo(1.08, 12);
    expect(heavy.uniform[1]).toBeCloseTo(1.32, 12);
    expect(cases['mass +20 %']!.randomization.thrustScale).toBe(1);
    expect(cases['motors -15 %']!.randomization.thrustScale).toBe(0.85);
    expect(cases['latency +20 ms']!.randomization.commandLatencyS).toEqual({
      normal: [0.03, 0.002],
      clip: [0.02, 0.04],
    });
    expect(cases['friction -40 %']!.randomization.contactFrictionScale).toBe(0.6);
    const { massScale, thrustScale, commandLatencyS } = cases['all of these']!.randomization;
    expect([massScale, thrustScale, commandLatencyS]).toEqual([
      cases['mass +20 %']!.randomization.massScale,
      0.85,
      cases['latency +20 ms']!.randomization.commandLatencyS,
    ]);
    for (const one of Object.values(cases).slice(1)) {
      expect(one.randomization.sensorNoiseScale).toEqual({ uniform: [1, 2] });
    }
    expect(cases['other engine']).toMatchObject({ engine: 'mujoco' });
    expect(cases['other engine']!.randomization).toEqual(cases.nominal!.randomization);
  });

  it('leaves of the randomisation, as described, where things are and nothing else', () => {
    const { randomization } = makeCases({
      massScale: { uniform: [0.9, 1.1] },
      start: { x: { uniform: [-1, 1] } },
      push: { forceScale: 0.3, intervalS: 2 },
      fixed: { thrustScale: 0.9, 'start.y': 0.5 },
    })['as described']!;
    expect(randomization).toEqual(
      RandomizationConfig.parse({
        start: { x: { uniform: [-1, 1] } },
        fixed: { 'start.y': 0.5 },
      }),
    );
  });

  it('shifts what is fixed too', () => {
    const cases = makeCases({ fixed: { massScale: 1.1 } });
    expect(cases['mass +20 %']!.randomization.fixed.massScale).toBeCloseTo(1.32, 12);
  });

  it('says so where a latency cannot be added', () => {
    expect(() => makeCases({ commandLatencyS: { logUniform: [0.001, 0.01] } })).toThrow(
      /commandLatencyS.*logarithms/s,
    );
  });

  it.each(['cartpole-balance', 'crazyflie-hover', 'crazyflie-track', 'go2-velocity'])(
    'makes cases that %s can have',
    async (name) => {
      const task = getTask(name);
      const model = loadRobot(task.robot);
      const { randomization } = task;
      const asked = { engine: 'rapier' as const, randomization, terrain: undefined };
      for (const { engine, randomization } of shifted.makeCases(asked, model)) {
        await planEnv({ task, engine, randomization, numEnvs: 1 });
      }
    },
  );
});
