import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeEmbeddedContext } from '../../../nodes/ros/embedded.ts';
import type { Clock } from '../../../nodes/ros/messages.ts';
import { type Publisher, QOS, type RosContext, type RosNode } from '../../../nodes/ros/port.ts';
import { type ManualClock, makeManualClock } from '../../kit/manual-clock.ts';

let system: ManualClock;
let context: RosContext;
let errors: string[];

beforeEach(() => {
  errors = [];
  system = makeManualClock(1_000_000_000n);
  context = makeEmbeddedContext({
    clock: system,
    log: (_level, _node, message) => errors.push(message),
  });
});

afterEach(() => context.shutdown());

describe('on system time', () => {
  it('a timer fires once per period and keeps its grid', async () => {
    const node = context.createNode('n');
    const firedMs: number[] = [];
    node.createTimer(0.01, () => firedMs.push(Number(node.nowNs()) / 1e6 - 1000));
    for (let i = 0; i < 35; i++) {
      system.advance(1);
      await context.settled();
    }
    expect(firedMs).toEqual([10, 20, 30]);
  });

  it('missed periods are skipped, not made up for', async () => {
    const node = context.createNode('n');
    let numFired = 0;
    node.createTimer(0.01, () => numFired++);
    system.advance(57);
    await context.settled();
    expect(numFired).toBe(1);
    system.advance(2);
    await context.settled();
    expect(numFired).toBe(1);
    // The grid is kept: the next is due at 60 ms.
    system.advance(1);
    await context.settled();
    expect(numFired).toBe(2);
  });

  it('a cancelled timer and the timers of a destroyed node are silent', async () => {
    const node = context.createNode('n');
    let numFired = 0;
    const timer = node.createTimer(0.01, () => numFired++);
    node.createTimer(0.01, () => numFired++);
    timer.cancel();
    timer.cancel();
    node.destroy();
    node.destroy();
    system.advance(100);
    await context.settled();
    expect(numFired).toBe(0);
  });

  it('a throw in a timer is logged once and the timer goes on', async () => {
    const node = context.createNode('n');
    let numFired = 0;
    node.createTimer(0.01, () => {
      numFired++;
      throw new Error('boom');
    });
    for (let i = 0; i < 3; i++) {
      system.advance(10);
      await context.settled();
    }
    expect(numFired).toBe(3);
    expect(errors).toHaveLength(1);
  });

  it('a period of zero or none is a programmer mistake', () => {
    const node = context.createNode('n');
    for (const period of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => node.createTimer(period, () => {})).toThrow(RangeError);
    }
  });
});

describe('on simulated time', () => {
  let clock: Publisher<Clock>;
  let node: RosNode;

  beforeEach(() => {
    clock = context
      .createNode('simulator')
      .createPublisher('rosgraph_msgs/msg/Clock', '/clock', QOS.clock);
    node = context.createNode('n', { parameters: { use_sim_time: true } });
  });

  async function tick(ms: number): Promise<void> {
    clock.publish({
      clock: { sec: Math.floor(ms / 1000), nanosec: Math.round((ms % 1000) * 1e6) },
    });
    await context.settled();
  }

  it('time is zero until the first /clock, then what /clock says', async () => {
    expect(node.nowNs()).toBe(0n);
    await tick(2345);
    expect(node.nowNs()).toBe(2_345_000_000n);
    system.advance(1000);
    expect(node.nowNs()).toBe(2_345_000_000n);
  });

  it('timers fire in order of their times, those due together in the order they were made', async () => {
    const order: string[] = [];
    await tick(1000);
    node.createTimer(0.03, () => order.push(`slow ${node.nowNs() / 1_000_000n}`));
    node.createTimer(0.02, () => order.push(`fast ${node.nowNs() / 1_000_000n}`));
    node.createTimer(0.03, () => order.push(`slow too ${node.nowNs() / 1_000_000n}`));
    for (const ms of [1010, 1020, 1030, 1040]) await tick(ms);
    expect(order).toEqual(['fast 1020', 'slow 1030', 'slow too 1030', 'fast 1040']);
  });

  it('a jump over many periods fires each timer once, earliest first', async () => {
    const order: string[] = [];
    await tick(1000);
    node.createTimer(0.03, () => order.push('30 ms'));
    node.createTimer(0.01, () => order.push('10 ms'));
    await tick(1500);
    expect(order).toEqual(['10 ms', '30 ms']);
    await tick(1509);
    expect(order).toHaveLength(2);
    // 1000 + 51 · 10 ms; the other is due at 1000 + 17 · 30 = 1510 ms too and was made first.
    await tick(1510);
    expect(order.slice(2)).toEqual(['30 ms', '10 ms']);
  });

  it('a jump back starts every period anew', async () => {
    let numFired = 0;
    await tick(5000);
    node.createTimer(1, () => numFired++);
    await tick(0);
    await tick(999);
    expect(numFired).toBe(0);
    await tick(1000);
    expect(numFired).toBe(1);
  });

  it('system time does not move simulated timers', async () => {
    let numFired = 0;
    await tick(1000);
    node.createTimer(0.01, () => numFired++);
    system.advance(1000);
    await context.settled();
    expect(numFired).toBe(0);
  });

  it('the parameter can switch between the two while running', async () => {
    await tick(1000);
    node.setParameter('use_sim_time', false);
    expect(node.nowNs()).toBe(1_000_000_000n);
    let numFired = 0;
    node.createTimer(0.01, () => numFired++);
    system.advance(10);
    await context.settled();
    expect(numFired).toBe(1);
    node.setParameter('use_sim_time', true);
    system.advance(100);
    await tick(7000);
    expect(node.nowNs()).toBe(7_000_000_000n);
    expect(numFired).toBe(1);
  });

  it('a timer that cancels another due at the same time silences it', async () => {
    let numFired = 0;
    await tick(1000);
    node.createTimer(0.01, () => second.cancel());
    const second = node.createTimer(0.01, () => numFired++);
    await tick(1010);
    expect(numFired).toBe(0);
  });
});
