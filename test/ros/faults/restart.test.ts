import { expect, it } from 'vitest';
import { QOS } from '../../../nodes/ros/port.ts';
import { describeBackends, until } from '../../kit/ros-backends.ts';

const TYPE = 'std_msgs/msg/UInt32';

describeBackends('a graph that is torn down and made anew', (bench) => {
  it('is as good as new: ends find one another, and nothing of before is told again', async () => {
    for (const round of [1, 2, 3]) {
      const from = await bench.makeContext();
      // Two embedded contexts share nothing: there the other node is of the same.
      const to = bench.backend === 'embedded' ? from : await bench.makeContext();
      const latched = from.createNode('from').createPublisher(TYPE, 'round', QOS.latched);
      latched.publish({ data: round });
      const heard: number[] = [];
      to.createNode('to').createSubscription(TYPE, 'round', QOS.latched, ({ data }) => {
        heard.push(data);
      });
      await until(`round ${round}`, () => heard.length > 0);
      expect(heard).toEqual([round]);
      await from.shutdown();
      await to.shutdown();
    }
  });
});
