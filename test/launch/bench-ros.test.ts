import { describe, expect, it } from 'vitest';
import { ECHO, makeWideRobot, POLICY } from '../../launch/bench-ros-plan.ts';
import { runCli } from '../kit/cli.ts';

describe('zerogap bench ros', () => {
  it('refuses where there is no ROS 2, and says what to do', async () => {
    const { code, stderr } = await runCli(['bench', 'ros', '--json']);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/bench ros.*ROS_DISTRO.*Source it/)]);
  });

  it('gives both contenders the same messages, and takes as much from them', () => {
    const types = ({ inputs, answer }: typeof ECHO) =>
      [...inputs, answer].map(({ type, qos }) => ({ type, qos }));
    expect(types(ECHO)).toEqual(types(POLICY));
    const topics = ({ inputs, answer }: typeof ECHO) => [...inputs, answer].map((t) => t.topic);
    expect(topics(ECHO).filter((topic) => topics(POLICY).includes(topic))).toEqual([]);
    expect(makeWideRobot().jointNames).toHaveLength(29);
  });
});
