import { expect, it } from 'vitest';
import type { ParameterValue as ValueMessage } from '../../../nodes/ros/messages.ts';
import { makeUnsetValue, PARAMETER_TYPES } from '../../../nodes/ros/parameter-messages.ts';
import type { RosNode } from '../../../nodes/ros/port.ts';
import { describeBackends } from '../../kit/ros-backends.ts';

const TYPES = PARAMETER_TYPES;

function declareAll(node: RosNode): void {
  node.declareParameter({
    name: 'rate',
    default: 50,
    description: 'Control rate.',
    unit: 'Hz',
    range: [1, 1000],
  });
  node.declareParameter({
    name: 'robots',
    default: 2,
    description: 'How many.',
    range: [1, 8],
    integer: true,
  });
  node.declareParameter({
    name: 'robot.name',
    default: 'go2',
    description: 'Which.',
    readOnly: true,
  });
  node.declareParameter({ name: 'gains', default: [1.5, 2], description: 'kp.' });
}

function value(type: number, fields: Partial<ValueMessage>): ValueMessage {
  return { ...makeUnsetValue(), type, ...fields };
}

describeBackends('the parameters of a node', (bench) => {
  it('are read by name, a whole number only where it was declared so', async () => {
    const node = await bench.makeNode('n');
    declareAll(node);
    const client = node.createClient('rcl_interfaces/srv/GetParameters', 'n/get_parameters');
    const names = ['rate', 'robots', 'robot.name', 'gains', 'use_sim_time', 'nothing'];
    const { values } = await client.call({ names });
    expect(values.map(({ type }) => type)).toEqual([
      ...[TYPES.double, TYPES.integer, TYPES.string, TYPES.doubleArray, TYPES.bool, TYPES.notSet],
    ]);
    expect(values[0]?.double_value).toBe(50);
    expect(values[1]?.integer_value).toBe(2n);
    expect(values[2]?.string_value).toBe('go2');
    expect(values[3]?.double_array_value).toEqual(Float64Array.of(1.5, 2));
  });

  it('are described: what for, which unit, how far, whether fixed', async () => {
    const node = await bench.makeNode('n');
    declareAll(node);
    const client = node.createClient(
      'rcl_interfaces/srv/DescribeParameters',
      'n/describe_parameters',
    );
    const names = ['rate', 'robots', 'robot.name'];
    const { descriptors } = await client.call({ names });
    expect(descriptors[0]).toMatchObject({
      name: 'rate',
      type: TYPES.double,
      description: 'Control rate. [Hz]',
      floating_point_range: [{ from_value: 1, to_value: 1000, step: 0 }],
    });
    expect(descriptors[1]?.integer_range).toEqual([{ from_value: 1n, to_value: 8n, step: 1n }]);
    expect(descriptors.map(({ read_only }) => read_only)).toEqual([false, false, true]);
  });

  it('hold the clock of a node that is built around one', async () => {
    const node = await bench.makeNode('n', {
      parameters: { use_sim_time: true },
      isClockFixed: true,
    });
    const client = node.createClient('rcl_interfaces/srv/SetParameters', 'n/set_parameters');
    const off = value(TYPES.bool, { bool_value: false });
    const { results } = await client.call({ parameters: [{ name: 'use_sim_time', value: off }] });
    expect(results).toEqual([{ successful: false, reason: expect.stringMatching(/read-only/) }]);
    expect([node.getParameter('use_sim_time'), node.nowNs()]).toEqual([true, 0n]);
  });

  it('are listed, by prefix and depth too', async () => {
    const node = await bench.makeNode('n');
    declareAll(node);
    const client = node.createClient('rcl_interfaces/srv/ListParameters', 'n/list_parameters');
    const all = await client.call({ prefixes: [], depth: 0n });
    expect(all.result.names).toEqual(['use_sim_time', 'rate', 'robots', 'robot.name', 'gains']);
    expect(all.result.prefixes).toEqual(['robot']);
    const flat = await client.call({ prefixes: [], depth: 1n });
    expect(flat.result.names).not.toContain('robot.name');
    const below = await client.call({ prefixes: ['robot'], depth: 0n });
    expect(below.result.names).toEqual(['robot.name']);
  });

  it('are set from elsewhere, an integer standing for a double as people type it', async () => {
    const node = await bench.makeNode('n');
    declareAll(node);
    const told: unknown[] = [];
    node.onParameterChange((name, one) => told.push([name, one]));
    const client = node.createClient('rcl_interfaces/srv/SetParameters', 'n/set_parameters');
    const { results } = await client.call({
      parameters: [{ name: 'rate', value: value(TYPES.integer, { integer_value: 20n }) }],
    });
    expect(results).toEqual([{ successful: true, reason: '' }]);
    expect(node.getParameter('rate')).toBe(20);
    expect(told).toEqual([['rate', 20]]);
  });

  it.each([
    ['out of range', 'rate', value(TYPES.double, { double_value: 0 }), /out of range/],
    ['of another type', 'rate', value(TYPES.string, { string_value: 'fast' }), /wrong type/],
    ['not whole', 'robots', value(TYPES.double, { double_value: 1.5 }), /not a whole number/],
    ['fixed', 'robot.name', value(TYPES.string, { string_value: 'g1' }), /read-only/],
    ['not declared', 'speed', value(TYPES.double, { double_value: 1 }), /not declared/],
    ['unset', 'rate', value(TYPES.notSet, {}), /cannot be unset/],
    ['not to the node’s liking', 'rate', value(TYPES.double, { double_value: 13 }), /unlucky/],
  ])('keep their value when the new one is %s', async (_, name, wanted, reason) => {
    const node = await bench.makeNode('n');
    declareAll(node);
    node.onParameterSet((_name, one) => (one === 13 ? 'unlucky' : undefined));
    const before = node.listParameters();
    const client = node.createClient('rcl_interfaces/srv/SetParameters', 'n/set_parameters');
    const { results } = await client.call({ parameters: [{ name, value: wanted }] });
    expect(results[0]?.successful).toBe(false);
    expect(results[0]?.reason).toMatch(reason);
    expect(node.listParameters()).toEqual(before);
  });

  it('are set all or none where that is asked for', async () => {
    const node = await bench.makeNode('n');
    declareAll(node);
    const client = node.createClient(
      'rcl_interfaces/srv/SetParametersAtomically',
      'n/set_parameters_atomically',
    );
    const good = { name: 'rate', value: value(TYPES.double, { double_value: 20 }) };
    const bad = { name: 'robots', value: value(TYPES.integer, { integer_value: 9n }) };
    expect((await client.call({ parameters: [good, bad] })).result.successful).toBe(false);
    expect(node.getParameter('rate')).toBe(50);
    expect((await client.call({ parameters: [good] })).result.successful).toBe(true);
    expect(node.getParameter('rate')).toBe(20);
  });

  it('take what the node was started with', async () => {
    const node = await bench.makeNode('n', { parameters: { rate: 100 } });
    declareAll(node);
    expect(node.getParameter('rate')).toBe(100);
  });
});
