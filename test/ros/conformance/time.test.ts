import { expect, it } from 'vitest';
import { QOS } from '../../../nodes/ros/port.ts';
import { describeBackends, until, waitInVain } from '../../kit/ros-backends.ts';

const CLOCK = 'rosgraph_msgs/msg/Clock';

describeBackends('time', (bench) => {
  it('is the system’s unless told otherwise', async () => {
    const node = await bench.makeNode('n');
    const offNs = node.nowNs() - BigInt(Date.now()) * 1_000_000n;
    // A day: the clock may step, but not that far.
    expect(Math.abs(Number(offNs)) / 1e9).toBeLessThan(86_400);
  });

  it('is what /clock says with use_sim_time, for timers too, also when it goes back', async () => {
    const simulator = await bench.makeNode('simulator');
    const clock = simulator.createPublisher(CLOCK, '/clock', QOS.clock);
    const node = await bench.makeNode('n', { parameters: { use_sim_time: true } });
    expect(node.nowNs()).toBe(0n);
    let numFired = 0;
    node.createTimer(0.5, () => numFired++);
    const backAtNs: bigint[] = [];
    node.onTimeBack(() => backAtNs.push(node.nowNs()));
    const told: (readonly [nowNs: bigint, numFired: number])[] = [];
    node.onTime(() => told.push([node.nowNs(), numFired]));
    await until('a match', () => clock.countSubscriptions() > 0);
    const moveTo = async (sec: number) => {
      clock.publish({ clock: { sec, nanosec: 0 } });
      await until(`${sec} s`, () => node.nowNs() === BigInt(sec) * 1_000_000_000n);
    };
    await moveTo(10);
    // The first word of the clock starts the period: nothing is due yet.
    expect(numFired).toBe(0);
    await moveTo(11);
    // Two periods late, it fires once.
    expect(numFired).toBe(1);
    await moveTo(3);
    expect(numFired).toBe(1);
    await moveTo(4);
    expect(numFired).toBe(2);
    expect(backAtNs).toEqual([3_000_000_000n]);
    // The clock comes to who asked for every time, then to the timers.
    expect(told).toEqual([
      [10_000_000_000n, 0],
      [11_000_000_000n, 0],
      [3_000_000_000n, 1],
      [4_000_000_000n, 1],
    ]);
  });

  it('lets a timer wait for what follows from the same instant', async () => {
    const simulator = await bench.makeNode('simulator');
    const clock = simulator.createPublisher(CLOCK, '/clock', QOS.clock);
    const node = await bench.makeNode('n', { parameters: { use_sim_time: true } });
    const order: string[] = [];
    node.createTimer(1, () => node.whenHeard(() => order.push('report')));
    node.onTime(() => node.whenHeard(() => order.push('tick')));
    await until('a match', () => clock.countSubscriptions() > 0);
    for (const sec of [5, 6]) {
      clock.publish({ clock: { sec, nanosec: 0 } });
      await until(`${sec} s`, () => node.nowNs() === BigInt(sec) * 1_000_000_000n);
    }
    await until('a report', () => order.includes('report'));
    expect(order).toEqual(['tick', 'tick', 'report']);
  });

  it('stands still while /clock is silent', async () => {
    const node = await bench.makeNode('n', { parameters: { use_sim_time: true } });
    let numFired = 0;
    node.createTimer(0.01, () => numFired++);
    await waitInVain();
    expect([numFired, node.nowNs()]).toEqual([0, 0n]);
  });

  it('may be acted upon once what came with it is heard, and not within the callback that asks for it', async () => {
    const simulator = await bench.makeNode('simulator');
    const clock = simulator.createPublisher(CLOCK, '/clock', QOS.clock);
    const node = await bench.makeNode('n', { parameters: { use_sim_time: true } });
    const order: string[] = [];
    node.onTime(() => {
      order.push('time');
      node.whenHeard(() => {
        order.push('heard');
        throw new Error('goes no further');
      });
      node.whenHeard(() => order.push('heard by another'));
      order.push('asked');
    });
    await until('a match', () => clock.countSubscriptions() > 0);
    clock.publish({ clock: { sec: 1, nanosec: 0 } });
    await until('the end', () => order.length === 4);
    await waitInVain();
    expect(order).toEqual(['time', 'asked', 'heard', 'heard by another']);
  });

  it('fires timers, and none that was cancelled or whose node is gone', async () => {
    const node = await bench.makeNode('n');
    let numFired = 0;
    const timer = node.createTimer(0.01, () => numFired++);
    await until('three ticks', () => numFired >= 3);
    timer.cancel();
    node.createTimer(0.01, () => numFired++);
    node.destroy();
    const numBefore = numFired;
    await waitInVain();
    expect(numFired).toBe(numBefore);
  });
});
