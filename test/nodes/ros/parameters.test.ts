import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeEmbeddedContext } from '../../../nodes/ros/embedded.ts';
import { ParameterError } from '../../../nodes/ros/errors.ts';
import type { NodeOptions, ParameterValue, RosContext } from '../../../nodes/ros/port.ts';

let context: RosContext;
let logs: string[];
const rate = {
  name: 'rate',
  default: 50,
  description: 'Control rate.',
  unit: 'Hz',
  range: [1, 1000],
} as const;

beforeEach(() => {
  logs = [];
  context = makeEmbeddedContext({ log: (_level, _node, message) => logs.push(message) });
});

afterEach(() => context.shutdown());

function makeNode(parameters: NonNullable<NodeOptions['parameters']> = {}) {
  return context.createNode('n', { parameters });
}

describe('a parameter', () => {
  it('has its default, or what the node was started with', () => {
    expect(makeNode().declareParameter(rate)).toBe(50);
    expect(makeNode({ rate: 100 }).declareParameter(rate)).toBe(100);
  });

  it('changes by being set, and tells', () => {
    const node = makeNode();
    const told: [string, ParameterValue][] = [];
    node.declareParameter(rate);
    node.onParameterChange((name, value) => told.push([name, value]));
    node.setParameter('rate', 20);
    expect(node.getParameter('rate')).toBe(20);
    expect(told).toEqual([['rate', 20]]);
  });

  it('is listed with its description, range and value', () => {
    const node = makeNode();
    node.declareParameter(rate);
    expect(node.listParameters()[1]).toEqual({ ...rate, value: 50 });
    expect(node.listParameters()[0]?.name).toBe('use_sim_time');
  });

  it.each([
    ['below its range', 'rate', 0, /'rate': is out of range \(expected 1 … 1000 Hz, got 0\)/],
    ['above its range', 'rate', 1001, /out of range/],
    ['not a number', 'rate', Number.NaN, /out of range/],
    ['of another type', 'rate', 'fast', /wrong type \(expected number, got 'fast'\)/],
    ['read-only', 'robot', 'go2', /is read-only \(expected nobody to set it, now 'crazyflie'/],
    [
      'unknown',
      'speed',
      1,
      /'speed': is not declared \(expected one of use_sim_time, rate, robot, list/,
    ],
    ['a list of another type', 'list', ['a'], /wrong type \(expected number\[\], got \["a"\]\)/],
  ])('refuses a value that is %s', (_case, name, value, message) => {
    const node = makeNode();
    node.declareParameter(rate);
    node.declareParameter({ name: 'robot', default: 'crazyflie', description: '', readOnly: true });
    node.declareParameter({ name: 'list', default: [1, 2], description: '' });
    expect(() => node.setParameter(name, value)).toThrow(ParameterError);
    expect(() => node.setParameter(name, value)).toThrow(message);
    expect(node.getParameter('rate')).toBe(50);
  });

  it('refuses a start value that does not fit', () => {
    expect(() => makeNode({ rate: 0 }).declareParameter(rate)).toThrow(ParameterError);
    expect(() => makeNode({ use_sim_time: 'yes' })).toThrow(ParameterError);
  });

  it('takes an empty list where any list may stand', () => {
    const node = makeNode({ list: [] });
    expect(node.declareParameter({ name: 'list', default: [1], description: '' })).toEqual([]);
    node.setParameter('list', [2]);
    expect(node.getParameter('list')).toEqual([2]);
  });

  it('declared twice, or with a default outside its range, is a programmer mistake', () => {
    const node = makeNode();
    node.declareParameter(rate);
    expect(() => node.declareParameter(rate)).toThrow(RangeError);
    expect(() => node.declareParameter({ ...rate, name: 'other', default: 0 })).toThrow(RangeError);
  });

  it('that nobody declared is reported, as it has no effect', async () => {
    makeNode({ rate: 10, rat: 10 }).declareParameter(rate);
    await context.settled();
    expect(logs).toEqual([
      expect.stringContaining('not declared, so without effect: rat; declared: use_sim_time, rate'),
    ]);
  });

  it('keeps a throw in a change callback to itself', () => {
    const node = makeNode();
    node.declareParameter(rate);
    node.onParameterChange(() => {
      throw new Error('boom');
    });
    node.setParameter('rate', 20);
    expect(logs).toHaveLength(1);
  });
});
