import { describe, expect, it } from 'vitest';
import {
  type PolicyManifest,
  parseManifest,
  sealManifest,
  type UnsealedManifest,
} from '../../policies/manifest.ts';
import { computeManifestSha256 } from '../../policies/manifest-hash.ts';
import { UserErrors } from '../../sim/errors.ts';
import { makeTinyDraft } from '../kit/tiny-policy.ts';

const complete = {
  ...makeTinyDraft(),
  version: 1,
  graphSha256: 'b'.repeat(64),
  golden: [{ input: [0, 0, 0, 0, 0], output: [0, 0] }],
};

function parse(changes: Record<string, unknown>): PolicyManifest {
  const value = JSON.parse(JSON.stringify({ ...complete, ...changes }));
  const manifestSha256 = computeManifestSha256(value);
  return parseManifest(JSON.stringify({ ...value, manifestSha256 }), 'p.onnx');
}

describe('parseManifest', () => {
  it('fills in what may be left out', () => {
    expect(parse({})).toMatchObject({
      inputName: 'obs',
      outputName: 'actions',
      historyLayout: 'term',
      quaternionOrder: 'xyzw',
      recurrent: [],
      goldenTolerance: 1e-5,
    });
  });

  it('takes one that does not say otherwise for one that sees what a robot measures', () => {
    expect(parse({}).privileged).toBeUndefined();
    const terms = [{ name: 'linearVelocityB', width: 3, unit: 'm/s', frame: 'base_link' }];
    const columns = ['x', 'y', 'z'].map((axis) => ({
      ...{ name: `linearVelocityB.${axis}`, unit: 'm/s' },
    }));
    const golden = [{ input: [0, 0, 0], output: [0, 0] }];
    expect(parse({ privileged: { terms, columns }, golden }).privileged).toMatchObject({ columns });
    // Five numbers are what a robot measures here.
    expect(() => parse({ privileged: { terms, columns } })).toThrow(
      /expected 3 inputs.*got .5 inputs/,
    );
    expect(() => parse({ privileged: true })).toThrow(/privileged/);
  });

  it('reports every problem at once, each with its key path, what was expected and got', () => {
    let error: unknown;
    try {
      parse({ periodS: 0, robot: '', kp: 3, commandLower: [-2], quaternionOrder: 'wxyz' });
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(UserErrors);
    const parts = (error as UserErrors).errors.map((e) => e.parts);
    expect(parts.map((p) => p.where).sort()).toEqual([
      'p.onnx: manifest: kp',
      'p.onnx: manifest: periodS',
      'p.onnx: manifest: quaternionOrder',
      'p.onnx: manifest: robot',
    ]);
    expect(parts.find((p) => p.where.endsWith('periodS'))).toMatchObject({
      expected: 'more than 0',
      got: '0',
    });
    expect(parts.find((p) => p.where.endsWith(': kp'))).toMatchObject({ got: 'kp' });
    expect(parts.find((p) => p.where.endsWith('Order'))).toMatchObject({ got: "'wxyz'" });
  });

  it('wants the bounds of an integral that the policy observes', () => {
    const observations = [
      { name: 'positionErrorIntegralB', width: 3, unit: 'm·s' },
      { name: 'lastAction', width: 2, unit: '-' },
    ];
    expect(() => parse({ observations })).toThrow(/positionErrorIntegral: .*expected limit and/);
    const positionErrorIntegral = { limit: 0.8, maxError: 0.4 };
    expect(parse({ observations, positionErrorIntegral }).positionErrorIntegral).toEqual({
      limit: 0.8,
      maxError: 0.4,
    });
  });

  it('wants one number per joint in every list over joints', () => {
    expect(() => parse({ commandLower: [-2] })).toThrow(
      /manifest: commandLower: has 1 numbers for 2 joints \(expected one number for each of left, right/,
    );
    const action = { ...complete.action, scale: [1, 2, 3] };
    expect(() => parse({ action })).toThrow(/manifest: action\.scale: has 3 numbers for 2 joints/);
    const gains = { stiffness: [1, 1], damping: [] };
    expect(() => parse({ gains })).toThrow(/manifest: gains\.damping/);
  });

  it('refuses joints named twice, crossed limits and crossed ranges', () => {
    expect(() => parse({ jointNames: ['left', 'left'] })).toThrow(/jointNames\[1\].*twice/);
    expect(() => parse({ commandLower: [3, -2] })).toThrow(/commandLower\[0\].*'left'.*at most 2/);
    const action = { ...complete.action, clip: [1, -1] };
    expect(() => parse({ action })).toThrow(/action\.clip: the lower end lies above/);
  });

  it('refuses golden vectors that are not numbers, or not as many as the policy has', () => {
    // JSON writes NaN as null.
    const output = [Number.NaN, 0];
    expect(() => parse({ golden: [{ input: [0, 0, 0, 0, 0], output }] })).toThrow(
      /golden\[0\]\.output\[0\].*expected number, got null/,
    );
    expect(() => parse({ golden: [{ input: [0], output: [0, 0] }] })).toThrow(
      /golden\[0\].*expected 5 inputs and 2 outputs, got '1 inputs and 2 outputs'/,
    );
    expect(() => parse({ golden: [] })).toThrow(/golden.*at least 1/);
  });

  it('refuses recurrent tensors that share a name or put the batch outside the shape', () => {
    const state = { input: 'h', output: 'h', shape: [4], initial: 'zeros' };
    expect(() => parse({ recurrent: [state] })).toThrow(/recurrent.*twice.*'h'/);
    const far = { ...state, output: 'h2', batchAxis: 2 };
    expect(() => parse({ recurrent: [far] })).toThrow(/batchAxis.*at most 1, got 2/);
  });

  it('wants a golden sequence of a policy that remembers, and of no other', () => {
    const recurrent = [{ input: 'h', output: 'h2', shape: [4], initial: 'zeros' }];
    const [one] = complete.golden;
    const next = { ...one, continues: true };
    expect(parse({ recurrent, golden: [one, next] }).golden[1]!.continues).toBe(true);
    expect(() => parse({ recurrent })).toThrow(/golden: no golden vector goes on from another/);
    expect(() => parse({ recurrent, golden: [next, next] })).toThrow(/one before it, and there is/);
    expect(() => parse({ golden: [one, next] })).toThrow(/golden\[1\].*and the policy has none/);
  });

  it('does not let a file widen its golden vectors until any network reproduces them', () => {
    expect(parse({ goldenTolerance: 1e-3 }).goldenTolerance).toBe(1e-3);
    expect(() => parse({ goldenTolerance: 1.001e-3 })).toThrow(/goldenTolerance.*at most 0\.001/);
  });

  it.each([
    ['the period', { periodS: 0.02 }],
    ['an action scale', { action: { ...complete.action, scale: [2, 2.5] } }],
    ['a note', { provenance: { ...complete.provenance, notes: 'tuned by hand' } }],
    ['what had its default value', { goldenTolerance: 1e-3 }],
  ])('refuses a text in which %s was edited, and says what to do', (_, edit) => {
    const sealed = sealManifest(complete as unknown as UnsealedManifest, 'p.onnx');
    expect(parseManifest(JSON.stringify(sealed), 'p.onnx')).toEqual(sealed);
    expect(() => parseManifest(JSON.stringify({ ...sealed, ...edit }), 'p.onnx')).toThrow(
      /^p\.onnx: manifest: the manifest was changed after it was written.*expected sha256 [0-9a-f]{64}, got [0-9a-f]{64}.*export again/s,
    );
  });

  it('does not mind white space and the order of keys', () => {
    const sealed = sealManifest(complete as unknown as UnsealedManifest, 'p.onnx');
    const turned = Object.fromEntries(Object.entries(sealed).reverse());
    expect(parseManifest(JSON.stringify(turned, undefined, 2), 'p.onnx')).toEqual(sealed);
  });

  it('says so when the text is not JSON', () => {
    expect(() => parseManifest('{', 'p.onnx')).toThrow(/^p\.onnx: the policy manifest is not JSON/);
  });
});
