import { describe, expect, it } from 'vitest';
import { loadRobot } from '../../../sim/robot/load.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import {
  makeObservationPipeline,
  type ObservationPipelineOptions,
  POSITION_ERROR_INTEGRAL,
} from '../../../sim/task/observation.ts';
import { makeReferenceBatch } from '../../../sim/task/robot-view.ts';
import type { ObservationTermSpec } from '../../../sim/task/task.ts';

const model = loadRobot('crazyflie');
const yaw: ObservationTermSpec = { name: 'yawError', width: 1, unit: 'rad' };
const rate: ObservationTermSpec = {
  name: 'angularVelocityB',
  width: 3,
  unit: 'rad/s',
  frame: 'base_link',
};
const position: ObservationTermSpec = {
  name: 'positionErrorB',
  width: 3,
  unit: 'm',
  frame: 'base_link',
};

function setUp(options: Partial<ObservationPipelineOptions>) {
  const numRobots = options.numRobots ?? 1;
  const pipeline = makeObservationPipeline({ terms: [yaw], model, ...options, numRobots });
  const state = makeStateBatch(numRobots, model.jointNames.length);
  const reference = makeReferenceBatch(numRobots);
  const view = pipeline.makeView(state, reference);
  const out = new Float32Array(numRobots * pipeline.width);
  return { pipeline, state, reference, view, out };
}

/** Observes yaw errors 0.1, 0.2, 0.3 with rates (1, 2, 3), (2, 4, 6), (3, 6, 9), one after the other. */
function observeThree(options: Partial<ObservationPipelineOptions>): number[] {
  const { pipeline, state, reference, view, out } = setUp(options);
  for (let k = 1; k <= 3; k++) {
    reference.yaw[0] = 0.1 * k;
    state.angularVelocityB.set([k, 2 * k, 3 * k]);
    out.fill(Number.NaN);
    pipeline.write(out, view);
  }
  return [...out].map((value) => Math.round(value * 1e6) / 1e6);
}

describe('ObservationPipeline', () => {
  it('clips in the unit of the term, then scales', () => {
    const { pipeline, state, view, out } = setUp({
      terms: [{ ...rate, clip: [-1, 2], scale: 0.5 }],
    });
    state.angularVelocityB.set([-8, 1, 8]);
    pipeline.write(out, view);
    // −8 → −1 → −0.5; 1 → 0.5; 8 → 2 → 1
    expect([...out]).toEqual([-0.5, 0.5, 1]);
  });

  it('lays history out term by term, oldest first', () => {
    const terms = [{ ...yaw, history: 2 }, rate];
    expect(observeThree({ terms })).toEqual([0.2, 0.3, 3, 6, 9]);
  });

  it('lays history out newest first', () => {
    const terms = [
      { ...yaw, history: 3 },
      { ...rate, history: 2 },
    ];
    expect(observeThree({ terms, historyOrder: 'newest_first' })).toEqual([
      0.3, 0.2, 0.1, 3, 6, 9, 2, 4, 6,
    ]);
  });

  it('takes every so manieth frame into history', () => {
    const every = { ...yaw, history: 2, historyStride: 2 };
    expect(observeThree({ terms: [every, rate] })).toEqual([0.1, 0.3, 3, 6, 9]);
    expect(setUp({ terms: [every] }).pipeline.names).toEqual(['yawError[-2]', 'yawError']);
    // The frame before is kept, too, in rows of their own for each robot.
    const { pipeline, state, view, out } = setUp({
      terms: [{ ...rate, history: 2, historyStride: 3 }, yaw],
      numRobots: 2,
    });
    for (let k = 1; k <= 5; k++) {
      state.angularVelocityB.set([k, 0, 0, -k, 0, 0]);
      pipeline.write(out, view);
    }
    expect([...out]).toEqual([2, 0, 0, 5, 0, 0, 0, -2, 0, 0, -5, 0, 0, 0]);
  });

  it('lays history out frame by frame', () => {
    const terms = [
      { ...yaw, history: 2 },
      { ...rate, history: 2 },
    ];
    expect(observeThree({ terms, historyLayout: 'frame' })).toEqual([0.2, 2, 4, 6, 0.3, 3, 6, 9]);
    expect(observeThree({ terms, historyLayout: 'frame', historyOrder: 'newest_first' })).toEqual([
      0.3, 3, 6, 9, 0.2, 2, 4, 6,
    ]);
  });

  it('fills the history with the first frame after a reset of that robot alone', () => {
    const { pipeline, reference, view, out } = setUp({
      terms: [{ ...yaw, history: 2 }],
      numRobots: 2,
    });
    reference.yaw.set([0.25, 0.5]);
    pipeline.write(out, view);
    expect([...out]).toEqual([0.25, 0.25, 0.5, 0.5]);
    reference.yaw.set([0.75, 1]);
    pipeline.reset(1);
    pipeline.write(out, view);
    expect([...out]).toEqual([0.25, 0.75, 1, 1]);
  });

  it('gives one robot in a batch what it would get alone', () => {
    const terms = [{ ...yaw, history: 2 }, position];
    const batch = setUp({ terms, numRobots: 2 });
    const alone = setUp({ terms });
    for (let k = 0; k < 3; k++) {
      batch.reference.yaw.set([1, 0.1 * k]);
      batch.reference.position.set([5, 5, 5, k, 2, 3]);
      alone.reference.yaw.set([0.1 * k]);
      alone.reference.position.set([k, 2, 3]);
      batch.pipeline.write(batch.out, batch.view);
      alone.pipeline.write(alone.out, alone.view);
    }
    expect([...batch.out.subarray(alone.pipeline.width)]).toEqual([...alone.out]);
  });

  it('lets NaN through, so that the safety filter sees it', () => {
    const { pipeline, state, view, out } = setUp({ terms: [{ ...rate, clip: [-1, 1] }] });
    state.angularVelocityB[1] = Number.NaN;
    pipeline.write(out, view);
    expect(out[1]).toBeNaN();
  });

  describe('memory', () => {
    it('integrates the position error in odom', () => {
      const { pipeline, reference, view } = setUp({});
      reference.position.set([0.1, -0.2, 0.3]);
      for (let k = 0; k < 10; k++) pipeline.updateMemory(view, 0.01);
      // 0.1 m · 10 · 0.01 s = 0.01 m·s
      const [x, y, z] = pipeline.memory.positionErrorIntegralW;
      expect(x).toBeCloseTo(0.01, 12);
      expect(y).toBeCloseTo(-0.02, 12);
      expect(z).toBeCloseTo(0.03, 12);
    });

    it('stops at its limit and comes back at once', () => {
      const { pipeline, reference, view } = setUp({});
      const integral = pipeline.memory.positionErrorIntegralW;
      reference.position[0] = 0.39;
      for (let k = 0; k < 1000; k++) pipeline.updateMemory(view, 0.01);
      expect(integral[0]).toBe(POSITION_ERROR_INTEGRAL.limit);
      reference.position[0] = -0.39;
      pipeline.updateMemory(view, 0.01);
      expect(integral[0]).toBeCloseTo(POSITION_ERROR_INTEGRAL.limit - 0.0039, 12);
    });

    it('stands still while the error is longer than the limit, and at NaN', () => {
      const { pipeline, reference, view } = setUp({});
      // √(0.3² + 0.3²) = 0.42 > 0.4, though each axis is below.
      reference.position.set([0.3, 0.3, 0]);
      pipeline.updateMemory(view, 0.01);
      reference.position.set([Number.NaN, 0, 0]);
      pipeline.updateMemory(view, 0.01);
      expect([...pipeline.memory.positionErrorIntegralW]).toEqual([0, 0, 0]);
    });

    it('follows actions with the lag of the rotors', () => {
      const { pipeline, view } = setUp({});
      const rotor = model.actuators[0]!;
      if (rotor.kind !== 'rotor') throw new Error('not a rotor');
      pipeline.remember(0, Float32Array.of(1, 1, 1, -1));
      expect(pipeline.memory.lastAction[3]).toBe(-1);
      // After one time constant in ten steps: 1 − 1/e.
      for (let k = 0; k < 10; k++) pipeline.updateMemory(view, rotor.timeConstantS / 10);
      expect(pipeline.memory.laggedAction[0]).toBeCloseTo(1 - Math.exp(-1), 6);
      expect(pipeline.memory.laggedAction[3]).toBeCloseTo(Math.exp(-1) - 1, 6);
    });

    it('has no lag where actuators have none', () => {
      const cartpole = loadRobot('cartpole');
      const terms = [{ name: 'laggedAction', width: 1, unit: '-' }];
      const pipeline = makeObservationPipeline({ terms, model: cartpole, numRobots: 1 });
      const view = pipeline.makeView(makeStateBatch(1, 2), makeReferenceBatch(1));
      pipeline.remember(0, Float32Array.of(0.5));
      pipeline.updateMemory(view, 0.02);
      expect(pipeline.memory.laggedAction[0]).toBe(0.5);
    });

    it('is cleared by a reset of that robot alone', () => {
      const { pipeline, reference, view } = setUp({ numRobots: 2 });
      reference.position.fill(0.1);
      const actions = new Float32Array(8).fill(1);
      for (const robot of [0, 1]) pipeline.remember(robot, actions);
      pipeline.updateMemory(view, 0.01);
      pipeline.reset(0);
      const { lastAction, laggedAction, positionErrorIntegralW } = pipeline.memory;
      for (const array of [lastAction, laggedAction, positionErrorIntegralW]) {
        const half = array.length / 2;
        expect([...array.subarray(0, half)].every((value) => value === 0)).toBe(true);
        expect([...array.subarray(half)].every((value) => value > 0)).toBe(true);
      }
    });
  });

  describe('names', () => {
    const names = (options: Partial<ObservationPipelineOptions>) =>
      makeObservationPipeline({ terms: [yaw], model, numRobots: 1, ...options }).names;

    it('every number by term and axis, joint or actuator', () => {
      const lastAction = { name: 'lastAction', width: 4, unit: '-' };
      expect(names({ terms: [yaw, rate, lastAction] })).toEqual([
        'yawError',
        ...['angularVelocityB.x', 'angularVelocityB.y', 'angularVelocityB.z'],
        ...['m1', 'm2', 'm3', 'm4'].map((rotor) => `lastAction.${rotor}_joint`),
      ]);
      const pole = { name: 'jointVelocity', width: 1, unit: 'rad/s', jointNames: ['pole_joint'] };
      expect(names({ terms: [pole], model: loadRobot('cartpole') })).toEqual([
        'jointVelocity.pole_joint',
      ]);
      const matrix = { name: 'rotationMatrixW', width: 9, unit: '-', frame: 'odom' };
      expect(names({ terms: [matrix] })[1]).toBe('rotationMatrixW.xy');
    });

    it('frames of the past by their age, where the layout puts them', () => {
      const terms = [
        { ...yaw, history: 3 },
        { ...rate, history: 3 },
      ];
      expect(names({ terms }).slice(0, 4)).toEqual([
        'yawError[-2]',
        'yawError[-1]',
        'yawError',
        'angularVelocityB.x[-2]',
      ]);
      const newest = names({ terms, historyLayout: 'frame', historyOrder: 'newest_first' });
      expect([newest[0], newest[3], newest[4], newest[8]]).toEqual([
        'yawError',
        'angularVelocityB.z',
        'yawError[-1]',
        'yawError[-2]',
      ]);
      expect(new Set(newest).size).toBe(12);
    });
  });

  describe('refuses', () => {
    const make =
      (terms: ObservationTermSpec[], more: Partial<ObservationPipelineOptions> = {}) =>
      () =>
        makeObservationPipeline({ terms, model, numRobots: 1, where: 'policy p', ...more });

    it('an unknown term, and lists the known ones', () => {
      expect(make([{ ...yaw, name: 'yaw_err' }])).toThrow(
        /policy p: term 0 'yaw_err': unknown.*positionErrorB.*yawError/,
      );
    });

    it('a term with the wrong width, unit or frame, all at once', () => {
      const wrong = make([
        { ...yaw, width: 2 },
        { ...rate, unit: 'deg/s' },
        { ...position, frame: 'odom' },
      ]);
      expect(wrong).toThrow(/expected 1, got 2/);
      expect(wrong).toThrow(/expected 'rad\/s', got 'deg\/s'/);
      expect(wrong).toThrow(/expected 'base_link', got 'odom'/);
    });

    it('joints that the robot has not, and joint terms without joints', () => {
      const joint = { name: 'jointPosition', width: 1, unit: 'rad' };
      expect(make([{ ...joint, jointNames: ['knee'] }])).toThrow(/m1_joint.*got 'knee'/);
      expect(make([joint])).toThrow(/expected at least one, got 0/);
      expect(make([{ ...yaw, jointNames: ['m1_joint'] }])).toThrow(/expected none, got 1/);
    });

    it('joints of different units in one term', () => {
      const terms = [
        { name: 'jointPosition', width: 2, unit: 'm', jointNames: ['cart_joint', 'pole_joint'] },
      ];
      expect(make(terms, { model: loadRobot('cartpole') })).toThrow(/different units/);
    });

    it('unusable clips, scales and histories', () => {
      expect(make([{ ...yaw, clip: [1, -1] }])).toThrow(/clip/);
      expect(make([{ ...yaw, scale: 0 }])).toThrow(/scale/);
      expect(make([{ ...yaw, history: 0 }])).toThrow(/history/);
      expect(make([{ ...yaw, history: 2, historyStride: 0 }])).toThrow(/history stride/);
    });

    it('frames of unequal history', () => {
      const terms = [yaw, { ...rate, history: 2 }];
      expect(make(terms, { historyLayout: 'frame' })).toThrow(/same history.*got 1, 2/);
    });
  });
});
