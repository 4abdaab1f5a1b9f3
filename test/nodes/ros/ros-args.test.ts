import { describe, expect, it } from 'vitest';
import {
  matchesNode,
  parseParameterFile,
  selectParameters,
} from '../../../nodes/ros/parameter-file.ts';
import { parseRosArgs } from '../../../nodes/ros/ros-args.ts';

describe("ROS 2's arguments", () => {
  it('are taken out between --ros-args and --, and leave the rest in order', () => {
    const args = ['--profile', 'a', '--ros-args', '-r', 'x:=y', '--', '--json', '--ros-args'];
    const { rest, remappings } = parseRosArgs([...args, '-r', '__ns:=/fleet']);
    expect(rest).toEqual(['--profile', 'a', '--json']);
    expect(remappings).toEqual({ x: 'y', __ns: '/fleet' });
  });

  it('hold the first of two remappings, as rcl does, and every parameter in order', () => {
    const { remappings, parameters } = parseRosArgs([
      ...['--ros-args', '--remap', 'a:=b', '-r', 'a:=c', '-r', 'policy:__node:=brain'],
      ...['-p', 'rate:=50', '--params-file', 'f.yaml', '-p', 'policy:name:="7"', '-p', 'on:=yes'],
      ...['-p', 'list:=[1, 2]', '-p', 'empty:='],
    ]);
    expect(remappings).toEqual({ a: 'b', 'policy:__node': 'brain' });
    expect(parameters).toEqual([
      { values: { rate: 50 } },
      { file: 'f.yaml' },
      { node: 'policy', values: { name: '7' } },
      // A word to YAML 1.2, a boolean to ROS.
      { values: { on: true } },
      { values: { list: [1, 2] } },
      { values: { empty: '' } },
    ]);
  });

  it('set levels, and say what has no effect', () => {
    const { logLevels, warnings } = parseRosArgs([
      ...['--ros-args', '--log-level', 'DEBUG', '--log-level', 'policy:=warn'],
      ...['--enclave', '/a', '--disable-stdout-logs'],
    ]);
    expect(logLevels).toEqual([{ level: 'debug' }, { logger: 'policy', level: 'warn' }]);
    expect(warnings.join('\n')).toMatch(/--enclave \/a has no effect.*\n--disable-stdout-logs has/);
  });

  it.each([
    [['-r'], /has no value/],
    [['-r', 'x'], /from:=to/],
    [['-p', 'a:b:c:=1'], /names no parameter/],
    [['-p', 'x:={a: [1, b]}'], /no value of a parameter/],
    [['-p', 'x:=[1'], /not valid YAML/],
    [['--log-level', 'loud'], /debug, info, warn, error, fatal/],
    [['--profile', 'x'], /no argument of ROS 2.*--params-file/],
  ])('are refused like %j', (args, message) => {
    expect(() => parseRosArgs(['--ros-args', ...args])).toThrow(message);
  });
});

describe('a parameter file of ROS 2', () => {
  const FILE = `
/**:
  ros__parameters:
    use_sim_time: true
    rate: 10
policy:
  ros__parameters:
    rate: 20
    limits: { torque: 1.5, names: [a, b] }
/fleet:
  cf00:
    policy:
      ros__parameters: { rate: 30, when: 2026-01-01 }
/fleet/*/safety:
  ros__parameters: { armed: off }
`;
  const file = parseParameterFile(FILE, 'p.yaml');

  it('gives each node what is meant for it, the later the stronger', () => {
    expect(selectParameters(file, '/reference')).toEqual({ use_sim_time: true, rate: 10 });
    expect(selectParameters(file, '/policy')).toEqual({
      ...{ use_sim_time: true, rate: 20 },
      ...{ 'limits.torque': 1.5, 'limits.names': ['a', 'b'] },
    });
    expect(selectParameters(file, '/fleet/cf00/policy')).toEqual({
      ...{ use_sim_time: true, rate: 30, when: '2026-01-01' },
    });
    expect(selectParameters(file, '/fleet/cf01/safety')).toMatchObject({ armed: false });
  });

  it.each([
    ['/**', '/policy', true],
    ['/**', '/a/b/policy', true],
    ['/**/policy', '/policy', true],
    ['/**/policy', '/a/b/policy', true],
    ['/*', '/a/policy', false],
    ['/*/policy', '/policy', false],
    ['policy', '/policy', true],
    ['policy', '/a/policy', false],
    ['/cf*/policy', '/cf07/policy', true],
  ])('means by %s the node %s: %s', (pattern, node, meant) => {
    expect(matchesNode(pattern, node)).toBe(meant);
  });

  it('tells every problem at once', () => {
    const bad = 'policy: 7\nros__parameters: {}\nsafety: { ros__parameters: { x: null } }';
    expect(() => parseParameterFile(bad, 'p.yaml')).toThrow(
      /p\.yaml: policy.*\n.*belongs to no node.*\n.*x: is no value/,
    );
    expect(() => parseParameterFile('a: [', 'p.yaml')).toThrow(/p\.yaml:1.*not valid YAML/);
  });
});
