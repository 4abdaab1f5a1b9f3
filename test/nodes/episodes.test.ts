import { afterEach, describe, expect, it } from 'vitest';
import { followEpisodes } from '../../nodes/episodes.ts';
import { makeEmbeddedContext } from '../../nodes/ros/embedded.ts';
import type { RosContext } from '../../nodes/ros/port.ts';
import { TOPICS } from '../../nodes/topics.ts';

let context: RosContext | undefined;
afterEach(() => context?.shutdown());

describe('whoever follows episodes', () => {
  it('hears of each robot that begins anew, alone or with all, and not of the first episode', async () => {
    context = makeEmbeddedContext({ log: () => {} });
    const node = context.createNode('test');
    const begun: number[] = [];
    followEpisodes(node, ['a', 'b'], (row) => begun.push(row));
    const { episode, robotEpisode } = TOPICS;
    const all = node.createPublisher(episode.type, episode.name, episode.qos);
    const one = node.createPublisher(robotEpisode.type, '/b/episode', robotEpisode.qos);
    all.publish({ data: 0 });
    await context.settled();
    expect(begun).toEqual([]);
    one.publish({ data: 1 });
    await context.settled();
    expect(begun).toEqual([1]);
    all.publish({ data: 1 });
    await context.settled();
    expect(begun).toEqual([1, 0, 1]);
  });
});
