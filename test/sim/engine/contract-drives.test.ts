import { describe, expect, it } from 'vitest';
import type { JointDrive } from '../../../sim/engine/engine.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { makeBench } from '../../kit/engine-bench.ts';
import { makeTestRobot } from '../../kit/robots.ts';
import { makeTinyRobot } from '../../kit/tiny-robot.ts';
import { ENGINES } from './engines.ts';

const G = 9.81;
/** Flywheel about z on a fixed base, 0.5 kg·m². */
const INERTIA = 0.5;
const WHEEL = makeTinyRobot({
  base: 'fixed',
  links: [
    { name: 'base', mass: 0 },
    { name: 'wheel', moment: INERTIA },
  ],
  joints: [{ name: 'axle', type: 'revolute', parent: 'base', child: 'wheel', axis: [0, 0, 1] }],
});
/** The same that turns without end. */
const SPINNER = makeTinyRobot({
  base: 'fixed',
  links: [
    { name: 'base', mass: 0 },
    { name: 'wheel', moment: INERTIA },
  ],
  joints: [{ name: 'axle', type: 'continuous', parent: 'base', child: 'wheel', axis: [0, 0, 1] }],
});
const NO_LIMIT = Number.POSITIVE_INFINITY;

/** What implicit steps of `stepS` make of a step of the target from 0 to 1 rad. */
function computeStepResponse(drive: JointDrive, stepS: number, durationS: number) {
  const { stiffness, damping } = drive;
  let position = 0;
  let velocity = 0;
  let effort = 0;
  for (let i = 0; i < Math.round(durationS / stepS); i++) {
    // I·(v' − v)/h = kp·(1 − q − h·v') − kd·v', solved for v'.
    const pull = INERTIA * velocity + stepS * stiffness * (1 - position);
    velocity = pull / (INERTIA + stepS * (damping + stepS * stiffness));
    position += stepS * velocity;
    effort = stiffness * (1 - position) - damping * velocity;
  }
  return { position, velocity, effort };
}

describe.each(ENGINES)('a drive in $engine', ({ engine, substepS, drive: tolerance }) => {
  const makeWheel = async (drive: JointDrive) => {
    const bench = await makeBench(WHEEL, { engine });
    bench.engine.setDrive(0, 0, drive);
    return bench;
  };

  it.each([
    { stiffness: 50, damping: 2, maxEffort: NO_LIMIT, durationS: 0.2 },
    { stiffness: 50, damping: 2, maxEffort: NO_LIMIT, durationS: 1 },
    { stiffness: 2000, damping: 60, maxEffort: NO_LIMIT, durationS: 0.05 },
  ])(
    'answers a step as the implicit equations do: kp $stiffness, kd $damping, after $durationS s',
    async ({ durationS, ...drive }) => {
      const bench = await makeWheel(drive);
      bench.engine.drivePosition[0] = 1;
      const { jointPosition, jointVelocity, jointEffort } = bench.run(durationS);
      const wanted = computeStepResponse(drive, substepS, durationS);
      expect(Math.abs(jointPosition[0]! - wanted.position)).toBeLessThan(tolerance.response);
      expect(Math.abs(jointVelocity[0]! - wanted.velocity)).toBeLessThan(10 * tolerance.response);
      // Of the first effort, kp · 1 rad.
      const relative = (jointEffort[0]! - wanted.effort) / drive.stiffness;
      expect(Math.abs(relative)).toBeLessThan(tolerance.effort);
    },
  );

  it('follows a velocity where it has no stiffness', async () => {
    const bench = await makeWheel({ stiffness: 0, damping: 5, maxEffort: NO_LIMIT });
    bench.engine.driveVelocity[0] = 2;
    // Time constant 0.5/5 = 0.1 s: 20 of them.
    bench.run(2);
    expect(Math.abs(bench.state.jointVelocity[0]! - 2)).toBeLessThan(1e-4);
  });

  it('pulls with its largest effort and no more, and says so', async () => {
    const bench = await makeWheel({ stiffness: 1000, damping: 1, maxEffort: 3 });
    bench.engine.drivePosition[0] = 10;
    bench.run(0.2);
    // 3/0.5 = 6 rad/s² for 0.2 s.
    expect(bench.state.jointVelocity[0]).toBeCloseTo(1.2, 3);
    expect(bench.state.jointEffort[0]).toBeCloseTo(3, 3);
    bench.engine.drivePosition[0] = -10;
    bench.run(0.2);
    expect(bench.state.jointVelocity[0]).toBeCloseTo(0, 3);
    expect(bench.state.jointEffort[0]).toBeCloseTo(-3, 3);
  });

  it('comes to rest at its target, whatever the gains, even with an effort that seldom suffices', async () => {
    const bench = await makeWheel({ stiffness: 1e6, damping: 1e4, maxEffort: 5 });
    bench.engine.drivePosition[0] = 0.2;
    // Brakes late: kd/kp = 10 ms ahead, where 10 rad/s² from 2 rad/s would need 100 ms, so it overshoots and returns.
    bench.run(6);
    expect(Math.abs(bench.state.jointPosition[0]! - 0.2)).toBeLessThan(1e-3);
    expect(Math.abs(bench.state.jointVelocity[0]!)).toBeLessThan(1e-3);
    // What a joint that rattled between its limits would not have: an effort near none.
    expect(Math.abs(bench.state.jointEffort[0]!)).toBeLessThan(0.5);
  });

  it('stands still with gains beyond all measure', async () => {
    const bench = await makeWheel({ stiffness: 1e9, damping: 1e6, maxEffort: NO_LIMIT });
    bench.engine.drivePosition[0] = 0.5;
    bench.run(0.5, (world) => {
      world.jointEffort[0] = 10;
    });
    expect(Math.abs(bench.state.jointPosition[0]! - 0.5)).toBeLessThan(1e-3);
    expect(Math.abs(bench.state.jointVelocity[0]!)).toBeLessThan(1e-3);
  });

  it('gives way to a load by load over stiffness, and reports the load as its effort', async () => {
    const rod = makeTinyRobot({
      base: 'fixed',
      links: [
        { name: 'base', mass: 0 },
        { name: 'rod', centre: [0, 0, -1], moment: 0.1 },
      ],
      joints: [{ name: 'hinge', parent: 'base', child: 'rod' }],
    });
    const bench = await makeBench(rod, { engine, gravityW: [0, 0, -G] });
    bench.engine.setDrive(0, 0, { stiffness: 200, damping: 30, maxEffort: 100 });
    bench.engine.drivePosition[0] = Math.PI / 2;
    bench.place(0, (s) => s.jointPosition.set([Math.PI / 2]));
    bench.run(4);
    // 1 kg, 1 m: kp·(π/2 − q) = g·sin q, which 9.81/200 = 0.049 rad solves to first order; the sine is 0.9988.
    const sag = 0.04899;
    expect(Math.abs(bench.state.jointPosition[0]! - (Math.PI / 2 - sag))).toBeLessThan(1e-4);
    expect(Math.abs(bench.state.jointEffort[0]! - G * Math.cos(sag))).toBeLessThan(0.02);
  });

  it('takes the short way round on a continuous joint, however often that has turned', async () => {
    const bench = await makeBench(SPINNER, { engine });
    bench.place(0, (s) => {
      s.jointPosition.set([3]);
      s.jointVelocity.set([20]);
    });
    // Three turns and more.
    bench.run(1);
    bench.engine.setDrive(0, 0, { stiffness: 50, damping: 20, maxEffort: NO_LIMIT });
    bench.engine.drivePosition[0] = -3;
    let slowest = 20;
    for (let i = 0; i < 2000; i++) {
      bench.run(0.002);
      slowest = Math.min(slowest, bench.state.jointVelocity[0]!);
    }
    // Half a turn at most, at 50/20 of it a second: 7.85 rad/s. Unwinding three turns would begin at 47.
    expect(slowest).toBeGreaterThan(-8);
    expect(bench.state.jointPosition[0]).toBeCloseTo(-3, 3);
  });

  it('adds to explicit effort, and effort tells the sum', async () => {
    const bench = await makeWheel({ stiffness: 100, damping: 20, maxEffort: NO_LIMIT });
    bench.run(3, (world) => {
      world.jointEffort[0] = 4;
    });
    // At rest the drive holds against 4 N·m, 4/100 rad off its target 0: nothing is left.
    expect(Math.abs(bench.state.jointPosition[0]! - 0.04)).toBeLessThan(1e-4);
    expect(Math.abs(bench.state.jointEffort[0]!)).toBeLessThan(0.02);
  });

  it('is gone once all its numbers are zero, and keeps its target while it is there', async () => {
    const bench = await makeWheel({ stiffness: 100, damping: 20, maxEffort: NO_LIMIT });
    bench.engine.drivePosition[0] = 0.3;
    bench.run(1);
    bench.run(1);
    expect(bench.state.jointPosition[0]).toBeCloseTo(0.3, 3);
    bench.engine.setDrive(0, 0, { stiffness: 0, damping: 0, maxEffort: 0 });
    bench.run(0.1, (world) => {
      world.jointEffort[0] = 5;
    });
    // 5/0.5 = 10 rad/s² for 0.1 s.
    expect(bench.state.jointVelocity[0]).toBeCloseTo(1, 2);
    expect(bench.state.jointEffort[0]).toBeCloseTo(5, 5);
  });

  it('is one copy’s own, and one joint’s', async () => {
    const bench = await makeBench(makeTestRobot('crane'), { engine, numRobots: 2 });
    bench.engine.setDrive(1, 1, { stiffness: 500, damping: 100, maxEffort: NO_LIMIT });
    bench.engine.drivePosition.fill(0.2);
    // Time constant 100/500 = 0.2 s.
    bench.run(2);
    const [slew0, slide0, slew1, slide1] = bench.state.jointPosition as unknown as number[];
    expect(slide1).toBeCloseTo(0.2, 3);
    for (const still of [slew0, slide0, slew1]) expect(Math.abs(still!)).toBeLessThan(1e-5);
  });

  it('is refused for a rotor, which has no body, for a joint that mimics, and for impossible gains', async () => {
    const drive = { stiffness: 1, damping: 1, maxEffort: 1 };
    const flyer = await makeBench(loadRobot('crazyflie'), { engine });
    expect(() => flyer.engine.setDrive(0, 0, drive)).toThrow(RangeError);
    const pair = makeTinyRobot({
      base: 'fixed',
      links: [{ name: 'base', mass: 0 }, { name: 'a' }, { name: 'b' }],
      joints: [
        { name: 'lead', parent: 'base', child: 'a' },
        {
          name: 'follow',
          parent: 'base',
          child: 'b',
          mimic: { joint: 'lead', multiplier: 1, offset: 0 },
        },
      ],
    });
    const gripper = await makeBench(pair, { engine });
    expect(() => gripper.engine.setDrive(0, 1, drive)).toThrow(/'follow'/);
    const wheel = await makeBench(WHEEL, { engine });
    expect(() => wheel.engine.setDrive(0, 0, { ...drive, damping: -1 })).toThrow(RangeError);
    expect(() => wheel.engine.setDrive(0, 0, { ...drive, stiffness: Number.NaN })).toThrow(
      RangeError,
    );
  });
});
