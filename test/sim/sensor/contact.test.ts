import { describe, expect, it } from 'vitest';
import { Rng } from '../../../sim/math/rng.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import type { ContactSensor } from '../../../sim/robot/sensor-model.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { ContactCells } from '../../../sim/sensor/contact.ts';
import { ContactForces } from '../../../sim/sensor/contact-forces.ts';
import type { Surroundings } from '../../../sim/sensor/sensor.ts';
import { makeTestRobot } from '../../kit/robots.ts';
import { EXACT } from '../../kit/sensed-body.ts';

const TIMING = { physicsRateHz: 100, maxLatencyScale: 1 };

function makeSpec(changes: Partial<ContactSensor> = {}): ContactSensor {
  return {
    kind: 'contact',
    name: 'feet',
    shapes: ['toe'],
    rateHz: 25,
    latencyS: 0,
    threshold: 1,
    force: EXACT,
    ...changes,
  };
}

/** The crane with a shape called toe on its trolley and two on its boom. */
function makeToed(): RobotModel {
  const crane = makeTestRobot('crane');
  const shape = makeTestRobot('brick').links[0]!.collisions[0]!;
  const named: Record<string, readonly string[]> = { trolley: ['toe'], boom: ['shin', 'knee'] };
  const links = crane.links.map((link) => ({
    ...link,
    collisions: (named[link.name] ?? []).map((name) => ({ ...shape, name })),
  }));
  return { ...crane, links };
}

function makeBench(spec: ContactSensor, model = makeToed()) {
  const forceW = { shin: [0, 0, 0], knee: [0, 0, 0], toe: [0, 0, 0] };
  // Another order than the robot's: columns go by name.
  const shapeNames = ['knee', 'toe', 'shin'] as const;
  const surroundings: Surroundings = {
    shapeNames,
    castRays: () => expect.unreachable(),
    watchContactForces: () => {},
    writeContactForces: (out) => {
      shapeNames.forEach((name, s) => {
        out.set(forceW[name], 3 * s);
      });
    },
  };
  const forces = new ContactForces(1, surroundings);
  const cells = new ContactCells(model, 1, spec, TIMING, forces);
  const truth = makeStateBatch(1, model.jointNames.length);
  cells.reset(0, 0, truth, new Rng(1), { noiseScale: 1, latencyScale: 1 });
  let tick = 0;
  return {
    cells,
    truth,
    forceW,
    step() {
      tick++;
      forces.update();
      cells.sample(tick, truth);
      cells.line.deliver(0, tick, (robot, _stamp, data, o) => cells.take(robot, data, o));
    },
  };
}

describe('a contact sensor', () => {
  it('tells the mean force over its period, so that no impact is missed', () => {
    const { cells, forceW, step } = makeBench(makeSpec());
    step();
    expect(cells.reading.force[2]).toBeNaN();
    forceW.toe = [0, 0, 80];
    step();
    forceW.toe = [0, 0, 0];
    step();
    step();
    // 80 N in one of four ticks.
    expect([...cells.reading.force]).toEqual([0, 0, 20]);
    expect([...cells.reading.isTouching]).toEqual([1]);
  });

  it('touches above its threshold, whatever the direction, and not at it', () => {
    const { cells, forceW, step } = makeBench(makeSpec({ rateHz: 100, threshold: 5 }));
    forceW.toe = [3, 0, 4];
    step();
    expect(cells.reading.isTouching[0]).toBe(0);
    forceW.toe = [3, -1, 4];
    step();
    expect(cells.reading.isTouching[0]).toBe(1);
    forceW.toe = [0, 0, 0];
    step();
    expect(cells.reading.isTouching[0]).toBe(0);
  });

  it('feels the force in the axes of the link that carries the shape', () => {
    const model = makeToed();
    const { cells, truth, forceW, step } = makeBench(makeSpec({ rateHz: 100 }), model);
    // The boom has slewed to the left by 90°, and the slide's frame is turned by another 90°: the
    // trolley's x points along −x of odom.
    truth.jointPosition[model.jointNames.indexOf('slew')] = Math.PI / 2;
    forceW.toe = [-7, 2, 1];
    step();
    const expected = [7, -2, 1];
    for (const k of [0, 1, 2]) expect(cells.reading.force[k]).toBeCloseTo(expected[k]!, 9);
    expect(cells.reading.links).toEqual(['trolley']);
  });

  it('takes a link for all of its shapes', () => {
    const { cells, forceW, step } = makeBench(makeSpec({ rateHz: 100, shapes: ['boom', 'toe'] }));
    forceW.knee = [0, 0, 3];
    forceW.shin = [0, 2, 0];
    step();
    expect(cells.reading.shapes).toEqual(['shin', 'knee', 'toe']);
    expect([...cells.reading.force]).toEqual([0, 2, 0, 0, 0, 3, 0, 0, 0]);
  });

  it('saturates and rounds as a load cell does', () => {
    const force = { noise: 0, bias: 0, saturation: 50, quantisation: 0.5 };
    const { cells, forceW, step } = makeBench(makeSpec({ rateHz: 100, force }));
    forceW.toe = [0.3, -70, 49.9];
    step();
    // The trolley's x points along y of odom, its y along −x.
    expect([...cells.reading.force]).toEqual([-50, -0.5, 50]);
  });

  it('refuses a shape that the robot does not have, and names those that it has', () => {
    expect(() => makeBench(makeSpec({ shapes: ['heel'] }))).toThrow(/'heel'.*shin, knee, toe/);
  });
});
