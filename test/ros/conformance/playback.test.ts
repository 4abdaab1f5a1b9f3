import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makePlayerNode } from '../../../nodes/player-node.ts';
import { openRecording } from '../../../nodes/recording/mcap-reader.ts';
import { writeCdr } from '../../../nodes/ros/cdr.ts';
import { QOS } from '../../../nodes/ros/port.ts';
import { writeBag } from '../../kit/bags.ts';
import { makeQuickFolder } from '../../kit/folders.ts';
import { describeBackends, until } from '../../kit/ros-backends.ts';

let folder: string;
beforeEach(() => {
  folder = makeQuickFolder();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const TEXT = 'std_msgs/msg/String';
const RANGE = 'sensor_msgs/msg/Range';

describeBackends('a recording that is played', (bench) => {
  it('reaches nodes as it was recorded, those that come late too, with simulated time', async () => {
    const file = path.join(folder, 'bag.mcap');
    const text = (data: string) => writeCdr(TEXT, { data });
    const header = { stamp: { sec: 1, nanosec: 0 }, frame_id: 'ear' };
    const range = {
      ...{ header, radiation_type: 1, field_of_view: 0.5, min_range: 0.25, max_range: 4 },
      ...{ range: 2.5, variance: 0 },
    };
    await writeBag(file, [
      { topic: '/map', type: TEXT, offers: [QOS.latched], messages: [[10, text('latched')]] },
      { topic: '/chat', type: TEXT, messages: [10, 10.5].map((at) => [at, text(`${at}`)]) },
      // Humble's has no `variance`: there it is put into the words of the ROS on the machine.
      { topic: '/ear', type: RANGE, messages: [[10.5, writeCdr(RANGE, range)]] },
    ]);
    const from = await bench.makeContext();
    // Two embedded contexts share nothing: there the other node is of the same.
    const to = bench.backend === 'embedded' ? from : await bench.makeContext();
    const listener = to.createNode('listener', { parameters: { use_sim_time: true } });
    const heard: string[] = [];
    const ranges: unknown[] = [];
    listener.createSubscription(TEXT, '/chat', QOS.default, ({ data }) => heard.push(data));
    listener.createSubscription(RANGE, '/ear', QOS.default, (message) => ranges.push(message));
    const player = makePlayerNode(from, { recording: await openRecording(file), rate: 1 });
    expect(player.skipped).toEqual([]);
    await until('the publishers', () => listener.getPublishers('/chat').length > 0);
    await player.play();
    await until('both messages', () => heard.includes('10.5') && ranges.length > 0);
    expect(ranges).toEqual([range]);
    await until('the time', () => listener.nowNs() === 10_500_000_000n);
    const late: string[] = [];
    listener.createSubscription(TEXT, '/map', QOS.latched, ({ data }) => late.push(data));
    await until('the latched one', () => late.length > 0);
    expect(late).toEqual(['latched']);
  });
});
