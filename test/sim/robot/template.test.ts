import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ENGINE_NAMES } from '../../../sim/engine/engine.ts';
import { RandomizationConfig } from '../../../sim/randomize/config.ts';
import { describeRobot } from '../../../sim/robot/describe.ts';
import { openRobot } from '../../../sim/robot/open.ts';
import { makeConfigTemplate } from '../../../sim/robot/template.ts';
import { FLAT_SCENE } from '../../../sim/terrain/scene.ts';
import { makeRobotWorld } from '../../../sim/world.ts';

/** [m] Contacts sink in, and springs of 30 rad/s sag: g / 30² is 11 mm for what hangs on one alone. */
const SAG = 0.011;
/** [rad/s] A servo of 30 rad/s that is damped critically has come to rest within 2 s. */
const STILL = 0.05;

describe('a robot.yaml begun from a URDF', () => {
  it.each(ENGINE_NAMES)('lets a quadruped stand in %s as it is', async (engine) => {
    const config = join(mkdtempSync(join(tmpdir(), 'template-')), 'robot.yaml');
    writeFileSync(config, makeConfigTemplate(await describeRobot('go2')));
    const model = await openRobot('go2', { config });
    const world = await makeRobotWorld({
      ...{ model, engine, numRobots: 1, tileSpacing: 0, scene: FLAT_SCENE },
      ...{ controlRateHz: model.physics.rateHz, motorTimeoutS: 10 },
      randomization: RandomizationConfig.parse({}),
    });
    const { position, jointVelocity } = world.truth;
    const home = model.home;
    world.setCommand(0, Float64Array.from(home.jointPosition));
    while (world.timeS < 2) world.advance();
    expect(Math.hypot(...position.map((p, k) => p - home.position[k]!))).toBeLessThan(SAG);
    expect(Math.max(...jointVelocity.map(Math.abs))).toBeLessThan(STILL);
    world.free();
  });
});
