import { describe, expect, it } from 'vitest';
import { DynamicWindow } from '../../../policies/classical/dynamic-window.ts';
import { writeFromRollPitchYaw } from '../../../sim/math/quat.ts';
import { writeTwist } from '../../../sim/robot/differential-drive.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { LidarSectors } from '../../../sim/task/lidar-sectors.ts';
import { makeReferenceBatch, makeScanBatch, type RobotView } from '../../../sim/task/robot-view.ts';
import { turtlebotNavigate } from '../../../sim/tasks/turtlebot-navigate.ts';

const turtlebot = loadRobot('turtlebot');
const drive = turtlebot.drive!;
const action = turtlebotNavigate.makeAction(turtlebot);
const PERIOD_S = 0.1;
/** [m] */
const RADIUS = 0.164;
/** [m] the lidar behind base_link, robot.urdf */
const LIDAR_X = -0.04;

interface Disc {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** A wall as a row of discs, 5 cm apart. */
function makeWall(from: readonly [number, number], to: readonly [number, number]): Disc[] {
  const count = Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / 0.05);
  return Array.from({ length: count + 1 }, (_, k) => ({
    x: from[0] + ((to[0] - from[0]) * k) / count,
    y: from[1] + ((to[1] - from[1]) * k) / count,
    radius: 0.03,
  }));
}

/** From a point along a direction to the nearest disc; +Infinity for none. */
function cast(discs: readonly Disc[], x: number, y: number, angle: number): number {
  const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
  let nearest = Infinity;
  for (const disc of discs) {
    const [ox, oy] = [disc.x - x, disc.y - y];
    const along = ox * dx + oy * dy;
    const root = disc.radius ** 2 - (ox * ox + oy * oy - along * along);
    if (along > 0 && root >= 0) nearest = Math.min(nearest, along - Math.sqrt(root));
  }
  return nearest;
}

/** A robot that does as its wheels say, and a lidar that is never late. */
function makeRun(discs: readonly Disc[], goal: { readonly x: number; readonly y: number }) {
  const pose = { x: 0, y: 0, yaw: 0 };
  const state = makeStateBatch(1, turtlebot.jointNames.length);
  const reference = makeReferenceBatch(1);
  reference.position.set([goal.x, goal.y, 0]);
  const scans = makeScanBatch(turtlebot, 1);
  const range = scans.get('scan')!;
  const { azimuth } = new LidarSectors(turtlebot, 'scan', 1);
  const memory = {
    lastAction: new Float32Array(2),
    laggedAction: new Float32Array(2),
    timeS: new Float64Array(1),
    positionErrorIntegralW: new Float64Array(3),
  };
  const view: RobotView = { state, reference, memory, scans };
  const planner = new DynamicWindow(turtlebot, action, PERIOD_S);
  const raw = new Float32Array(2);
  const twist = [0, 0];
  const look = () => {
    state.position.set([pose.x, pose.y, 0]);
    writeFromRollPitchYaw(state.orientation, 0, 0, 0, pose.yaw);
    const x = pose.x + LIDAR_X * Math.cos(pose.yaw);
    const y = pose.y + LIDAR_X * Math.sin(pose.yaw);
    for (let r = 0; r < range.length; r++) range[r] = cast(discs, x, y, pose.yaw + azimuth[r]!);
  };
  /** @returns how near it came to anything, beside it, and to the goal [m] */
  const run = (numSteps: number) => {
    let [clearance, left] = [Infinity, Infinity];
    for (let step = 0; step < numSteps && left > 0.1; step++) {
      look();
      planner.compute(raw, view, 0);
      memory.lastAction.set(raw);
      const wheels = [raw[0]! * action.scale[0]!, raw[1]! * action.scale[1]!];
      writeTwist(twist, drive, wheels[0]!, wheels[1]!);
      pose.yaw += twist[1]! * PERIOD_S;
      pose.x += twist[0]! * Math.cos(pose.yaw) * PERIOD_S;
      pose.y += twist[0]! * Math.sin(pose.yaw) * PERIOD_S;
      left = Math.hypot(goal.x - pose.x, goal.y - pose.y);
      for (const { x, y, radius } of discs) {
        clearance = Math.min(clearance, Math.hypot(x - pose.x, y - pose.y) - radius - RADIUS);
      }
    }
    return { clearance, left };
  };
  return { run, pose, raw, range, view, planner, look };
}

describe('the dynamic window approach', () => {
  it('goes straight where nothing is in the way, at the base’s full speed', () => {
    // 2 m at 0.31 m/s: 6.5 s, and 0.34 s · 0.31 m/s / 2 to get there: 70 steps leave less than 0.1 m.
    expect(makeRun([], { x: 2, y: 0 }).run(70).left).toBeLessThan(0.1);
  });

  it('turns to a goal behind it', () => {
    expect(makeRun([], { x: -1.5, y: 0.2 }).run(120).left).toBeLessThan(0.1);
  });

  it('goes around a post on its way without touching it', () => {
    const { clearance, left } = makeRun([{ x: 1, y: 0.02, radius: 0.2 }], { x: 2, y: 0 }).run(150);
    expect(left).toBeLessThan(0.1);
    expect(clearance).toBeGreaterThan(0.03);
  });

  it('gets out of a dead end that lies between it and the goal', () => {
    // A cup around the way ahead, open towards the robot; 1.2 m wide, its bottom at 1 m.
    const cup = [
      ...makeWall([0.2, 0.6], [1, 0.6]),
      ...makeWall([1, 0.6], [1, -0.6]),
      ...makeWall([1, -0.6], [0.2, -0.6]),
    ];
    const { clearance, left } = makeRun(cup, { x: 2, y: 0 }).run(300);
    expect(left).toBeLessThan(0.1);
    expect(clearance).toBeGreaterThan(0);
  });

  it('does not touch a wall without a way through', () => {
    const box = [
      ...makeWall([-1, 1], [1, 1]),
      ...makeWall([1, 1], [1, -1]),
      ...makeWall([1, -1], [-1, -1]),
      ...makeWall([-1, -1], [-1, 1]),
    ];
    expect(makeRun(box, { x: 2, y: 0 }).run(200).clearance).toBeGreaterThan(0);
  });

  it('speeds up no faster than the wheels may', () => {
    const { raw, view, planner, look } = makeRun([], { x: 2, y: 0 });
    look();
    planner.compute(raw, view, 0);
    // 25.2 rad/s² · 0.1 s of 0.31 / 0.03575 = 8.67 rad/s.
    for (const value of raw) expect(Math.abs(value)).toBeLessThanOrEqual(2.52 / 8.67 + 1e-6);
    expect(Math.max(...raw)).toBeGreaterThan(0.2);
  });

  it('stands where it sees nothing, and answers nonsense with finite commands', () => {
    const { raw, view, planner, range } = makeRun([], { x: 2, y: 0 });
    range.fill(Number.NaN);
    planner.compute(raw, view, 0);
    expect([...raw]).toEqual([0, 0]);
    range.fill(Number.NEGATIVE_INFINITY);
    planner.compute(raw, view, 0);
    expect([...raw].every(Number.isFinite)).toBe(true);
  });

  it('refuses a robot without a lidar, and one without wheels', () => {
    const blind = { ...turtlebot, sensors: [] };
    expect(() => new DynamicWindow(blind, action, PERIOD_S)).toThrow('has no lidar');
    expect(() => new DynamicWindow(loadRobot('go2'), action, PERIOD_S)).toThrow('has no drive');
  });
});
