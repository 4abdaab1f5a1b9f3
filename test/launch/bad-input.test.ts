import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRecording } from '../../nodes/recording/mcap-reader.ts';
import { computeObservationWidth } from '../../policies/manifest.ts';
import { exportPolicy } from '../../policies/onnx/export-policy.ts';
import { makeMlpModel } from '../../policies/onnx/mlp-graph.ts';
import { computeGraphSha256 } from '../../policies/onnx/model-proto.ts';
import { readManifest, writeManifest } from '../../policies/onnx/read-manifest.ts';
import { readRobotConfig, readRobotDescription } from '../../sim/robot/load.ts';
import { readJsonLine, runCli } from '../kit/cli.ts';
import { makeFlightDraft, makeNanPolicy } from '../kit/flight-policy.ts';

let folder = '';
let policy: Uint8Array;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zerogap-bad-input-'));
  const manifest = makeFlightDraft();
  const width = computeObservationWidth(manifest.observations);
  policy = await exportPolicy({
    network: makeHover(width),
    manifest,
    goldenInputs: [new Float32Array(width)],
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** All zeros: every rotor at hover speed, whatever is observed. */
function makeHover(width: number) {
  return {
    kind: 'mlp',
    layers: [{ weight: new Float32Array(width * 4), bias: new Float32Array(4) }],
    activation: 'tanh',
    head: 'identity',
  } as const;
}

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Runs `start` on a tiny fleet and expects it to be refused with all of these words. */
async function expectRefusal(args: readonly string[], words: readonly (string | RegExp)[]) {
  const common = ['start', '--robots', '2', '--duration', '1', '--headless', '--out', folder];
  const { code, stderr, stdout } = await runCli([...common, ...args]);
  for (const word of words) expect(stderr).toMatch(word);
  expect(stderr).toMatch(/expected .*got /s);
  expect(stderr).not.toContain('internal error');
  expect(stdout).toBe('');
  expect(code).toBe(2);
}

describe('bad input is refused with exit code 2, place, expectation, finding and remedy', () => {
  it('a broken URDF', async () => {
    const urdf = readRobotDescription('crazyflie').replace('</robot>', '');
    const path = write('broken.urdf', urdf);
    write('robot.yaml', readRobotConfig('crazyflie'));
    await expectRefusal(['--robot', path], [/broken\.urdf/]);
  });

  it('a joint that the robot does not have', async () => {
    const draft = makeFlightDraft({ jointNames: ['m1_joint', 'm2_joint', 'm3_joint', 'm9_joint'] });
    const width = computeObservationWidth(draft.observations);
    const bytes = await exportPolicy({
      network: makeHover(width),
      manifest: draft,
      goldenInputs: [new Float32Array(width)],
    });
    const path = write('joint.onnx', bytes);
    await expectRefusal(['--policy', path], [/joint\.onnx/, /m9_joint/, /m4_joint/]);
  });

  it('an unknown key in a profile', async () => {
    const path = write('typo.yaml', 'robot: crazyflie\npolicy: crazyflie-track\ncourse: []\n');
    await expectRefusal(['--profile', path], [/typo\.yaml:3: course: unknown key/, /courses/]);
  });

  it('an ONNX graph of another shape than its manifest says', async () => {
    const manifest = readManifest(policy, 'policy');
    const width = computeObservationWidth(manifest.observations);
    const graph = makeMlpModel({
      ...makeHover(width + 1),
      inputName: 'obs',
      outputName: 'actions',
    });
    const graphSha256 = computeGraphSha256(graph);
    const path = write('shape.onnx', writeManifest(graph, { ...manifest, graphSha256 }, 'shape'));
    await expectRefusal(
      ['--policy', path],
      [/shape\.onnx/, new RegExp(`\\b${width}\\b`), new RegExp(`\\b${width + 1}\\b`)],
    );
  });

  it('a golden vector that the graph does not reproduce', async () => {
    const manifest = readManifest(policy, 'policy');
    const [first] = manifest.golden;
    const golden = [{ input: first!.input, output: first!.output.map((x) => x + 0.01) }];
    const path = write('golden.onnx', writeManifest(policy, { ...manifest, golden }, 'golden'));
    await expectRefusal(['--policy', path], [/golden\.onnx/, /golden/]);
  });

  it('a file that is not ONNX', async () => {
    await expectRefusal(['--policy', write('text.onnx', 'not a model')], [/text\.onnx/]);
  });

  it('a folder as policy, an alias to nowhere, a course outside the fence, too many robots', async () => {
    await expectRefusal(['--policy', folder], [/no such policy/]);
    await expectRefusal(['--profile', write('alias.yaml', 'seed: *nope\n')], [/alias\.yaml/]);
    const high = 'courses: [{ kind: waypoints, points: [[0, 0, 50]] }]';
    const path = write('high.yaml', `robot: crazyflie\npolicy: crazyflie-track\n${high}\n`);
    await expectRefusal(['--profile', path], [/courses\[0\].*geofence.*z = 50/s]);
    const tight = 'safety: { geofence: { lower: [-1, -1, -0.1], upper: [1, 1, 2] } }';
    const wide = 'courses: [{ kind: circle, centre: [0, 0, 1], radius: 1.5, speed: 1 }]';
    const fenced = write(
      'fenced.yaml',
      `robot: crazyflie\npolicy: crazyflie-track\n${wide}\n${tight}\n`,
    );
    await expectRefusal(['--profile', fenced], [/geofence.*x from -1 to 1 m/s]);
    const { code, stderr } = await runCli(['start', '--robots', '5000']);
    expect(stderr).toMatch(/numRobots.*at most 256, got 5000/);
    expect(code).toBe(2);
  });

  it('a port in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const path = write('flight.onnx', policy);
    try {
      const { code, stderr } = await runCli([
        ...['start', '--policy', path, '--robots', '1', '--duration', '1'],
        ...['--port', String(port), '--out', folder],
      ]);
      expect(stderr).toMatch(new RegExp(`${port}.*in use.*--port`, 's'));
      expect(code).toBe(2);
    } finally {
      server.close();
    }
  });

  it('an output folder that cannot be written', async () => {
    const path = write('flight.onnx', policy);
    const { code, stderr } = await runCli([
      ...['start', '--policy', path, '--robots', '1', '--duration', '1', '--headless'],
      ...['--out', join(path, 'recordings')],
    ]);
    expect(stderr).toMatch(/flight\.onnx.*expected .*got /s);
    expect(code).toBe(2);
  });

  it('a robot, a policy or a profile that does not exist, with the names that do', async () => {
    await expectRefusal(['--robot', 'crazyfly'], [/crazyflie/]);
    await expectRefusal(['--policy', 'nobody'], [/zerogap clone/]);
    await expectRefusal(['--profile', 'dmo'], [/one of demo/]);
  });
});

describe('a policy that says NaN in flight', () => {
  it('gets its robots stopped, ends the run with exit code 2 and leaves a whole recording', async () => {
    const path = write('nan.onnx', await makeNanPolicy());
    const { code, stderr, stdout } = await runCli([
      ...['start', '--policy', path, '--robots', '2', '--duration', '5', '--headless', '--json'],
      ...['--real-time-factor', '0', '--out', folder],
    ]);
    expect(stderr).toMatch(/nan\.onnx.*not finite.*expected finite numbers.*m1_joint/s);
    expect(code).toBe(2);
    const summary = readJsonLine(stdout) as {
      recordings: string[];
      durationS: number;
      safety: { stop: number };
    };
    expect(summary.durationS).toBeLessThan(1);
    expect(summary.safety.stop).toBeGreaterThan(0);
    const recording = await openRecording(summary.recordings[0]!);
    expect(recording.isComplete).toBe(true);
    const last = new Map<string, ArrayLike<number>>();
    for await (const message of recording.messages()) {
      if (!/^\/cf\d+\/joint_command$/.test(message.topic)) continue;
      last.set(message.topic, (message.decode() as { velocity: Float64Array }).velocity);
    }
    expect([...last.keys()].sort()).toEqual(['/cf00/joint_command', '/cf01/joint_command']);
    for (const speeds of last.values()) expect(Array.from(speeds)).toEqual([0, 0, 0, 0]);
  });
});
