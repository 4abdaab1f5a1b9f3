import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { checkConfig, readProfile } from '../../launch/config.ts';
import { readNodeParameters } from '../../launch/node/parameters.ts';
import { ROLES } from '../../launch/node/roles.ts';
import { configureContext, readNodeSettings, resolveSettings } from '../../launch/node/settings.ts';
import { makePlan } from '../../launch/plan.ts';
import { makeEmbeddedContext } from '../../nodes/ros/embedded.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(`${ROOT}${path}`, 'utf8');
const NODES = Object.keys(ROLES).sort();
const SIMULATION = `${ROOT}launch/ros/params/simulation.yaml`;

function parseXml(path: string): Record<string, unknown> {
  const text = read(path);
  expect(XMLValidator.validate(text), path).toBe(true);
  const attributes = { ignoreAttributes: false, attributeNamePrefix: '' };
  return new XMLParser(attributes).parse(text) as Record<string, unknown>;
}

const findNames = (text: string) => [...new Set(text.match(/\w+_node\b/g))].sort();

describe('the ROS package', () => {
  it('is an ament package of format 3, of the version that npm knows', () => {
    const { package: xml } = parseXml('package.xml') as { package: Record<string, unknown> };
    const { version, description, license } = JSON.parse(read('package.json')) as {
      version: string;
      description: string;
      license: string;
    };
    expect(xml).toMatchObject({ format: '3', name: 'zerogap', version, description });
    expect(xml.license).toMatchObject({ '#text': license });
    expect(xml.export).toEqual({ build_type: 'ament_cmake' });
  });

  it('installs every node, and only what is there', () => {
    const cmake = read('CMakeLists.txt');
    expect(findNames(cmake)).toEqual(NODES);
    const [, folders = ''] = /DIRECTORY (launch nodes .*)\n/.exec(cmake) ?? [];
    for (const folder of folders.split(' ').filter((name) => name !== 'node_modules')) {
      expect(existsSync(`${ROOT}${folder}`), folder).toBe(true);
    }
    for (const [file] of cmake.matchAll(/launch\/ros\/[\w.-]+/g)) {
      expect(existsSync(`${ROOT}${file}`), file).toBe(true);
    }
  });

  it('has the lock file, without which a viewer would serve the page of the last build for ever', () => {
    expect(read('CMakeLists.txt')).toMatch(/install\(FILES package\.json package-lock\.json /);
  });

  it('starts a node by the name that its script was installed under', () => {
    const prefix = mkdtempSync(join(tmpdir(), 'zerogap-ros-'));
    mkdirSync(join(prefix, 'lib/zerogap'), { recursive: true });
    mkdirSync(join(prefix, 'libexec'));
    symlinkSync(ROOT, join(prefix, 'libexec/zerogap'));
    copyFileSync(`${ROOT}launch/ros/run-node.sh`, join(prefix, 'lib/zerogap/policy_node'));
    const arguments_ = ['--ros-args', '-p', 'profile:=nowhere', '-p', 'use_sim_time:=true'];
    const { status, stderr } = spawnSync(join(prefix, 'lib/zerogap/policy_node'), arguments_, {
      encoding: 'utf8',
    });
    rmSync(prefix, { recursive: true });
    expect(`${status} ${stderr}`).toMatch(/^2 .*no such profile.*got 'nowhere'/s);
  });
});

describe('launch files', () => {
  const python = read('launch/ros/stack.launch.py');

  it('start the same nodes, in Python and in XML', () => {
    expect(findNames(python)).toEqual(NODES);
    const { launch } = parseXml('launch/ros/stack.launch.xml') as {
      launch: { node: { exec: string; pkg: string; param: unknown }[]; arg: { name: string }[] };
    };
    expect(launch.node.map(({ exec }) => exec).sort()).toEqual(NODES);
    for (const { pkg, param } of launch.node) {
      expect([pkg, param]).toEqual(['zerogap', { from: '$(var params_file)' }]);
    }
    const names = launch.arg.map(({ name }) => name);
    const chosen = ['reference_node', 'simulator_node', 'recorder_node', 'viewer_node'];
    expect(names).toEqual(['params_file', ...chosen]);
    for (const name of names) expect(python).toContain(`'${name}'`);
  });

  it('hold no values of their own', () => {
    expect(python).not.toMatch(/\d/);
    expect(read('launch/ros/stack.launch.xml').replace(/<\?xml.*\?>/, '')).not.toMatch(/\d/);
  });

  it('are Python, as far as there is one to say so', () => {
    const code = 'import ast, sys; ast.parse(sys.stdin.read())';
    const { error, status, stderr } = spawnSync('python3', ['-c', code], { input: python });
    if (error === undefined) expect(`${status} ${stderr}`).toBe('0 ');
    else expect(error.message).toContain('ENOENT');
  });
});

describe('parameters of a node process', () => {
  const readFor = (name: string, ...args: string[]) => {
    const settings = readNodeSettings(['--ros-args', '--params-file', SIMULATION, ...args]);
    return readNodeParameters(name, resolveSettings(settings, name).parameters);
  };

  it.each(NODES)('suffice for %s as the package has them', (executable) => {
    const { profile, clock } = readFor(executable.replace('_node', ''));
    expect([profile, clock]).toEqual(['demo', 'ros']);
  });

  it('say whose time it is, and what it is about, or the node does not start', () => {
    expect(() => readNodeParameters('policy', { use_sim_time: true })).toThrow(/-p profile:=/);
    expect(() => readNodeParameters('policy', { profile: 'demo' })).toThrow(/use_sim_time:=true/);
    expect(() => readNodeParameters('policy', { profile: 'nowhere' })).toThrow(
      /parameter profile of node policy: no such profile/,
    );
    expect(() => readNodeSettings(['--profile', 'demo'])).toThrow(/Put --ros-args before/);
    expect(() => readFor('simulator', '-p', 'start_state:=flying')).toThrow(/paused, stopped/);
  });

  it('hold for the limits that the safety node shows', () => {
    const { config } = readFor('safety', '-p', 'safety:hold_s:=0.05', '-p', 'max_tilt:=0.7');
    expect([config.safety.holdS, config.safety.maxTilt]).toEqual([0.05, 0.7]);
    // Those of another node are not its own.
    expect(readFor('safety', '-p', 'policy:hold_s:=0.05').config.safety.holdS).toBe(0.1);
    expect(() => readFor('safety', '-p', 'hold_s:=-1')).toThrow(/safety\.holdS/);
    expect(() => readFor('safety', '-p', 'geofence.lower:=[0.0]')).toThrow(/in the profile/);
  });

  it('say whether a node waits for its manager, and which controller the motors are under', () => {
    expect(readFor('policy').autostart).toBe(true);
    expect(readFor('policy', '-p', 'autostart:=false').autostart).toBe(false);
    expect(() => readFor('policy', '-p', 'autostart:=1')).toThrow(/autostart.*true or false/);
    const controller = ['-p', 'controller_command.kind:=forward'];
    const topic = ['-p', 'controller_command.topic:=rotors/commands'];
    const { config } = readFor('safety', ...controller, ...topic);
    expect(config.controllerCommand).toEqual({ kind: 'forward', topic: 'rotors/commands' });
    expect(() => readFor('safety', '-p', 'controller_command.kind:=pid')).toThrow(/forward/);
    expect(readFor('policy', ...controller).config.controllerCommand.kind).toBe('off');
  });

  it('are refused where the robot cannot be commanded so', async () => {
    const refuse = (profile: string, controllerCommand: object) =>
      expect(
        makePlan(checkConfig({ ...readProfile(profile), ...{ controllerCommand } } as never), 'x'),
      ).rejects;
    await refuse('demo', { kind: 'trajectory' }).toThrow(/of positions.*crazyflie.*'forward'/);
    await refuse('demo', { kind: 'forward', joints: ['m1'] }).toThrow(
      /controllerCommand\.joints.*got m1/,
    );
  });

  it('name, remap and parametrise the node, over what it says of itself', async () => {
    const context = makeEmbeddedContext({ log: () => {} });
    const settings = readNodeSettings([
      ...['--ros-args', '-r', '__ns:=/lab', '-r', '/clock:=/sim/clock', '-p', 'rate:=7'],
      ...['-p', 'use_sim_time:=false', '-p', 'other:rate:=9'],
    ]);
    const shown = { profile: { value: 'demo', description: 'x' } };
    const node = configureContext(context, settings, shown).createNode('policy', {
      parameters: { use_sim_time: true },
    });
    expect(node.fullyQualifiedName).toBe('/lab/policy');
    expect(node.declareParameter({ name: 'rate', default: 1, description: '' })).toBe(7);
    expect(node.getParameter('use_sim_time')).toBe(false);
    expect(node.getParameter('profile')).toBe('demo');
    const { topic } = node.createPublisher('rosgraph_msgs/msg/Clock', '/clock');
    expect(topic).toBe('/sim/clock');
    await context.shutdown();
  });
});

describe('what runs on a robot', () => {
  it('begins in the official image, and builds there', () => {
    const docker = read('launch/ros/Dockerfile');
    expect(docker).toMatch(/^FROM ros:jazzy$/m);
    const steps = ['npm ci', 'npm rebuild rclnodejs', 'npm run build:page', 'colcon build'];
    const places = steps.map((step) => docker.indexOf(step));
    expect(Math.min(...places)).toBeGreaterThan(0);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it('is told to end by the signal that stops the motors first', () => {
    expect(read('launch/ros/Dockerfile')).toMatch(/^STOPSIGNAL SIGINT$/m);
    const unit = read('launch/ros/zerogap.service');
    const sections = [...unit.matchAll(/^\[(\w+)\]$/gm)].map(([, name]) => name);
    expect(sections).toEqual(['Unit', 'Service', 'Install']);
    for (const line of unit.split('\n')) expect(line).toMatch(/^$|^#|^\[\w+\]$|^\w+=/);
    expect(unit).toMatch(/^KillSignal=SIGINT$/m);
    expect(unit).toMatch(/stack\.launch\.py params_file:=\S+ simulator_node:=false/);
  });
});
