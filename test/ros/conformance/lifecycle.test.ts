import { expect, it } from 'vitest';
import { Lifecycle } from '../../../nodes/ros/lifecycle.ts';
import { QOS, type RosNode } from '../../../nodes/ros/port.ts';
import { type Bench, describeBackends, until } from '../../kit/ros-backends.ts';

async function makeControl(bench: Bench) {
  const node = await bench.makeNode('arm');
  const other = await bench.makeNode('manager');
  return { node, ...makeClients(other) };
}

function makeClients(other: RosNode) {
  const change = other.createClient('lifecycle_msgs/srv/ChangeState', 'arm/change_state');
  const get = other.createClient('lifecycle_msgs/srv/GetState', 'arm/get_state');
  return {
    other,
    request: async (label: string) => (await change.call({ transition: { id: 0, label } })).success,
    requestId: async (id: number) => (await change.call({ transition: { id, label: '' } })).success,
    getState: async () => (await get.call({})).current_state.label,
  };
}

describeBackends('a managed node', (bench) => {
  it('is led through its states from outside, by label or by number', async () => {
    const { node, request, requestId, getState } = await makeControl(bench);
    const done: string[] = [];
    const note = (what: string) => () => {
      done.push(what);
      return 'success' as const;
    };
    new Lifecycle(node, {
      onConfigure: note('configured'),
      onActivate: note('activated'),
      onShutdown: note('shut down'),
    });
    expect(await getState()).toBe('unconfigured');
    expect(await request('configure')).toBe(true);
    expect(await getState()).toBe('inactive');
    // lifecycle_msgs/msg/Transition: TRANSITION_ACTIVATE = 3, TRANSITION_ACTIVE_SHUTDOWN = 7
    expect(await requestId(3)).toBe(true);
    expect(await getState()).toBe('active');
    expect(await requestId(7)).toBe(true);
    expect(await getState()).toBe('finalized');
    expect(done).toEqual(['configured', 'activated', 'shut down']);
  });

  it('stays where it is when the state has no such transition, or the way fails', async () => {
    const { node, request, getState } = await makeControl(bench);
    new Lifecycle(node, { onConfigure: () => 'failure' });
    expect(await request('activate')).toBe(false);
    expect(await request('configure')).toBe(false);
    expect(await getState()).toBe('unconfigured');
  });

  it.each([
    ['ends where an error is not dealt with', undefined, 'finalized'],
    ['starts anew where an error is dealt with', () => 'success' as const, 'unconfigured'],
  ])('%s', async (_, onError, state) => {
    const { node, request, getState } = await makeControl(bench);
    new Lifecycle(node, {
      onConfigure: () => {
        throw new Error('no motors');
      },
      ...(onError !== undefined && { onError }),
    });
    expect(await request('configure')).toBe(false);
    expect(await getState()).toBe(state);
    expect(bench.logs.some(({ message }) => /no motors/.test(message))).toBe(true);
  });

  it('tells which ways are open, which there are, and every step it makes', async () => {
    const { node, other, request } = await makeControl(bench);
    new Lifecycle(node, {});
    const type = 'lifecycle_msgs/srv/GetAvailableTransitions';
    const list = async (name: string) =>
      (await other.createClient(type, name).call({})).available_transitions.map(
        ({ transition }) => transition.label,
      );
    expect(await list('arm/get_available_transitions')).toEqual(['configure', 'shutdown']);
    expect(await list('arm/get_transition_graph')).toHaveLength(7);
    const steps: string[] = [];
    const topic = 'arm/transition_event';
    const event = 'lifecycle_msgs/msg/TransitionEvent';
    other.createSubscription(event, topic, QOS.default, ({ start_state, goal_state }) =>
      steps.push(`${start_state.label} → ${goal_state.label}`),
    );
    await until('a match', () => other.getPublishers(topic).length > 0);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await request('configure');
    await until('two steps', () => steps.length === 2);
    expect(steps).toEqual(['unconfigured → configuring', 'configuring → inactive']);
  });
});
