import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeEmbeddedContext } from '../../../nodes/ros/embedded.ts';
import { ServiceError } from '../../../nodes/ros/errors.ts';
import type { RosContext, RosNode } from '../../../nodes/ros/port.ts';
import { MessageError } from '../../../nodes/ros/validate.ts';
import { UserError } from '../../../sim/errors.ts';
import { type ManualClock, makeManualClock } from '../../kit/manual-clock.ts';

const TRIGGER = 'std_srvs/srv/Trigger';
let clock: ManualClock;
let context: RosContext;
let errors: string[];
let server: RosNode;
let client: RosNode;

beforeEach(() => {
  errors = [];
  clock = makeManualClock();
  context = makeEmbeddedContext({ clock, log: (_level, _node, message) => errors.push(message) });
  server = context.createNode('server');
  client = context.createNode('client');
});

afterEach(() => context.shutdown());

async function catchError(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => new Error('the call succeeded'),
    (error: Error) => error,
  );
}

/** `gc()`, which Node hides unless told. */
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('a service', () => {
  it('answers, at once or later', async () => {
    server.createService('std_srvs/srv/SetBool', '/now', ({ data }) => ({
      success: data,
      message: 'now',
    }));
    server.createService(TRIGGER, '~/later', async () => {
      await Promise.resolve();
      return { success: true, message: 'later' };
    });
    const now = client.createClient('std_srvs/srv/SetBool', '/now');
    expect(now.isReady()).toBe(true);
    expect(await now.call({ data: false })).toEqual({ success: false, message: 'now' });
    const later = client.createClient(TRIGGER, '/server/later');
    expect(await later.call({})).toEqual({ success: true, message: 'later' });
  });

  it('takes calls in order, with messages in between', async () => {
    const order: string[] = [];
    server.createService('std_srvs/srv/SetBool', '/s', ({ data }) => {
      order.push(`service ${data}`);
      return { success: true, message: '' };
    });
    server.createSubscription(
      'std_msgs/msg/Empty',
      '/t',
      { reliability: 'reliable', durability: 'volatile', depth: 1 },
      () => order.push('topic'),
    );
    const caller = client.createClient('std_srvs/srv/SetBool', '/s');
    const first = caller.call({ data: true });
    client.createPublisher('std_msgs/msg/Empty', '/t').publish({});
    await Promise.all([first, caller.call({ data: false })]);
    expect(order).toEqual(['service true', 'topic', 'service false']);
  });

  it('that comes within the time gets the calls that waited for it', async () => {
    const caller = client.createClient(TRIGGER, '/s');
    expect(caller.isReady()).toBe(false);
    const answer = caller.call({}, { timeoutMs: 100 });
    await context.settled();
    clock.advance(99);
    server.createService(TRIGGER, '/s', () => ({ success: true, message: 'came' }));
    expect(await answer).toEqual({ success: true, message: 'came' });
  });

  it('may have one server only; a second is refused with both names', () => {
    const service = server.createService(TRIGGER, '/s', () => ({ success: true, message: '' }));
    const second = () =>
      client.createService(TRIGGER, '/s', () => ({ success: true, message: '' }));
    expect(second).toThrow(UserError);
    expect(second).toThrow(/\/client.*\/server/);
    service.destroy();
    expect(second).not.toThrow();
  });
});

describe('a call fails', () => {
  it('when no node offers the service within the time', async () => {
    const failure = catchError(client.createClient(TRIGGER, '/none').call({}, { timeoutMs: 50 }));
    await context.settled();
    clock.advance(50);
    const error = await failure;
    expect(error).toBeInstanceOf(ServiceError);
    expect(error.message).toContain(
      'service /none: no node offers it (expected an answer within 50 ms',
    );
  });

  it('when the server stays silent, after 5 s unless told', async () => {
    server.createService(TRIGGER, '/s', () => new Promise(() => {}));
    let outcome = 'waiting';
    const failure = catchError(client.createClient(TRIGGER, '/s').call({}));
    void failure.then(() => {
      outcome = 'failed';
    });
    await context.settled();
    clock.advance(4999);
    await context.settled();
    expect(outcome).toBe('waiting');
    clock.advance(1);
    expect((await failure).message).toContain('no answer');
  });

  it('when the handler throws, which its node logs', async () => {
    server.createService(TRIGGER, '/s', () => {
      throw new Error('motor on fire');
    });
    const error = await catchError(client.createClient(TRIGGER, '/s').call({}));
    expect(error).toBeInstanceOf(ServiceError);
    expect(error.message).toContain('motor on fire');
    expect(error.message).toContain('/server');
    expect(errors).toHaveLength(1);
  });

  it('when the handler answers with something else than the definition says', async () => {
    server.createService(
      TRIGGER,
      '/s',
      () => ({ success: true }) as { success: boolean; message: string },
    );
    const error = await catchError(client.createClient(TRIGGER, '/s').call({}));
    expect(error.message).toContain('message: missing field');
  });

  it('when the request does not fit, before anything is sent', async () => {
    const bad = { data: 1 } as unknown as { data: boolean };
    const error = await catchError(client.createClient('std_srvs/srv/SetBool', '/s').call(bad));
    expect(error).toBeInstanceOf(MessageError);
  });

  it('when the context shuts down first', async () => {
    const failure = catchError(client.createClient(TRIGGER, '/none').call({}));
    await context.shutdown();
    expect((await failure).message).toContain('/none: the context was shut down');
  });

  it('when the service has another type', async () => {
    server.createService(TRIGGER, '/s', () => ({ success: true, message: '' }));
    const error = await catchError(client.createClient('std_srvs/srv/Empty', '/s').call({}));
    expect(error.message).toContain('expected std_srvs/srv/Empty, got std_srvs/srv/Trigger');
  });

  it('when the server that it waited for has another type', async () => {
    const failure = catchError(
      client.createClient('std_srvs/srv/SetBool', '/s').call({ data: true }),
    );
    await context.settled();
    let numCalls = 0;
    server.createService(TRIGGER, '/s', () => {
      numCalls++;
      return { success: true, message: '' };
    });
    expect((await failure).message).toContain(
      'expected std_srvs/srv/SetBool, got std_srvs/srv/Trigger',
    );
    expect(numCalls).toBe(0);
  });

  it('when its client is destroyed first', async () => {
    const caller = client.createClient(TRIGGER, '/none');
    const failure = catchError(caller.call({}));
    caller.destroy();
    expect((await failure).message).toContain('/none: the client was destroyed');
  });
});

describe('a call that has failed', () => {
  it('does not act later, although its request was queued', async () => {
    let numCalls = 0;
    server.createService(TRIGGER, '/s', () => {
      numCalls++;
      return { success: true, message: '' };
    });
    const failure = catchError(client.createClient(TRIGGER, '/s').call({}, { timeoutMs: 50 }));
    // The process was busy for longer than the call may take.
    clock.advance(50);
    expect((await failure).message).toContain('no answer');
    await context.settled();
    expect(numCalls).toBe(0);
  });

  it('does not act when a server comes later', async () => {
    const failure = catchError(client.createClient(TRIGGER, '/s').call({}, { timeoutMs: 50 }));
    await context.settled();
    clock.advance(50);
    await failure;
    let numCalls = 0;
    server.createService(TRIGGER, '/s', () => {
      numCalls++;
      return { success: true, message: '' };
    });
    await context.settled();
    expect(numCalls).toBe(0);
  });
});

describe('a queued call', () => {
  it('is not given to a server that has gone, but to the next one within its time', async () => {
    const heard: string[] = [];
    const serve = (name: string) =>
      server.createService(TRIGGER, '/s', () => {
        heard.push(name);
        return { success: true, message: name };
      });
    const first = serve('first');
    const answer = client.createClient(TRIGGER, '/s').call({});
    first.destroy();
    await context.settled();
    serve('second');
    expect((await answer).message).toBe('second');
    expect(heard).toEqual(['second']);
  });
});

describe('a destroyed node', () => {
  it('is not kept, nor are the clients and services that went before it', async () => {
    const refs = makeAndDestroy();
    await context.settled();
    // A new task: what a task has looked at stays alive until its end.
    await new Promise((resolve) => setTimeout(resolve, 0));
    collectGarbage();
    expect(refs.map((ref) => ref.deref() === undefined)).toEqual([true, true, true]);
  });

  function makeAndDestroy(): WeakRef<object>[] {
    const node = context.createNode('passing');
    node.createService(TRIGGER, '/s', () => ({ success: true, message: '' }));
    const own = client.createClient(TRIGGER, '/s');
    const service = client.createService(TRIGGER, '/t', () => ({ success: true, message: '' }));
    for (const end of [node, own, service]) end.destroy();
    return [new WeakRef(node), new WeakRef(own), new WeakRef(service)];
  }
});
