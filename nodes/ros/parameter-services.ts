import type { NodeCore } from './core/node.ts';
import { ParameterError } from './errors.ts';
import type { Parameter, ParameterEvent, SetParametersResult } from './messages.ts';
import {
  getParameterType,
  listNames,
  makeUnsetValue,
  PARAMETER_TYPES,
  readParameterValue,
  writeDescriptor,
  writeParameterValue,
} from './parameter-messages.ts';
import type { ParameterValue, Publisher, Qos, RosNode } from './port.ts';

/** As rmw_qos_profile_parameter_events. */
const QOS_EVENTS: Qos = { reliability: 'reliable', durability: 'volatile', depth: 1000 };

/**
 * Lets other nodes, and `ros2 param`, read and set a node's parameters by the standard services, and
 * tells every change on /parameter_events.
 */
export function serveParameters(node: NodeCore & RosNode): void {
  tellEvents(node);
  const find = (name: string) => node.listParameters().find((entry) => entry.name === name);
  node.createService('rcl_interfaces/srv/GetParameters', '~/get_parameters', ({ names }) => ({
    values: names.map((name) => {
      const entry = find(name);
      return entry === undefined ? makeUnsetValue() : writeParameterValue(entry, entry.value);
    }),
  }));
  node.createService(
    'rcl_interfaces/srv/GetParameterTypes',
    '~/get_parameter_types',
    ({ names }) => ({
      types: names.map((name) => {
        const entry = find(name);
        return entry === undefined ? PARAMETER_TYPES.notSet : getParameterType(entry, entry.value);
      }),
    }),
  );
  node.createService(
    'rcl_interfaces/srv/DescribeParameters',
    '~/describe_parameters',
    ({ names }) => ({
      descriptors: names.flatMap((name) => {
        const entry = find(name);
        return entry === undefined ? [] : [writeDescriptor(entry, entry.value)];
      }),
    }),
  );
  node.createService(
    'rcl_interfaces/srv/ListParameters',
    '~/list_parameters',
    ({ prefixes, depth }) => {
      const names = node.listParameters().map(({ name }) => name);
      return { result: listNames(names, prefixes, Number(depth)) };
    },
  );
  serveSetting(node);
}

function serveSetting(node: NodeCore & RosNode): void {
  node.createService('rcl_interfaces/srv/SetParameters', '~/set_parameters', ({ parameters }) => ({
    results: parameters.map((parameter) => setAll(node, [parameter])),
  }));
  node.createService(
    'rcl_interfaces/srv/SetParametersAtomically',
    '~/set_parameters_atomically',
    ({ parameters }) => ({ result: setAll(node, parameters) }),
  );
}

/** Sets all of them, or none. */
function setAll(node: NodeCore, parameters: readonly Parameter[]): SetParametersResult {
  const values: [string, ParameterValue][] = [];
  try {
    for (const { name, value } of parameters) {
      const wanted = readParameterValue(value);
      if (wanted === undefined) {
        throw new ParameterError(node.fullyQualifiedName, name, {
          problem: 'cannot be unset, nor hold bytes or truth values in a list',
          expected: 'a truth value, a number, a text, or a list of numbers or texts',
          got: `type ${value.type}`,
          remedy: 'Give it a value of its own type.',
        });
      }
      const objection = node.findParameterObjection(name, wanted);
      if (objection !== undefined) throw objection;
      values.push([name, wanted]);
    }
    for (const [name, value] of values) node.setParameter(name, value);
    return { successful: true, reason: '' };
  } catch (error) {
    if (error instanceof ParameterError) return { successful: false, reason: error.message };
    throw error;
  }
}

/** Publishes what is declared and what changes. */
function tellEvents(node: NodeCore & RosNode): void {
  let publisher: Publisher<ParameterEvent> | undefined;
  const tell = (kind: 'new_parameters' | 'changed_parameters', name: string) => {
    const entry = node.listParameters().find((one) => one.name === name);
    if (entry === undefined || !node.isAlive) return;
    publisher ??= node.createPublisher(
      'rcl_interfaces/msg/ParameterEvent',
      '/parameter_events',
      QOS_EVENTS,
    );
    const stampNs = node.nowNs();
    const changed = [{ name, value: writeParameterValue(entry, entry.value) }];
    publisher.publish({
      stamp: { sec: Number(stampNs / 1_000_000_000n), nanosec: Number(stampNs % 1_000_000_000n) },
      node: node.fullyQualifiedName,
      new_parameters: kind === 'new_parameters' ? changed : [],
      changed_parameters: kind === 'changed_parameters' ? changed : [],
      deleted_parameters: [],
    });
  };
  node.onParameterDeclared((name) => tell('new_parameters', name));
  node.onParameterChange((name) => tell('changed_parameters', name));
}
