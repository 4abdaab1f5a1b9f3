import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { encodeModel } from '../../../policies/onnx/model-proto.ts';
import { createSession, makeTensor } from '../../../policies/onnx/session.ts';
import { DenseNetwork } from '../../../sim/actuator/dense.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { type DenseLayer, readDenseLayers } from '../../../sim/onnx/dense-layers.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { makeActuatorStand } from '../../kit/actuator-stand.ts';
import { makeMotorRobot } from '../../kit/motor-robots.ts';
import { getTestRobotSource } from '../../kit/robots.ts';

const DT = 0.005;

/** A network of the shape of the public ones, 6 → 32 → 32 → 1, with random weights, as an ONNX file. */
function encodeNetwork(activation: string, seed = 3): Uint8Array {
  const rng = new Rng(seed);
  const sizes = [6, 32, 32, 1];
  const constants = sizes.slice(1).flatMap((numOut, i) => {
    const numIn = sizes[i]!;
    const draw = () => Float32Array.from({ length: numIn * numOut }, () => rng.normal(0, 0.4));
    const bias = Float32Array.from({ length: numOut }, () => rng.normal(0, 0.2));
    return [
      { name: `w${i}`, shape: [numOut, numIn], data: draw() },
      { name: `b${i}`, shape: [numOut], data: bias },
    ];
  });
  const transB = { transB: { int: 1 } };
  return encodeModel({
    name: 'drive',
    irVersion: 8,
    opset: 17,
    producerName: 'test',
    nodes: [
      { op: 'Gemm', inputs: ['x', 'w0', 'b0'], outputs: ['h0'], attributes: transB },
      { op: activation, inputs: ['h0'], outputs: ['a0'] },
      { op: 'Gemm', inputs: ['a0', 'w1', 'b1'], outputs: ['h1'], attributes: transB },
      { op: activation, inputs: ['h1'], outputs: ['a1'] },
      { op: 'Gemm', inputs: ['a1', 'w2', 'b2'], outputs: ['y'], attributes: transB },
    ],
    constants,
    inputs: [{ name: 'x', shape: ['batch', 6] }],
    outputs: [{ name: 'y', shape: ['batch', 1] }],
  });
}

describe('a dense network in plain loops', () => {
  it.each(['Relu', 'Elu', 'Tanh', 'Softsign', 'Sigmoid'])(
    'equals onnxruntime to the last bits of float32, with %s',
    async (activation) => {
      const bytes = encodeNetwork(activation);
      const batch = 50;
      const network = new DenseNetwork(readDenseLayers(bytes, 'drive.onnx'), batch);
      const rng = new Rng(8);
      for (let k = 0; k < network.input.length; k++) network.input[k] = rng.normal(0, 2);
      network.run(batch);
      const session = await createSession(bytes, 'cpu');
      const result = await session.run({ x: makeTensor(network.input.slice(), [batch, 6]) });
      await session.release();
      const expected = result.y?.data as Float32Array;
      // Three sums of at most 32 products, each of size 1 or so: some 2⁻²⁴ of rounding each.
      const TOLERANCE = 5e-6;
      for (let row = 0; row < batch; row++) {
        expect(Math.abs(network.output[row]! - expected[row]!)).toBeLessThan(TOLERANCE);
      }
    },
  );
});

/** One linear layer whose output spells its six inputs as decimal digits: 1, 10, … times each. */
const SPELL: readonly DenseLayer[] = [
  {
    weight: Float32Array.from([1, 10, 100, 1000, 10_000, 100_000]),
    bias: new Float32Array(1),
    activation: 'none',
  },
];

function makeCrane(more: string) {
  return makeMotorRobot('crane', {
    commandKind: 'position',
    actuators:
      '{ kind: network, joints: [slew, slide], maxEffort: 100, ' +
      `network: { file: drive.onnx, sampleS: 0.005, history: [0, 1, 2], effortScale: 1.0e-5, ${more} } }`,
    networks: new Map([['drive.onnx', SPELL]]),
  });
}

/** What joint 0 and joint 1 get after three steps with position errors 1, 2, 3 and speeds 4, 5, 6. */
function runThreeSteps(more: string, dt = DT, repeat = 1): number[] {
  const { engine, state, bank } = makeActuatorStand(makeCrane(more));
  bank.reset(0, { command: [0, 0] });
  for (let i = 0; i < 3; i++) {
    for (let k = 0; k < repeat; k++) {
      // Error = command − position = i + 1.
      state.jointPosition.set([-(i + 1), 0]);
      state.jointVelocity.set([4 + i, 0]);
      bank.apply(engine, state, 0, dt);
    }
  }
  return [...engine.jointEffort].map((effort) => Math.round(effort * 1e5));
}

describe('a learned drive', () => {
  it.each([
    // Newest first: errors 3, 2, 1 and speeds 6, 5, 4, lowest digit first.
    ['position_velocity', '', 456_123],
    ['velocity_position', '', 123_456],
    ['interleaved', '', 415_263],
    // 6, 5, 4 after −3, −2, −1: 456 000 − 123.
    ['position_velocity', ', positionScale: -1', 455_877],
    ['position_velocity', ', velocityScale: 0.5', 228_123],
  ])('sees its history in the order %s%s', (order, scales, spelt) => {
    expect(runThreeSteps(`inputOrder: ${order}${scales}`)).toEqual([spelt, 0]);
  });

  it('sees the same samples at a finer physics step', () => {
    // Each value held for two steps of half the length: ages 0, 1, 2 samples are 0, 2, 4 steps.
    expect(runThreeSteps('inputOrder: position_velocity', DT / 2, 2)).toEqual([456_123, 0]);
  });

  it('sees a straight line between coarser physics steps', () => {
    // Steps of two samples: errors 3, (3 + 2)/2, 2, speeds 6, 5.5, 5.
    expect(runThreeSteps('inputOrder: position_velocity', 2 * DT)).toEqual([
      3 + 25 + 200 + 6000 + 55_000 + 500_000,
      0,
    ]);
  });

  it('forgets at a reset, and saturates', () => {
    const crane = makeCrane('inputOrder: position_velocity');
    // Else the speed limit of the joint would come before the saturation.
    const joints = crane.joints.map((joint) => ({ ...joint, maxVelocity: Infinity }));
    const { engine, state, bank } = makeActuatorStand({ ...crane, joints });
    bank.reset(0, { command: [0, 0] });
    state.jointPosition.set([-2, 0]);
    for (let i = 0; i < 5; i++) bank.apply(engine, state, 0, DT);
    bank.reset(0, { command: [0, 0] });
    state.jointPosition.set([-1, 0]);
    bank.apply(engine, state, 0, DT);
    // All three errors are 1: 111.
    expect(Math.round(engine.jointEffort[0]! * 1e5)).toBe(111);
    state.jointVelocity.set([4000, 0]);
    for (let i = 0; i < 3; i++) bank.apply(engine, state, 0, DT);
    // 444 000 · 1000 · 1e-5 is more than 100.
    expect(engine.jointEffort[0]).toBe(100);
  });

  it('is one batch over robots and joints: each row is its own', () => {
    const { engine, state, bank } = makeActuatorStand(
      makeCrane('inputOrder: position_velocity'),
      2,
    );
    for (const robot of [0, 1]) bank.reset(robot, { command: [0, 0] });
    state.jointPosition.set([-1, -2, -3, -4]);
    bank.apply(engine, state, 0, DT);
    expect([...engine.jointEffort].map((effort) => Math.round(effort * 1e5))).toEqual([
      111, 222, 333, 444,
    ]);
  });

  it('takes commands within the limits of its joints', () => {
    expect(makeCrane('inputOrder: interleaved').commandUpper).toEqual([2, 0.5]);
  });
});

describe('a robot with a learned drive', () => {
  const folder = mkdtempSync(join(tmpdir(), 'drive-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  function write(file: string, history: string): string {
    const { urdf, yaml } = getTestRobotSource('crane');
    const actuators =
      `{ kind: network, joints: [slew, slide], maxEffort: 100, network: { file: ${file}, ` +
      `sampleS: 0.005, history: ${history}, inputOrder: position_velocity } }`;
    writeFileSync(join(folder, 'robot.urdf'), urdf);
    writeFileSync(
      join(folder, 'robot.yaml'),
      yaml
        .replace(/actuators: \[.*\]/, () => `actuators: [${actuators}]`)
        .replace('commandKind: effort', 'commandKind: position'),
    );
    return folder;
  }

  it('is read with its network, which counts in its hash', () => {
    writeFileSync(join(folder, 'drive.onnx'), encodeNetwork('Softsign'));
    const model = loadRobot(write('drive.onnx', '[0, 1, 2]'));
    const [first, second] = model.actuators;
    if (first?.kind !== 'network' || second?.kind !== 'network') throw new Error('no network');
    expect(first.network.layers.map(({ bias }) => bias.length)).toEqual([32, 32, 1]);
    expect(second.network).toBe(first.network);
    writeFileSync(join(folder, 'drive.onnx'), encodeNetwork('Softsign', 4));
    expect(loadRobot(folder).sha256).not.toBe(model.sha256);
  });

  it('is refused when its network is missing or takes another history', () => {
    expect(() => loadRobot(write('elsewhere.onnx', '[0, 1, 2]'))).toThrow(
      /the network cannot be read .*elsewhere\.onnx/,
    );
    expect(() => loadRobot(write('drive.onnx', '[0, 1]'))).toThrow(
      /network: 'drive\.onnx' does not fit its history \(expected \[4\] → \[1\].*got \[6\] → \[1\]/,
    );
  });
});
