import { describe, expect, it } from 'vitest';
import { expandName, resolveName, resolveNode } from '../../../nodes/ros/names.ts';
import { UserError } from '../../../sim/errors.ts';

describe('a topic name', () => {
  // The table of design.ros2.org/articles/topic_and_service_names.html, "Example Name Resolution".
  it.each([
    ['ping', '/my_node', '/ping'],
    ['ping', '/my_ns/my_node', '/my_ns/ping'],
    ['/ping', '/my_node', '/ping'],
    ['/ping', '/my_ns/my_node', '/ping'],
    ['~', '/my_node', '/my_node'],
    ['~', '/my_ns/my_node', '/my_ns/my_node'],
    ['~/ping', '/my_node', '/my_node/ping'],
    ['~/ping', '/my_ns/my_node', '/my_ns/my_node/ping'],
    ['{node}/ping', '/my_ns/my_node', '/my_ns/my_node/ping'],
    ['/{ns}/ping', '/my_ns/my_node', '/my_ns/ping'],
    ['/{namespace}/ping', '/my_ns/my_node', '/my_ns/ping'],
  ])('%s in %s resolves to %s', (name, node, full) => {
    const parts = node.split('/');
    const namespace = parts.slice(0, -1).join('/') || '/';
    expect(expandName(name, { name: parts.at(-1) ?? '', namespace })).toBe(full);
  });

  it.each(['foo', 'abc123', '_foo', 'Foo', 'BAR', 'a/b_c/d'])('may be %s', (name) => {
    expect(expandName(name, { name: 'n', namespace: '/' })).toBe(`/${name}`);
  });

  it.each([
    '',
    '123abc',
    '123',
    'foo bar',
    '/foo/',
    'foo//bar',
    'foo__bar',
    '/~',
    'foo~',
    'foo/~',
    'foo/~/bar',
    '~foo',
    'foo-bar',
    'foo/1st',
    '{other}/x',
    '{node',
  ])("may not be '%s'", (name) => {
    expect(() => expandName(name, { name: 'n', namespace: '/' })).toThrow(UserError);
  });
});

describe('remapping', () => {
  it('compares full names, so a relative rule matches however the name is given', () => {
    const node = resolveNode('n', '/ns', { foo: 'bar' });
    expect(resolveName('foo', node)).toBe('/ns/bar');
    expect(resolveName('/ns/foo', node)).toBe('/ns/bar');
    expect(resolveName('/foo', node)).toBe('/foo');
  });

  it('is not applied twice', () => {
    const node = resolveNode('n', '/', { a: 'b', b: 'c' });
    expect(resolveName('a', node)).toBe('/b');
  });

  it('renames private names and reads private targets', () => {
    const node = resolveNode('n', '/ns', { '~/in': '/raw', out: '~/out' });
    expect(resolveName('~/in', node)).toBe('/raw');
    expect(resolveName('out', node)).toBe('/ns/n/out');
  });

  it('applies node name and namespace first', () => {
    const node = resolveNode('n', '/', { __node: 'm', __ns: '/x', foo: '~/bar' });
    expect(node.fullyQualifiedName).toBe('/x/m');
    expect(resolveName('/x/foo', node)).toBe('/x/m/bar');
  });

  it('leaves rules for another node to that node', () => {
    const rules = { 'other:foo': 'bar', 'n:foo': 'baz' };
    expect(resolveName('foo', resolveNode('n', '/', rules))).toBe('/baz');
    expect(resolveName('foo', resolveNode('other', '/', rules))).toBe('/bar');
  });

  it.each([
    ['1node', '/'],
    ['a/b', '/'],
    ['', '/'],
    ['ok', '/1ns'],
    ['ok', '/ns/'],
  ])('refuses node %s in namespace %s', (name, namespace) => {
    expect(() => resolveNode(name, namespace, {})).toThrow(UserError);
  });
});
