import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { inspectRobot, makeOpenOptions } from '../../../launch/inspect/robot.ts';
import { readJsonLine, runCli } from '../../kit/cli.ts';
import { makeBinaryStl } from '../../kit/mesh-files.ts';
import { getTestRobotSource } from '../../kit/robots.ts';

const folder = mkdtempSync(join(tmpdir(), 'inspect-'));
function put(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}
const { urdf } = getTestRobotSource('dumbbell');

describe('zerogap inspect of a robot', () => {
  it('prints tree, bodies, joints and sums of a bare URDF, and writes a robot.yaml that it then takes', async () => {
    const path = put('dumbbell.urdf', urdf);
    const template = join(folder, 'new.yaml');
    const bare = await inspectRobot(path, { template });
    expect([bare.ok, bare.problems]).toEqual([true, []]);
    const text = bare.lines.join('\n');
    // Two balls of 1 kg and a wheel of 0.5 kg in two bodies.
    expect(text).toMatch(/^robot {2}dumbbell, 2\.5 kg in 2 bodies, 1 movable joints/);
    expect(text).toMatch(/└ weld \(fixed\) ─ end 1 kg/);
    expect(text).toMatch(
      /└ wheel_joint \(continuous about 0 0 1\) ─ wheel 0\.5 kg, body of 0\.5 kg/,
    );
    expect(text).toMatch(
      /body {10}base with 1 fixed to it: 2 kg at 1, 0, 0 m, principal moments 0\.2, 2\.2, 2\.2/,
    );
    const whole = await inspectRobot(path, { config: template });
    expect(whole.lines.join('\n')).toMatch(/actuator {6}wheel_joint: pd \(position\)/);
    expect(whole.details).toMatchObject({
      name: 'dumbbell',
      mass: 2.5,
      actuatedJointNames: ['wheel_joint'],
    });
  });

  it('prints how large meshes are as they are used, for those drawn in millimetres', async () => {
    writeFileSync(join(folder, 'unit.stl'), makeBinaryStl());
    const shape = (scale: string) =>
      `<visual><geometry><mesh filename="unit.stl" scale="${scale}"/></geometry></visual>`;
    const links = `<link name="a">${shape('1 1 1')}${shape('-0.001 0.002 0.001')}</link>`;
    const { lines } = await inspectRobot(put('m.urdf', `<robot name="m">${links}</robot>`), {});
    expect(lines).toContain(
      '  mesh          unit.stl: 4 triangles, 1 × 1 × 1 and 0.001 × 0.002 × 0.001 m (visual)',
    );
  });

  it('never writes over a file', async () => {
    const path = put('mine.yaml', 'mine\n');
    const robot = put('dumbbell.urdf', urdf);
    await expect(inspectRobot(robot, { template: path })).rejects.toThrow(
      /mine\.yaml: the file cannot be written/,
    );
    expect(readFileSync(path, 'utf8')).toBe('mine\n');
  });

  it('writes the URDF that a xacro becomes', async () => {
    const xacro =
      '<robot name="r"><xacro:arg name="n" default="a"/><link name="$(arg n)"/></robot>';
    const out = join(folder, 'out.urdf');
    await inspectRobot(put('r.xacro', xacro), { urdf: out, xacroArg: ['n:=b'] });
    expect(readFileSync(out, 'utf8')).toBe('<robot name="r">\n  <link name="b"/>\n</robot>\n');
  });

  it('takes search paths from the command line before those of ROS', () => {
    vi.stubEnv('ROS_PACKAGE_PATH', '/ros');
    vi.stubEnv('AMENT_PREFIX_PATH', '/opt/x');
    const { packagePaths } = makeOpenOptions({ packagePath: [folder] });
    vi.unstubAllEnvs();
    expect(packagePaths).toEqual([folder, '/ros', '/opt/x/share']);
    expect(() => makeOpenOptions({ xacroArg: ['side=left'] })).toThrow(
      /name:=value, got 'side=left'/,
    );
  });

  it('refuses folders of packages that are not there, every one by name', () => {
    const packagePath = ['/no/such', folder, '/nor/this'];
    expect(() => makeOpenOptions({ packagePath })).toThrow(
      /--package-path: there is no such folder .*got '\/no\/such'.*\n.*got '\/nor\/this'/,
    );
  });

  it('ends with 2 for an argument that the description does not take', async () => {
    const path = put('args.xacro', '<robot name="$(arg n)"><link name="a"/></robot>');
    const wrong = await runCli(['inspect', path, '--xacro-arg', 'n:=b', '--xacro-arg', 'm:=b']);
    expect(wrong.code).toBe(2);
    expect(wrong.stdout).toMatch(
      /args\.xacro: nothing here takes an argument 'm' \(expected one of n, got 'm'\)/,
    );
    const report = await inspectRobot(put('dumbbell.urdf', urdf), { xacroArg: ['n:=b'] });
    expect(report.problems.join()).toMatch(/argument 'n' \(expected none: it takes no arguments/);
  });

  it('ends with 2 and every problem by name for a robot that cannot be, with 0 for one that can', async () => {
    const path = put('bad.urdf', urdf.replaceAll('mass value="1"', 'mass value="0"'));
    const bad = await runCli(['inspect', path, '--json']);
    expect(bad.code).toBe(2);
    const { ok, problems } = readJsonLine(bad.stdout) as { ok: boolean; problems: string[] };
    expect([ok, problems.length]).toEqual([false, 2]);
    expect(problems.join()).toMatch(
      /link\[base\].*mass is impossible.*link\[end\].*mass is impossible/,
    );
    const good = await runCli(['inspect', 'cartpole', '--json']);
    expect(good.code).toBe(0);
    expect(readJsonLine(good.stdout)).toMatchObject({
      ok: true,
      kind: 'robot',
      jointNames: ['cart_joint', 'pole_joint'],
      sensors: ['pole_encoder', 'cart_encoder'],
    });
  });
});
