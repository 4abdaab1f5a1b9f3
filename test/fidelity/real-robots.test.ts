import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RobotConfig } from '../../sim/robot/config.ts';
import { parseYaml } from '../../sim/schema.ts';
import { getConfigFile, listRealRobots, runRealRobots } from './real-robots.ts';

describe('robots that others described', () => {
  it('each have a robot.yaml of ours that keeps to the schema', () => {
    const robots = listRealRobots();
    expect(robots.length).toBeGreaterThanOrEqual(5);
    for (const robot of robots) {
      const where = getConfigFile(robot);
      const config = parseYaml(RobotConfig, readFileSync(where, 'utf8'), { where, remedy: '' });
      expect(config.actuators.length, robot.name).toBeGreaterThan(0);
    }
  });

  it('are missed, not skipped, where there is no clone of them', async () => {
    const { passes, rows } = await runRealRobots('/nonexistent', undefined, () => {});
    expect(passes).toEqual(listRealRobots().map(() => false));
    expect(rows[0]!.join(' ')).toContain('is not there');
  });
});
