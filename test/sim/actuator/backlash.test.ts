import { describe, expect, it } from 'vitest';
import { GearPlay } from '../../../sim/actuator/backlash.ts';

const GAP = 0.02;
/** [kg·m²] of the motor */
const MOTOR = 0.01;
const DT = 0.001;

/** A joint of inertia `load` + MOTOR behind gears with play, as an engine would step it. */
function makeJoint(load: number, play = new GearPlay(GAP, MOTOR, 1)) {
  const joint = { position: 0, velocity: 0 };
  return {
    joint,
    play,
    /** Returns what the joint felt. */
    step(effort: number, outside = 0): number {
      play.sense(0, joint.position, joint.velocity, DT);
      const felt = play.transmit(0, effort, joint.velocity, DT);
      joint.velocity += ((felt + outside) / (load + MOTOR)) * DT;
      joint.position += joint.velocity * DT;
      return felt;
    },
  };
}

describe('gears with play', () => {
  it('pass on all of the effort while one flank is pressed', () => {
    const { joint, step } = makeJoint(0.03);
    for (let i = 0; i < 1000; i++) expect(step(0.4)).toBeCloseTo(0.4, 9);
    // 0.4 N·m on 0.03 + 0.01 kg·m² for 1 s.
    expect(joint.velocity).toBeCloseTo(10, 9);
  });

  it('pass on nothing while the motor crosses the gap, which takes √(2·gap·J/τ)', () => {
    const { joint, step } = makeJoint(0.03);
    step(1e-9);
    const velocity = joint.velocity;
    let steps = 0;
    while (step(-0.1) === 0) {
      expect(joint.velocity).toBe(velocity);
      steps++;
    }
    // √(2 · 0.02 · 0.01 / 0.1) = 63.2 ms; whole steps of 1 ms of a semi-implicit Euler method.
    expect(Math.abs(steps - Math.sqrt((2 * GAP * MOTOR) / 0.1) / DT)).toBeLessThan(2);
  });

  it('hit the other flank without bouncing: momentum is kept, speeds become one', () => {
    const { joint, play, step } = makeJoint(0.03);
    step(1e-9);
    let blow = 0;
    while (blow === 0) blow = step(-0.1);
    // The motor alone carried J ω; after the blow both share it.
    const momentum = blow * DT;
    expect(joint.velocity).toBeCloseTo(momentum / (0.03 + MOTOR), 9);
    // √(2 · 0.1/0.01 · 0.02) = 0.632 rad/s before, so a quarter of that after; 2 % for whole steps.
    expect(joint.velocity / -(Math.sqrt(0.4) / 4)).toBeCloseTo(1, 1);
    step(0);
    expect(play.velocity[0]).toBeCloseTo(joint.velocity, 9);
  });

  it('take a heavier motor longer to cross: twice the inertia, √2 the time', () => {
    const { play, step } = makeJoint(0.03);
    play.setInertiaScale(0, 2);
    step(1e-9);
    let steps = 0;
    while (step(-0.1) === 0) steps++;
    expect(Math.abs(steps - Math.sqrt((2 * GAP * 2 * MOTOR) / 0.1) / DT)).toBeLessThan(2);
  });

  it('lose motion of one gap width at each turn: hysteresis of the motor against a stuck joint', () => {
    const play = new GearPlay(GAP, MOTOR, 1);
    const settle = (effort: number) => {
      for (let i = 0; i < 500; i++) {
        play.sense(0, 0, 0, DT);
        play.transmit(0, effort, 0, DT);
      }
      play.sense(0, 0, 0, DT);
      return play.position[0]!;
    };
    expect(settle(0.1) - settle(-0.1)).toBeCloseTo(GAP, 12);
    expect(settle(0.1) - settle(-0.1)).toBeCloseTo(GAP, 12);
  });

  it('let the joint run ahead when something else pushes it: a flank never pulls', () => {
    const { joint, play, step } = makeJoint(0.03);
    step(0.01);
    // 4 N·m from outside: (4 + 0.01)/0.04 = 100 rad/s² for the joint, 1 rad/s² for the motor left behind.
    step(0.01, 4);
    step(0.01, 0);
    expect(play.velocity[0]!).toBeLessThan(0.01);
    expect(joint.velocity).toBeCloseTo(0.1, 2);
    let felt = 0;
    for (let i = 0; i < 150; i++) felt = Math.min(felt, step(0));
    // It covers 20 mrad at 0.1 rad/s in 200 ms, then drags the motor along on the other flank.
    expect(felt).toBe(0);
    for (let i = 0; i < 100; i++) felt = Math.min(felt, step(0));
    expect(felt).toBeLessThan(0);
    // All of the momentum is still there, 0.04 · ω before for the joint, shared by both after.
    expect(play.velocity[0]!).toBeCloseTo(joint.velocity, 3);
  });

  it('never give more energy to motor and joint than the effort puts in, whatever it does', () => {
    const { joint, play, step } = makeJoint(0.03);
    let work = 0;
    let worst = 0;
    for (let i = 0; i < 20_000; i++) {
      const effort = 0.2 * Math.sin(i * 0.013) + 0.1 * Math.sin(i * 0.071);
      const before = play.velocity[0]!;
      step(effort);
      play.sense(0, joint.position, joint.velocity, 0);
      work += (effort * (before + play.velocity[0]!) * DT) / 2;
      const energy = (0.03 * joint.velocity ** 2 + MOTOR * play.velocity[0]! ** 2) / 2;
      worst = Math.max(worst, energy - work);
    }
    // 1e-12 J is rounding: the work is some tenths of a joule.
    expect(worst).toBeLessThan(1e-12);
  });
});
