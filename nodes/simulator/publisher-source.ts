import type { RosNode } from '../ros/port.ts';

/** All that publishers of sensors need of a node. */
export type PublisherSource = Pick<RosNode, 'createPublisher'>;
