import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeEpisodeRecording, openEpisodeRobot } from '../../../launch/replay/episode.ts';
import { readOdometry } from '../../../nodes/convert/base.ts';
import { readJointState } from '../../../nodes/convert/joints.ts';
import { openRecording, type Recording } from '../../../nodes/recording/mcap-reader.ts';
import type { JointState, Odometry } from '../../../nodes/ros/messages.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { readJsonLine, runCli } from '../../kit/cli.ts';
import { makeQuickFolder } from '../../kit/folders.ts';

let file: string;
let episode: Recording;
let model: RobotModel;
let folder: string;

beforeAll(async () => {
  folder = makeQuickFolder();
  const out = path.join(folder, 'data');
  const { code, stderr } = await runCli([
    ...['episodes', '--task', 'cartpole-balance', '--policy', 'classical', '--workers', '1'],
    ...['--episodes', '1', '--format', 'mcap', '--out', out],
  ]);
  expect(code, stderr).toBe(0);
  const shard = path.join(out, 'mcap/chunk-000/shard-000');
  file = path.join(shard, readdirSync(shard)[0]!);
  episode = await openRecording(file);
  model = await openEpisodeRobot(episode, undefined);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the episode says of its own frames. */
async function readPoses() {
  const poses = [];
  for await (const { topic, bytes, logTimeNs } of episode.messages()) {
    if (topic === '/pose') {
      const { position, orientation, jointPosition } = JSON.parse(new TextDecoder().decode(bytes));
      poses.push({ logTimeNs, position, orientation, jointPosition });
    }
  }
  return poses;
}

describe('an episode in MCAP that is played', () => {
  it('puts base and joints where they were, at the times at which they were there', async () => {
    const poses = await readPoses();
    const frames = { odom: 'robot/odom', base: 'robot/base_link' };
    const state = makeStateBatch(1, model.jointNames.length);
    const seen = { odom: 0, joints: 0 };
    for await (const { topic, decode, logTimeNs } of makeEpisodeRecording(
      episode,
      model,
    ).messages()) {
      if (topic === '/robot/ground_truth/odom') {
        const { position: p, orientation: q, logTimeNs: at } = poses[seen.odom++]!;
        readOdometry(state, 0, decode() as Odometry, frames);
        expect(logTimeNs).toBe(at);
        expect([...state.position]).toEqual([p.x, p.y, p.z]);
        expect([...state.orientation]).toEqual([q.x, q.y, q.z, q.w]);
        // No speed is recorded, and none is made up.
        expect([...state.linearVelocityW]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
      } else if (topic === '/robot/joint_states') {
        readJointState(state, 0, decode() as JointState, model);
        const { jointPosition } = poses[seen.joints++]!;
        expect([...state.jointPosition]).toEqual(
          model.jointNames.map((name) => jointPosition[name]),
        );
      }
    }
    const frameCount = Number(episode.metadata.episode?.steps) + 1;
    expect(seen).toEqual({ odom: frameCount, joints: frameCount });
    // The cart begins somewhere and is brought to the middle.
    expect(poses[0]!.jointPosition).not.toEqual(poses.at(-1)!.jointPosition);
  });

  it('goes through the topics of `zerogap replay`, and is sound to `zerogap inspect`', async () => {
    const played = await runCli(['replay', file, '--headless', '--rate', '0', '--json']);
    expect(played.code, played.stderr).toBe(0);
    const frames = Number(episode.metadata.episode?.steps) + 1;
    // Clock, joints, odometry and true odometry of every frame.
    const expected = { messages: 4 * frames, skipped: [], isComplete: true };
    expect(readJsonLine(played.stdout)).toMatchObject(expected);
    const inspected = await runCli(['inspect', file, '--json']);
    expect(readJsonLine(inspected.stdout)).toMatchObject({ ok: true, problems: [] });
  }, 120_000);

  it('is refused with a robot that is described otherwise, and without poses', async () => {
    await expect(openEpisodeRobot(episode, 'turtlebot')).rejects.toThrow(
      /another one.*expected sha/,
    );
    const bare = { ...episode, topics: episode.topics.filter(({ topic }) => topic !== '/pose') };
    expect(() => makeEpisodeRecording(bare, model)).toThrow(/expected a topic \/pose/);
  });
});
