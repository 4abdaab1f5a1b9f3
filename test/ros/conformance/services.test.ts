import { expect, it } from 'vitest';
import { ServiceError } from '../../../nodes/ros/errors.ts';
import { MessageError } from '../../../nodes/ros/validate.ts';
import { describeBackends, until } from '../../kit/ros-backends.ts';

const SET = 'std_srvs/srv/SetBool';
const TRIGGER = 'std_srvs/srv/Trigger';

describeBackends('a service', (bench) => {
  it('answers each call with its own answer', async () => {
    const node = await bench.makeNode('n');
    node.createService(SET, 'light', ({ data }) => ({
      success: true,
      message: data ? 'on' : 'off',
    }));
    const client = node.createClient(SET, 'light');
    const answers = await Promise.all([true, false, true].map((data) => client.call({ data })));
    expect(answers.map(({ message }) => message)).toEqual(['on', 'off', 'on']);
  });

  it('may take its time', async () => {
    const node = await bench.makeNode('n');
    node.createService(TRIGGER, 'slow', async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return { success: true, message: 'done' };
    });
    expect(await node.createClient(TRIGGER, 'slow').call({})).toEqual({
      success: true,
      message: 'done',
    });
  });

  it('without fields is called with nothing and answers nothing', async () => {
    const node = await bench.makeNode('n');
    let numCalls = 0;
    node.createService('std_srvs/srv/Empty', 'reset', () => {
      numCalls++;
      return {};
    });
    expect(await node.createClient('std_srvs/srv/Empty', 'reset').call({})).toEqual({});
    expect(numCalls).toBe(1);
  });

  it('is waited for by a call that comes before it', async () => {
    const node = await bench.makeNode('n');
    const client = node.createClient(TRIGGER, 'late');
    expect(client.isReady()).toBe(false);
    const answer = client.call({});
    node.createService(TRIGGER, 'late', () => ({ success: true, message: 'here' }));
    expect((await answer).message).toBe('here');
    await until('the client to be ready', () => client.isReady());
  });

  it('that nobody offers fails its call when the time is up', async () => {
    const node = await bench.makeNode('n');
    const call = node.createClient(TRIGGER, 'none').call({}, { timeoutMs: 50 });
    await expect(call).rejects.toThrow(ServiceError);
    await expect(call).rejects.toThrow(
      /service \/none: no node offers it \(expected an answer within 50 ms, got no server\)/,
    );
  });

  it('of another type is not called', async () => {
    const node = await bench.makeNode('n');
    node.createService(SET, 'light', () => ({ success: true, message: '' }));
    await until('it to be seen', () => node.createClient(SET, 'light').isReady());
    const call = node.createClient(TRIGGER, 'light').call({}, { timeoutMs: 200 });
    await expect(call).rejects.toThrow(
      /has another type \(expected std_srvs\/srv\/Trigger, got std_srvs\/srv\/SetBool/,
    );
  });

  it('that throws fails the call and nothing else', async () => {
    const node = await bench.makeNode('n');
    node.createService(TRIGGER, 'bad', () => {
      throw new Error('no paper');
    });
    node.createService(TRIGGER, 'good', () => ({ success: true, message: '' }));
    const call = node.createClient(TRIGGER, 'bad').call({}, { timeoutMs: 300 });
    await expect(call).rejects.toThrow(ServiceError);
    expect(bench.logs.some(({ message }) => /no paper/.test(message))).toBe(true);
    expect((await node.createClient(TRIGGER, 'good').call({})).success).toBe(true);
  });

  it('that answers what is no answer fails the call, and says where', async () => {
    const node = await bench.makeNode('n');
    node.createService(TRIGGER, 'bad', () => ({ success: 1, message: '' }) as never);
    const call = node.createClient(TRIGGER, 'bad').call({}, { timeoutMs: 300 });
    await expect(call).rejects.toThrow(ServiceError);
    expect(bench.logs.some(({ message }) => /bad .*, success: wrong type/.test(message))).toBe(
      true,
    );
  });

  it('is not sent what does not fit', async () => {
    const node = await bench.makeNode('n');
    node.createService(SET, 'light', () => ({ success: true, message: '' }));
    const call = node.createClient(SET, 'light').call({ data: 'on' } as never);
    await expect(call).rejects.toThrow(MessageError);
  });

  it('has one server', async () => {
    const [node, other] = [await bench.makeNode('n'), await bench.makeNode('other')];
    const first = node.createService(TRIGGER, 'one', () => ({ success: true, message: '1' }));
    const offer = () =>
      other.createService(TRIGGER, 'one', () => ({ success: true, message: '2' }));
    expect(offer).toThrow(/got a second beside \/n\)/);
    first.destroy();
    offer();
    expect((await other.createClient(TRIGGER, 'one').call({})).message).toBe('2');
  });
});
