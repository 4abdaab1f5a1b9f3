import { describe, expect, it } from 'vitest';
import { writeFromRollPitchYaw } from '../../../sim/math/quat.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { countRays, listLidars } from '../../../sim/task/lidar-sectors.ts';
import { makeObservationPipeline } from '../../../sim/task/observation.ts';
import { makeReferenceBatch, makeScanBatch } from '../../../sim/task/robot-view.ts';
import { ScanPoints } from '../../../sim/task/scan-points.ts';
import type { ObservationTermSpec } from '../../../sim/task/task.ts';

const model = loadRobot('turtlebot');
const [lidar] = listLidars(model);
const CLEARANCE = 0.22;
const SPEC: ObservationTermSpec = {
  ...{ name: 'wayDirectionB', sensor: 'scan', width: 2, unit: '-', frame: 'base_link' },
  clearance: CLEARANCE,
};
/** Cells of 0.15 m, and the nearest to where the way leads is some five of them away. [rad] */
const ROUGH = 0.25;

interface Wall {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
}

/** One robot at the origin of odom, with a scan of walls around it. */
function makeScene({ yaw = 0, goal = [4, 0] as readonly [number, number] } = {}) {
  const pipeline = makeObservationPipeline({ terms: [SPEC], model, numRobots: 1, where: 'test' });
  const state = makeStateBatch(1, model.jointNames.length);
  const reference = makeReferenceBatch(1);
  const scans = makeScanBatch(model, 1);
  const view = pipeline.makeView(state, reference, scans);
  const setPose = (x: number, y: number, turn: number) => {
    state.position[0] = x;
    state.position[1] = y;
    writeFromRollPitchYaw(state.orientation, 0, 0, 0, turn);
  };
  setPose(0, 0, yaw);
  reference.position[0] = goal[0];
  reference.position[1] = goal[1];
  /** Walls in odom, as the lidar would see them from where the robot is now, at the origin. */
  const look = (walls: readonly Wall[], turn = yaw) => {
    const range = scans.get('scan')!;
    const points = new ScanPoints(model, 'scan');
    // What ray r hits is asked of the one who reads scans: each ray alone at 1 m says where it looks.
    for (let r = 0; r < countRays(lidar!); r++) {
      range.fill(Number.NaN);
      range[r] = 1;
      points.take(range, 0);
      const mount = [-0.04, 0];
      const azimuth =
        Math.atan2(points.points[1]! - mount[1]!, points.points[0]! - mount[0]!) + turn;
      distances[r] = castAll(walls, azimuth);
    }
    range.set(distances);
  };
  const distances = new Float64Array(countRays(lidar!));
  const out = new Float32Array(2);
  const observe = () => {
    pipeline.write(out, view);
    return Math.atan2(out[1]!, out[0]!);
  };
  return { look, observe, setPose, out, reference, pipeline, view, scans };
}

/** From the origin to the first wall, as good as from the lidar behind it. [m] */
function castAll(walls: readonly Wall[], azimuth: number): number {
  const [ux, uy] = [Math.cos(azimuth), Math.sin(azimuth)];
  let nearest = Number.POSITIVE_INFINITY;
  for (const { from, to } of walls) {
    const [wx, wy] = [to[0] - from[0], to[1] - from[1]];
    const cross = ux * wy - uy * wx;
    if (Math.abs(cross) < 1e-9) continue;
    const along = (from[0] * wy - from[1] * wx) / cross;
    const share = (from[0] * uy - from[1] * ux) / cross;
    if (along > 0 && share >= 0 && share <= 1) nearest = Math.min(nearest, along);
  }
  return nearest;
}

/** 1 m ahead, from far on the right to `end` on the left. */
const wallTo = (end: number): Wall => ({ from: [1, -3], to: [1, end] });

describe('the observation term wayDirectionB', () => {
  it('leads straight to the goal where nothing stands, however the robot is turned', () => {
    for (const yaw of [0, 1, -2.5]) {
      const { look, observe } = makeScene({ yaw, goal: [3, 1] });
      look([]);
      expect(Math.cos(observe() - (Math.atan2(1, 3) - yaw))).toBeCloseTo(1, 6);
    }
  });

  it('leads around the end of a wall, on its own side of it', () => {
    for (const side of [1, -1]) {
      const { look, observe } = makeScene();
      const { from, to } = wallTo(0.4);
      look([{ from: [from[0], side * from[1]], to: [to[0], side * to[1]] }]);
      const bearing = side * observe();
      // The end is at 22°; the way passes it with room for the robot.
      expect(bearing).toBeGreaterThan(Math.atan2(0.4 + CLEARANCE, 1) - ROUGH);
      expect(bearing).toBeLessThan(Math.PI / 2);
    }
  });

  it('leads back out of a dead end', () => {
    const { look, observe } = makeScene();
    look([
      { from: [1, -0.8], to: [1, 0.8] },
      { from: [-1, 0.8], to: [1, 0.8] },
      { from: [-1, -0.8], to: [1, -0.8] },
    ]);
    expect(Math.abs(observe())).toBeGreaterThan(Math.PI / 2);
  });

  it('does not lead through a gap that is too narrow', () => {
    const walls = (half: number): Wall[] => [
      { from: [1, -3], to: [1, -half] },
      { from: [1, half], to: [1, 1.2] },
    ];
    const narrow = makeScene();
    narrow.look(walls(CLEARANCE - 0.05));
    expect(narrow.observe()).toBeGreaterThan(ROUGH);
    const wide = makeScene();
    wide.look(walls(2 * CLEARANCE));
    expect(Math.abs(wide.observe())).toBeLessThan(ROUGH);
  });

  it('keeps to the same point in odom until a scan comes, and looks anew for another goal', () => {
    const { look, observe, setPose, reference, pipeline, view } = makeScene();
    look([wallTo(0.4)]);
    const before = observe();
    pipeline.updateMemoryRow(view, 0, 0.1);
    setPose(0, 0, 0.5);
    expect(observe()).toBeCloseTo(before - 0.5, 5);
    setPose(0, 0, 0);
    reference.position[0] = -4;
    expect(Math.cos(observe())).toBeLessThan(-Math.cos(ROUGH));
  });

  it('leads straight to the goal where it sees nothing at all', () => {
    const { observe, scans } = makeScene({ goal: [2, 2] });
    scans.get('scan')!.fill(Number.NaN);
    expect(observe()).toBeCloseTo(Math.PI / 4, 5);
  });

  it('is not a number without a goal', () => {
    const { look, observe, reference } = makeScene();
    look([]);
    reference.position[0] = Number.NaN;
    expect(observe()).toBeNaN();
  });

  it.each([
    [{ clearance: undefined }, /needs a clearance/],
    [{ clearance: -1 }, /needs a clearance/],
    [{ width: 3 }, /wrong width/],
    [{ sensor: 'laser' }, /laser/],
  ])('refuses %o', (change, problem) => {
    const terms = [{ ...SPEC, ...change }];
    expect(() => makeObservationPipeline({ terms, model, numRobots: 1, where: 'x' })).toThrow(
      problem,
    );
  });

  it('is alone in having a clearance', () => {
    const terms = [{ name: 'goalDistance', width: 1, unit: 'm', clearance: 0.2 }];
    expect(() => makeObservationPipeline({ terms, model, numRobots: 1, where: 'x' })).toThrow(
      /clearance is told by a term of none/,
    );
  });
});
