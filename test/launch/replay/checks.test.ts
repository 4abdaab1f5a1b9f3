import { describe, expect, it } from 'vitest';
import { listMotorTopics } from '../../../launch/replay/checks.ts';
import type { Recording } from '../../../nodes/recording/mcap-reader.ts';

function record(...names: readonly string[]): Pick<Recording, 'topics'> {
  const qos = { reliability: 'reliable', durability: 'volatile', depth: 10 } as const;
  const type = 'sensor_msgs/msg/JointState';
  return { topics: names.map((topic) => ({ topic, type, qos, numMessages: 1 })) };
}

describe('what would move a robot if it were played', () => {
  const recording = record(
    '/cf00/odom',
    '/cf00/joint_command',
    '/cf00/policy/joint_command',
    '/cmd_vel',
    '/cf00/joint_commands',
  );

  it('is what the safety node and the policy said, and twists', () => {
    expect(listMotorTopics(recording, [])).toEqual([
      ...['/cf00/joint_command', '/cf00/policy/joint_command', '/cmd_vel'],
    ]);
  });

  it('is played where it is named in full, not where a pattern happens to hold it', () => {
    expect(listMotorTopics(recording, ['/cf00/*', '/cmd_vel'])).toEqual([
      ...['/cf00/joint_command', '/cf00/policy/joint_command'],
    ]);
  });
});
