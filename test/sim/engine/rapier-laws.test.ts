import { describe, expect, it } from 'vitest';
import { UNIT_SCALES } from '../../../sim/engine/engine.ts';
import { JointLaws } from '../../../sim/engine/rapier/laws.ts';
import type { JointSite } from '../../../sim/engine/rapier/sites.ts';
import { computeRigidBodies } from '../../../sim/robot/rigid-bodies.ts';
import { makeTinyRobot } from '../../kit/tiny-robot.ts';

const STEP_S = 0.01;

/** One hinge with friction 0.5 N·m, damping 0.1 N·m·s/rad and a rotor of 0.02 kg·m². */
function makeLaws() {
  const model = makeTinyRobot({
    base: 'fixed',
    links: [
      { name: 'base', mass: 0 },
      { name: 'arm', moment: 0.1 },
    ],
    joints: [
      {
        ...{ name: 'hinge', parent: 'base', child: 'arm' },
        ...{ friction: 0.5, damping: 0.1, armature: 0.02 },
      },
    ],
  });
  const { connection } = computeRigidBodies(model)[1]!;
  const never = () => {
    throw new Error('a law needs no world');
  };
  const site: JointSite = {
    index: 0,
    robot: 0,
    connection: connection!,
    world: never,
    pair: never,
  };
  const laws = new JointLaws([site], STEP_S, 1, [0]);
  laws.setScales(0, UNIT_SCALES);
  return laws;
}

const targets = { drivePosition: Float64Array.of(1), driveVelocity: Float64Array.of(0) };
const at = (position: number, velocity: number) => ({
  position: Float64Array.of(position),
  velocity: Float64Array.of(velocity),
  reference: new Float64Array(1),
});

describe('the law of a joint', () => {
  it('lets friction push against the way that it gives way, once it is asked for more than it has', () => {
    const laws = makeLaws();
    laws.begin(0, 1, at(0, 0), targets);
    // 4 µrad/s times 1e5 N·m·s/rad are 0.4 N·m: it holds.
    expect(laws.judge(0, 1, Float64Array.of(4e-6), targets)).toBe(true);
    // 0.6 N·m are too much: from now on it pushes back with 0.5.
    expect(laws.judge(0, 1, Float64Array.of(6e-6), targets)).toBe(false);
    expect(laws.slip[0]).toBe(-1);
    laws.apply(0, 1, Float64Array.of(2), targets);
    // Friction 0.5, damping 0.1 · 2 = 0.2, rotor 0.02 · 2 / 0.01 = 4 N·m, all against the motion.
    expect(laws.effort[0]).toBeCloseTo(-4.7, 12);
    // It would turn round: friction does not push on, it holds.
    expect(laws.judge(0, 1, Float64Array.of(-1), targets)).toBe(false);
    expect(laws.slip[0]).toBe(0);
  });

  it('is a line with the slope of servo, damping and rotor, until the servo is at its limit', () => {
    const laws = makeLaws();
    laws.setDrive(0, { stiffness: 100, damping: 3, maxEffort: 20 });
    // 0.02 + 0.01 · (0.1 + 3 + 0.01 · 100) = 0.061 kg·m²
    expect(laws.computeInertia(0)).toBeCloseTo(0.061, 12);
    laws.begin(0, 1, at(0, 0), targets);
    // 100 · (1 − 0.01 · 5) − 3 · 5 = 80 N·m wanted, 20 there.
    expect(laws.judge(0, 1, Float64Array.of(5), targets)).toBe(false);
    expect(laws.saturation[0]).toBe(1);
    // 0.02 + 0.01 · 0.1
    expect(laws.computeInertia(0)).toBeCloseTo(0.021, 12);
    laws.write(0, 1, targets);
    // Slipping friction of 0.5 and the limit; 0.1 + 0.02 / 0.01.
    expect(laws.constant[0]).toBeCloseTo(19.5, 12);
    expect(laws.slope[0]).toBeCloseTo(2.1, 12);
    laws.reset(0);
    expect([laws.saturation[0], laws.slip[0]]).toEqual([0, 0]);
  });

  it('tells what a servo does where its joint is', () => {
    const laws = makeLaws();
    laws.setDrive(0, { stiffness: 100, damping: 3, maxEffort: 20 });
    // 100 · 0.1 − 3 · 2 = 4
    expect(laws.computeDriveEffort(0, at(0.9, 2), targets)).toBeCloseTo(4, 12);
    expect(laws.computeDriveEffort(0, at(0, 0), targets)).toBe(20);
  });
});
