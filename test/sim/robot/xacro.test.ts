import { describe, expect, it } from 'vitest';
import { UserError } from '../../../sim/errors.ts';
import type { XacroOptions } from '../../../sim/robot/xacro/evaluator.ts';
import { expandXacro } from '../../../sim/robot/xacro/expand.ts';
import { formatXml } from '../../../sim/robot/xml.ts';
import { makeXacroFiles } from '../../kit/xacro-files.ts';

const robot = (body: string) =>
  `<robot name="r" xmlns:xacro="http://ros.org/wiki/xacro">${body}</robot>`;

/** The expanded children of the robot, one after another, without white space between them. */
function expand(
  body: string,
  options: XacroOptions & { readonly files?: Readonly<Record<string, string>> } = {},
): string {
  const files = makeXacroFiles({ '/robot.xacro': robot(body), ...options.files });
  const { children } = expandXacro('/robot.xacro', files, options);
  return children
    .map((child) => formatXml(child))
    .join('')
    .replace(/\n\s*/g, '');
}

/** What an expression is written as. */
const compute = (expression: string, before = '') =>
  expand(`${before}<a x="\${${expression}}"/>`).replace(/^<a x="(.*)"\/>$/s, '$1');

describe('expressions', () => {
  const cases: readonly [expression: string, written: string][] = [
    ['1 + 2 * 3', '7'],
    ['-2 ** 2', '-4'],
    ['2 ** -1', '0.5'],
    ['(1 + 2) * 3', '9'],
    ['7 // 2', '3'],
    // Python's remainder has the sign of the divisor.
    ['-7 % 3', '2'],
    ['--1', '1'],
    ['pi / 2', String(Math.PI / 2)],
    ['radians(180)', String(Math.PI)],
    // Whole numbers and floats are told apart, as in Python.
    ['4 / 2', '2.0'],
    ['4 // 2', '2'],
    ['4.0 // 2', '2.0'],
    ['2 * 1.5', '3.0'],
    ['-2.0 + 2', '0.0'],
    ['-0.0', '-0.0'],
    ['-0', '0'],
    ['cos(0) + atan2(0, 1)', '1.0'],
    ['1e-5', '1e-05'],
    ['0.0001', '0.0001'],
    ['2.5e17', '2.5e+17'],
    ['10 ** 22', '10000000000000000000000'],
    ['floor(2.7) + ceil(2.1)', '5'],
    ['round(2.6) + abs(-1)', '4'],
    ['round(2.66, 1)', '2.7'],
    ['[1, 2.0, sum([1, 1.0])]', '[1, 2.0, 2.0]'],
    ["'a' * 2 + str(1.0)", 'aa1.0'],
    ['{1: 5}[1.0] == 5.0', 'True'],
    ['isinstance(1.0, int) or isinstance(1, float)', 'False'],
    ['round(2.5)', '2'],
    ["'a' + 'b'", 'ab'],
    ["'ab' * 2", 'abab'],
    ["'left' if 1 > 2 else 'right'", 'right'],
    ['1 < 2 < 3', 'True'],
    ['1 < 2 < 2', 'False'],
    ["not True or 'x' in 'xyz'", 'True'],
    ["'z' not in 'xy' and None is None", 'True'],
    ['[1, 2, 3][-1]', '3'],
    ["'a b c'.split(' ')[1]", 'b'],
    ["' '.join([f.upper() for f in 'th ff'.split() if f != 'ff'])", 'TH'],
    ["{'a': {'b': 4}}['a']['b']", '4'],
    ['dict(a=5).a', '5'],
    ["sorted(python.set('ba') - python.set('b'))", "['a']"],
    ["'abcd'[1:-1]", 'bc'],
    ['max(1, 3, 2) + len([0, 0]) + int(2.9)', '7'],
    ["isinstance('x', str)", 'True'],
    ["'{}_{n}'.format(1, n=2)", '1_2'],
    ["', '.join([str(i) + k for i, k in enumerate(['x', 'y'])])", '0x, 1y'],
  ];
  it.each(cases)('%s is %s', (expression, written) => {
    expect(compute(expression)).toBe(written);
  });

  const faults: readonly [expression: string, message: RegExp][] = [
    ['1 +', /expected a value, got the end/],
    ['1 / 0', /division by zero/],
    ['unknown', /nothing is called 'unknown'; properties here: p/],
    ["1 + 'a'", /'\+' cannot take a number '1' and a string 'a'/],
    ['sqrt(-1)', /not a finite number/],
    ['10.0 ** 400', /not a finite number/],
    ["'a'.__class__", /a string has no '__class__'/],
    ['[1][2]', /no item 2 among 1/],
    ["'x' * 10 ** 9", /more than .* characters or items/],
    ['range(10 ** 9)', /more than .* characters or items/],
    ['lambda x: x', /'lambda' is not known here/],
    [`${'('.repeat(100)}1${')'.repeat(100)}`, /nested too deeply/],
    [`${'{'.repeat(100)}${'}'.repeat(100)}`, /nested too deeply/],
    ['1 2', /expected a value, got '2'/],
    ['"', /has no closing bracket/],
    ['1 ; 2', /cannot read '; 2'/],
  ];
  it.each(faults)('%s is refused with its place', (expression, message) => {
    const escaped = expression.replaceAll('"', '&quot;');
    expect(() => compute(escaped, '<xacro:property name="p" value="1"/>')).toThrow(message);
    expect(() => compute(escaped)).toThrow(/^\/robot\.xacro:1: <a>: /);
  });

  it('end even where each step is cheap and there are too many', () => {
    const loop = '[[[k for k in range(1000)] for j in range(1000)] for i in range(1000)]';
    expect(() => compute(loop)).toThrow(/the expansion does not end/);
  });
});

describe('properties', () => {
  it('are computed when they are asked for, so that they may name later ones', () => {
    expect(
      expand(
        `<xacro:property name="a" value="\${2 * b}"/><xacro:property name="b" value="3"/><x v="\${a}"/>`,
      ),
    ).toBe('<x v="6"/>');
  });

  it('that are defined by themselves are refused', () => {
    const ring = `<xacro:property name="a" value="\${b}"/><xacro:property name="b" value="\${a}"/>`;
    expect(() => expand(`${ring}<x v="\${a}"/>`)).toThrow(/property 'a' is defined by itself/);
  });

  it('keep texts in quotes as texts, and take default, remove and scope', () => {
    expect(
      expand(`<xacro:property name="a" value="'1'"/><xacro:property name="a" default="2"/>
        <xacro:macro name="m" params=""><xacro:property name="g" value="\${3 + 4}" scope="global"/></xacro:macro>
        <xacro:m/><x v="\${a + '0'}" w="\${g}"/>`),
    ).toBe('<x v="10" w="7"/>');
  });

  it('can be blocks, inserted as often as wanted', () => {
    expect(
      expand(`<xacro:property name="b"><o p="\${k}"/></xacro:property><xacro:property name="k" value="1"/>
        <x><xacro:insert_block name="b"/><xacro:insert_block name="b"/></x>`),
    ).toBe('<x><o p="1"/><o p="1"/></x>');
  });

  it(`write $\${ for \${ and join what stands around an expression`, () => {
    expect(expand(`<x v="a$\${b}c\${1+1}d"/>`)).toBe(`<x v="a\${b}c2d"/>`);
  });
});

describe('macros', () => {
  it('take values, defaults, texts with spaces and what the caller has', () => {
    const macro = `<xacro:macro name="m" params="a b:=2 xyz:='0 0 1' c:=^|4 d:=^"><x v="\${a} \${b} \${xyz} \${c} \${d}"/></xacro:macro>`;
    const call = '<xacro:property name="d" value="5"/><xacro:m a="1"/>';
    expect(expand(macro + call)).toBe('<x v="1 2 0 0 1 4 5"/>');
    expect(expand(`<xacro:property name="c" value="9"/>${macro}${call}`)).toBe(
      '<x v="1 2 0 0 1 9 5"/>',
    );
  });

  it('take one element or the content of one', () => {
    expect(
      expand(`<xacro:macro name="m" params="*one **many"><x><xacro:insert_block name="one"/></x>
        <y><xacro:insert_block name="many"/></y></xacro:macro>
        <xacro:m><o/><many><p/><q/></many></xacro:m>`),
    ).toBe('<x><o/></x><y><p/><q/></y>');
  });

  it('may call themselves as long as they come to an end', () => {
    const macro = `<xacro:macro name="m" params="n"><x n="\${n}"/>
      <xacro:if value="\${n > 1}"><xacro:m n="\${n - 1}"/></xacro:if></xacro:macro>`;
    expect(expand(`${macro}<xacro:m n="3"/>`)).toBe('<x n="3"/><x n="2"/><x n="1"/>');
    expect(() => expand('<xacro:macro name="m"><xacro:m/></xacro:macro><xacro:m/>')).toThrow(
      /nested more than/,
    );
  });

  it('that double themselves end too', () => {
    const macro = `<xacro:macro name="m" params="n"><xacro:if value="\${n > 0}"><xacro:m n="\${n - 1}"/><xacro:m n="\${n - 1}"/></xacro:if></xacro:macro>`;
    expect(() => expand(`${macro}<xacro:m n="40"/>`)).toThrow(/does not end/);
  });

  it('refuse what they do not know, by name', () => {
    const macro = '<xacro:macro name="m" params="a"/>';
    expect(() => expand(`${macro}<xacro:m b="1"/>`)).toThrow(/no parameter 'b'; it has: a/);
    expect(() => expand(`${macro}<xacro:m/>`)).toThrow(/macro 'm' needs a value for 'a'/);
    expect(() => expand(`${macro}<xacro:m a="1"><o/></xacro:m>`)).toThrow(/takes 0 block/);
    expect(() => expand(`${macro}<xacro:n/>`)).toThrow(/no macro 'n'; there are: m/);
  });
});

describe('conditions', () => {
  it('take numbers, booleans and their texts', () => {
    const when = (value: string) => expand(`<xacro:if value="${value}"><y/></xacro:if>`);
    for (const value of ['1', 'true', 'True', `\${'a' == 'a'}`, `\${[0]}`]) {
      expect(when(value)).toBe('<y/>');
    }
    for (const value of ['0', 'false', `\${None}`, `\${[]}`]) expect(when(value)).toBe('');
    expect(expand('<xacro:unless value="0"><n/></xacro:unless>')).toBe('<n/>');
    expect(() => when('maybe')).toThrow(/the condition is 'maybe', not true or false/);
  });
});

describe('arguments and files', () => {
  it('keeps what an include with a namespace defines in it', () => {
    const files = {
      '/part.xacro': robot(
        `<xacro:property name="k" value="7"/><xacro:macro name="m" params="a *b"><x v="\${a} \${k} \${outer}"/><xacro:insert_block name="b"/></xacro:macro>`,
      ),
      '/whole.xacro': robot('<xacro:include filename="part.xacro" ns="inner"/>'),
    };
    const include =
      '<xacro:property name="outer" value="9"/><xacro:include filename="part.xacro" ns="p"/>';
    const call = `<xacro:p.m a="\${k}"><o k="\${k + 1}"/></xacro:p.m>`;
    // What is passed is computed in the namespace, as in ROS.
    expect(expand(`${include}${call}<y v="\${p.k + p.outer}"/>`, { files })).toBe(
      '<x v="7 7 9"/><o k="8"/><y v="16"/>',
    );
    expect(() => expand(`${include}<xacro:m/>`, { files })).toThrow(
      /no macro 'm'; there are: p\.m/,
    );
    expect(() => expand(`${include}<y v="\${k}"/>`, { files })).toThrow(/nothing is called 'k'/);
    const nested =
      '<xacro:property name="outer" value="9"/><xacro:include filename="whole.xacro" ns="w"/>';
    expect(expand(`${nested}<xacro:w.inner.m a="1"><o/></xacro:w.inner.m>`, { files })).toBe(
      '<x v="1 7 9"/><o/>',
    );
    expect(expand(`${nested}<y v="\${w.inner.k}"/>`, { files })).toBe('<y v="7"/>');
  });

  it('refuses arguments that nothing takes, every one by name', () => {
    const body = '<xacro:arg name="side" default="left"/><x v="$(eval tall)"/>';
    const given = { side: 'right', tall: '1' };
    expect(expand(body, { arguments: given })).toBe('<x v="1"/>');
    expect(() => expand(body, { arguments: { ...given, sdie: '', tal: '' } })).toThrow(
      /takes an argument 'sdie' \(expected one of side, tall.*\n.*argument 'tal'/,
    );
  });

  it('takes arguments from outside before their defaults', () => {
    const body = '<xacro:arg name="side" default="left"/><x v="$(arg side)_arm"/>';
    expect(expand(body)).toBe('<x v="left_arm"/>');
    expect(expand(body, { arguments: { side: 'right' } })).toBe('<x v="right_arm"/>');
    // Asked for is as good as declared.
    expect(expand('<x v="$(arg side)"/>', { arguments: { side: 'up' } })).toBe('<x v="up"/>');
    expect(() => expand('<x v="$(arg side)"/>')).toThrow(
      /argument 'side' has no value.*--xacro-arg side:=/,
    );
  });

  it('includes files beside itself and in packages, and tells lines in them', () => {
    const files = {
      '/parts/arm.xacro': robot('<arm/><xacro:include filename="hand.xacro"/>'),
      '/parts/hand.xacro': robot('<hand folder="$(dirname)"/>'),
      '/packages/legs/leg.xacro': robot(`\n<leg v="\${oops}"/>`),
    };
    expect(expand('<xacro:include filename="parts/arm.xacro"/>', { files })).toBe(
      '<arm/><hand folder="/parts"/>',
    );
    expect(() => expand('<xacro:include filename="$(find legs)/leg.xacro"/>', { files })).toThrow(
      /^\/packages\/legs\/leg\.xacro:2: <leg>: in \$\{oops\}: nothing is called 'oops'/,
    );
  });

  it('refuses files and packages that are missing, with the places searched', () => {
    expect(() => expand('<xacro:include filename="no.xacro"/>')).toThrow(
      /\/no\.xacro cannot be read/,
    );
    expect(expand('<xacro:include filename="no.xacro" optional="true"/>')).toBe('');
    expect(() => expand('<x v="$(find legs)"/>')).toThrow(
      /no folder of package 'legs'; searched \/packages/,
    );
  });

  it('refuses files that include one another', () => {
    const files = { '/a.xacro': robot('<xacro:include filename="robot.xacro"/>') };
    expect(() => expand('<xacro:include filename="a.xacro"/>', { files })).toThrow(
      /ring: \/robot\.xacro → \/a\.xacro → \/robot\.xacro/,
    );
  });

  it('reads YAML with angles in degrees, by dots and by brackets', () => {
    const files = { '/limits.yaml': 'joint1: { lower: !degrees -180, names: [a, b] }\n' };
    const body = `<xacro:property name="l" value="\${xacro.load_yaml('limits.yaml')}"/>
      <x v="\${l.joint1.lower}" w="\${l['joint1']['names'][1]}"/>`;
    expect(expand(body, { files })).toBe(`<x v="${-Math.PI}" w="b"/>`);
  });

  it('reads YAML as PyYAML does, whose y is no boolean', () => {
    const files = {
      '/p.yaml': 'base: &b { x: 1, y: 2 }\nown: { <<: *b, y: 3 }\nflag: yes\nmode: 010\n7: seven\n',
    };
    const body = `<xacro:property name="p" value="\${xacro.load_yaml('p.yaml')}"/>
      <x v="\${p.own.x} \${p.own.y} \${p.flag} \${p.mode} \${p[7]}"/>`;
    // 010 is octal in YAML 1.1.
    expect(expand(body, { files })).toBe('<x v="1 3 True 8 seven"/>');
  });

  it('reads the environment, with defaults that may be empty', () => {
    expect(
      expand(
        '<x v="$(env SIDE)" w="$(optenv SIDE right)" y="$(optenv HAND a b)" z="$(optenv HAND)"/>',
      ),
    ).toBe('<x v="left" w="left" y="a b" z=""/>');
  });

  it('passes warnings on and stops at errors of the file itself', () => {
    const heard: string[] = [];
    expand(`<xacro:if value='1'>\${xacro.warning('old form')}</xacro:if>`, {
      onWarning: (message) => heard.push(message),
    });
    expect(heard).toEqual(['/robot.xacro: old form']);
    expect(() => expand(`<x v="\${xacro.error('no such hand')}"/>`)).toThrow(/no such hand/);
  });

  it('says what it does not do', () => {
    for (const [body, message] of [
      ['<x v="$(anon n)"/>', /'anon' is not supported; known are find, arg, env, optenv, dirname/],
      ['<x v="$(env HAND)"/>', /the environment variable 'HAND' is not set/],
      [`<x v="\${f(x"/>`, /no closing bracket/],
    ] as const) {
      expect(() => expand(body)).toThrow(UserError);
      expect(() => expand(body)).toThrow(message);
    }
  });

  it('makes elements and attributes under computed names', () => {
    expect(
      expand(
        `<xacro:element xacro:name="\${'a' + 'b'}" k="1"><xacro:attribute name="l" value="\${1+1}"/></xacro:element>`,
      ),
    ).toBe('<ab k="1" l="2"/>');
  });
});
