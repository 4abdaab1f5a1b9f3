import type { ManifestDraft } from '../../policies/manifest.ts';
import { exportPolicy } from '../../policies/onnx/export-policy.ts';
import type { GraphNetwork } from '../../policies/onnx/policy-network.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { BARE_ROBOT } from './bare-robot.ts';
import { makeImuSpec, makeMotionCaptureSpec, makeSensedBody } from './sensed-body.ts';

/** A flying box with two effort joints: the smallest robot that every rule can be tried on. */
export function makeTinyRobot(overrides: Partial<RobotModel> = {}): RobotModel {
  return {
    ...BARE_ROBOT,
    name: 'tiny',
    base: 'floating',
    rootLink: 'base_link',
    links: makeSensedBody([]).links,
    joints: [],
    jointNames: ['left', 'right'],
    actuatedJointNames: ['left', 'right'],
    actuators: [
      { kind: 'effort', joint: 'left', maxEffort: 2 },
      { kind: 'effort', joint: 'right', maxEffort: 2 },
    ],
    commandKind: 'effort',
    commandLower: [-2, -2],
    commandUpper: [2, 2],
    sensors: [makeImuSpec(), makeMotionCaptureSpec()],
    home: { position: [0, 0, 0], orientation: [0, 0, 0, 1], jointPosition: [0, 0] },
    safety: {
      maxTilt: 1,
      geofence: { lower: [-1, -1, -1], upper: [1, 1, 1] },
      maxCommandRate: [50, 50],
      damp: [0.25, 0.25],
      stop: [0, 0],
      motorTimeoutS: 0.2,
    },
    sha256: 'a'.repeat(64),
    ...overrides,
  };
}

/** Observes the position error and the last action, commands left and right. */
export function makeTinyDraft(overrides: Partial<ManifestDraft> = {}): ManifestDraft {
  return {
    name: 'tiny-policy',
    task: 'tiny-task',
    robot: 'tiny',
    robotSha256: 'a'.repeat(64),
    periodS: 0.01,
    jointNames: ['left', 'right'],
    commandLower: [-2, -2],
    commandUpper: [2, 2],
    defaultJointPosition: [0, 0],
    observations: [
      { name: 'positionErrorB', width: 3, unit: 'm', frame: 'base_link' },
      { name: 'lastAction', width: 2, unit: '-' },
    ],
    action: { kind: 'effort', clip: [-1, 1], scale: [2, 2], offset: [0, 0] },
    commandRanges: {},
    randomization: {},
    evaluation: [],
    provenance: {
      tool: 'test',
      method: 'by hand',
      seed: 1,
      commit: 'none',
      createdAt: '2026-01-01T00:00:00Z',
    },
    ...overrides,
  };
}

/**
 * One linear layer: left = error x + 0.5 · last left, right = error y + 0.5 · last right,
 * before the action's clip and its scale of 2.
 */
export const TINY_MLP = {
  kind: 'mlp',
  layers: [
    {
      weight: [
        ...[1, 0], // error x
        ...[0, 1], // error y
        ...[0, 0], // error z
        ...[0.5, 0], // last left
        ...[0, 0.5], // last right
      ],
      bias: [0, 0],
    },
  ],
  activation: 'tanh',
  head: 'identity',
} as const satisfies GraphNetwork;

export async function makeTinyPolicy(overrides: Partial<ManifestDraft> = {}): Promise<Uint8Array> {
  return exportPolicy({
    network: TINY_MLP,
    manifest: makeTinyDraft(overrides),
    goldenInputs: [
      [0.1, 0.2, 0.3, 0.4, 0.5],
      [-0.5, 0.25, 0, 0, 1],
    ],
  });
}
