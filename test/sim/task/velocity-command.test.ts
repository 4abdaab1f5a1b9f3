import { describe, expect, it } from 'vitest';
import { Rng } from '../../../sim/math/rng.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { makeReferenceBatch } from '../../../sim/task/robot-view.ts';
import { makeVelocityCommand } from '../../../sim/task/velocity-command.ts';

const RANGES = { forward: [-1, 1], left: [-0.4, 0.2], yawRate: [-2, 2] } as const;
const state = makeStateBatch(2, 0);
const DT = 0.5;

function make(overrides = {}) {
  const options = {
    numRobots: 2,
    ...RANGES,
    holdS: [2, 4],
    standing: 0.1,
    easyShare: 0.5,
  } as const;
  return makeVelocityCommand({ ...options, ...overrides });
}

/** The commands of robot 1 at 0 s, 0.5 s, …, one row each. */
function listCommands(seed: number, numSteps: number, overrides = {}, difficulty = 1): number[][] {
  const generator = make(overrides);
  const out = makeReferenceBatch(2);
  generator.reset(1, out, new Rng(seed), undefined, difficulty);
  const rows = [[...out.velocityCommand.subarray(3, 6)]];
  for (let step = 1; step <= numSteps; step++) {
    generator.advance(1, out, state, step * DT, DT);
    rows.push([...out.velocityCommand.subarray(3, 6)]);
  }
  return rows;
}

const isNew = (row: number[], k: number, rows: number[][]) =>
  k > 0 && row.some((value, axis) => value !== rows[k - 1]![axis]);

describe('velocity commands', () => {
  it('hold for as long as they are drawn to, then jump to the next', () => {
    const rows = listCommands(3, 2000, { standing: 0 });
    const changes = rows.flatMap((row, k) => (isNew(row, k, rows) ? [k * DT] : []));
    const holds = changes.slice(1).map((time, k) => time - changes[k]!);
    // Uniform from 2 s to 4 s, noticed at the next step of 0.5 s.
    expect(Math.min(...holds)).toBeGreaterThanOrEqual(1.5);
    expect(Math.max(...holds)).toBeLessThanOrEqual(4.5);
    // 1000 s over 3 s a command; four standard deviations of a uniform of width 2, √(333) · 0.58 / 3, are 14.
    expect(Math.abs(changes.length - 333)).toBeLessThan(15);
  });

  it('fill their ranges evenly, and ask to stand as often as they should', () => {
    const rows = listCommands(5, 30_000);
    const commands = rows.filter((row, k) => k === 0 || isNew(row, k, rows));
    const moving = commands.filter((row) => row.some((value) => value !== 0));
    // 5000 commands, a tenth of them to stand; standing after standing is not seen as new: 0.1 · 0.9 = 0.09.
    expect(1 - moving.length / commands.length).toBeCloseTo(0.09, 1.5);
    for (const [axis, [lower, upper]] of Object.values(RANGES).entries()) {
      const values = moving.map((row) => row[axis]!);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const width = upper - lower;
      // Four standard deviations of the mean of 4500: 4 · 0.29 · width / 67 = 0.017 · width.
      expect(Math.abs(mean - (lower + upper) / 2)).toBeLessThan(0.017 * width);
      expect(Math.min(...values)).toBeLessThan(lower + 0.01 * width);
      expect(Math.max(...values)).toBeGreaterThan(upper - 0.01 * width);
      expect(values.every((value) => value >= lower && value <= upper)).toBe(true);
    }
  });

  it('are the same for the same stream, and others for another', () => {
    expect(listCommands(7, 100)).toEqual(listCommands(7, 100));
    expect(listCommands(7, 100)).not.toEqual(listCommands(8, 100));
  });

  it('at difficulty 0 are those of difficulty 1 times the easy share', () => {
    const hard = listCommands(9, 100);
    const easy = listCommands(9, 100, {}, 0);
    // easyShare 0.5: exactly half, at the same moments.
    expect(easy).toEqual(hard.map((row) => row.map((value) => value / 2)));
  });

  it('leave other robots alone, and ask nobody to be anywhere', () => {
    const generator = make();
    const out = makeReferenceBatch(2);
    out.velocityCommand[0] = 7;
    out.position.fill(3);
    generator.reset(1, out, new Rng(1));
    expect([...out.position]).toEqual([3, 3, 3, 0, 0, 0]);
    expect([...out.velocityCommand.subarray(0, 3)]).toEqual([7, 0, 0]);
  });
});
