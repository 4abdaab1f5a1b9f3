import { describe, expect, it } from 'vitest';
import { loadRobot } from '../../../sim/robot/load.ts';
import { computeBatchRobots, planVecShards } from '../../../sim/vec-env/plan.ts';

describe('how many robots a thread steps together', () => {
  it.each([
    // 13 bodies each: 16 of them are 208.
    ['go2', 16],
    ['turtlebot', 64],
    ['cartpole', 64],
    ['crazyflie', 64],
  ])('of %s: %i', (name, count) => {
    expect(computeBatchRobots(loadRobot(name))).toBe(count);
  });

  it('is one at least, however many bodies a robot has', () => {
    const { links, joints, ...rest } = loadRobot('go2');
    // The legs forty times over: 481 bodies.
    const copies = Array.from({ length: 40 }, (_, k) => k);
    const isTrunk = new Set(
      [...links.map(({ name }) => name)].filter(
        (name) => !joints.some(({ child }) => child === name),
      ),
    );
    const rename = (name: string, k: number) => (isTrunk.has(name) ? name : `${name}_${k}`);
    const many = {
      ...rest,
      links: links.flatMap((link) =>
        isTrunk.has(link.name)
          ? [link]
          : copies.map((k) => ({ ...link, name: rename(link.name, k) })),
      ),
      joints: joints.flatMap((joint) =>
        copies.map((k) => ({
          ...joint,
          name: `${joint.name}_${k}`,
          parent: rename(joint.parent, k),
          child: rename(joint.child, k),
        })),
      ),
    };
    expect(computeBatchRobots(many)).toBe(1);
  });
});

describe('shards', () => {
  it('are dealt out in turn, group by group', () => {
    const shards = planVecShards({ numEnvs: 10, numWorkers: 2, numGroups: 2, shardRobots: 3 });
    expect(shards).toEqual([
      { index: 0, firstEnv: 0, numEnvs: 3, group: 0, worker: 0 },
      { index: 1, firstEnv: 3, numEnvs: 3, group: 0, worker: 1 },
      { index: 2, firstEnv: 6, numEnvs: 3, group: 1, worker: 0 },
      { index: 3, firstEnv: 9, numEnvs: 1, group: 1, worker: 1 },
    ]);
  });

  it('are too few for more groups', () => {
    const plan = () => planVecShards({ numEnvs: 4, numWorkers: 0, numGroups: 3, shardRobots: 2 });
    expect(plan).toThrow('4 environments make 2 shards of 2, too few for 3 groups');
  });
});
