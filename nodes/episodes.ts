import type { RosNode } from './ros/port.ts';
import { getRobotTopic, TOPICS } from './topics.ts';

/**
 * Calls back when a robot has been put somewhere else, alone or with all others, but not for the episode in which it
 * is met first. Only a simulator says so; a robot has no episodes.
 */
export function followEpisodes(
  node: RosNode,
  robots: readonly string[],
  onBegin: (row: number) => void,
): void {
  const { episode, robotEpisode } = TOPICS;
  node.onTimeBack(() => {
    node.logger.warn('/clock went back: everything begins anew');
    for (let row = 0; row < robots.length; row++) onBegin(row);
  });
  let last: number | undefined;
  node.createSubscription(episode.type, episode.name, episode.qos, ({ data }) => {
    if (last !== undefined && data !== last)
      for (let row = 0; row < robots.length; row++) onBegin(row);
    last = data;
  });
  robots.forEach((robot, row) => {
    let own = 0;
    const topic = getRobotTopic(robot, robotEpisode);
    node.createSubscription(robotEpisode.type, topic, robotEpisode.qos, ({ data }) => {
      if (data !== own) onBegin(row);
      own = data;
    });
  });
}
