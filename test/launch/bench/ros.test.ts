import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkProgram, startAll, startRclcppEcho } from '../../../launch/bench/ros-children.ts';
import {
  type Contender,
  ECHO,
  ECHO_RCLCPP,
  findInputs,
  getAnswerTopic,
  listQuestionTopics,
  makeWideRobot,
  POLICY,
} from '../../../launch/bench/ros-plan.ts';
import { findPolicyFile } from '../../../launch/paths.ts';
import { QOS } from '../../../nodes/ros/port.ts';
import { readManifest } from '../../../policies/onnx/read-manifest.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { runCli } from '../../kit/cli.ts';

const ECHO_SOURCE = new URL('../../../launch/bench/rclcpp-echo/echo.cpp', import.meta.url);

describe('zerogap bench ros', () => {
  it('refuses where there is no ROS 2, and says what to do', async () => {
    const { code, stderr } = await runCli(['bench', 'ros', '--json']);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/bench ros.*ROS_DISTRO.*Source it/)]);
  });

  it('gives both contenders the same messages, and takes as much from them', () => {
    const inputs = { odom: true, joints: true };
    const list = (one: Contender) => [...listQuestionTopics(one, inputs), getAnswerTopic(one)];
    const types = (one: Contender) => list(one).map(({ type, qos }) => ({ type, qos }));
    expect(types(ECHO)).toEqual(types(POLICY));
    expect(types(ECHO_RCLCPP)).toEqual(types(POLICY));
    const topics = (one: Contender) => list(one).map(({ topic }) => topic);
    expect(topics(ECHO).filter((topic) => topics(POLICY).includes(topic))).toEqual([]);
    expect(makeWideRobot().jointNames).toHaveLength(29);
  });

  it('takes the topics and their quality of service from one place, also in C++', () => {
    const source = readFileSync(ECHO_SOURCE, 'utf8');
    const [odom, joints] = listQuestionTopics(ECHO_RCLCPP, { odom: true, joints: true });
    const answer = getAnswerTopic(ECHO_RCLCPP);
    for (const { topic } of [odom!, joints!, answer]) {
      expect(source).toContain(`robot + "${topic.slice(ECHO_RCLCPP.namespace.length)}"`);
    }
    expect([odom!.qos, joints!.qos]).toEqual([QOS.sensorData, QOS.sensorData]);
    expect(source).toContain(`rclcpp::QoS(${QOS.sensorData.depth}).best_effort()`);
    expect(answer.qos).toEqual(QOS.default);
    expect(source).toContain(`rclcpp::QoS(${QOS.default.depth}))`);
  });

  it('refuses an echo that cannot be run', () => {
    expect(() => checkProgram('build/none')).toThrow(
      /--rclcpp-echo: .*cannot be run.*'build\/none'.*Build it/,
    );
    expect(() => checkProgram(process.execPath)).not.toThrow();
  });

  it('ends who has started where one does not', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const ended = once(other, 'exit');
    // Ends at once, and says nothing.
    const echo = startRclcppEcho('/bin/false', loadRobot('cartpole'));
    await expect(startAll([Promise.resolve(other), echo])).rejects.toThrow(
      /cannot be run.*'\/bin\/false'.*ended with code 1/,
    );
    expect(await ended).toEqual([null, 'SIGTERM']);
  });

  it('tells a policy what its robot measures, and where to be if it asks', () => {
    const find = (policy: string) => {
      const file = findPolicyFile(policy, 'test');
      const manifest = readManifest(readFileSync(file), file);
      return findInputs(loadRobot(manifest.robot), manifest);
    };
    expect(find('go2-velocity')).toEqual({ odom: true, joints: true, place: false });
    expect(find('cartpole-balance')).toEqual({ odom: false, joints: true, place: true });
    expect(find('crazyflie-hover')).toEqual({ odom: true, joints: false, place: true });
  });
});
