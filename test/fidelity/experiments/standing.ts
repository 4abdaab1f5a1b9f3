import { loadRobot } from '../../../sim/robot/load.ts';
import type { Experiment } from '../experiment.ts';
import { advanceUntil, computeDrift, copyStance, makeHomeCommand } from '../legged.ts';
import { withWorld } from '../worlds.ts';

const FROM_S = 2;
const TO_S = 10;

export const standing: Experiment = {
  name: 'standing',
  shows: `go2 stands with its home pose for a target, through its own drives; how far its base creeps between ${FROM_S} s and ${TO_S} s.`,
  settings: { robot: 'go2' },
  run(setup) {
    const model = loadRobot('go2');
    return withWorld(model, setup, {}, (open) => {
      const { world, engine } = open;
      world.setCommand(0, makeHomeCommand(model));
      advanceUntil(open, FROM_S);
      const start = copyStance(world.truth);
      const worst = { metres: 0, degrees: 0, depth: 0 };
      advanceUntil(
        open,
        TO_S,
        () => {},
        () => {
          const drift = computeDrift(start, copyStance(world.truth));
          worst.metres = Math.max(worst.metres, drift.metres);
          worst.degrees = Math.max(worst.degrees, drift.degrees);
          worst.depth = Math.max(worst.depth, engine.computePenetration(0));
        },
      );
      const sunk = 1 - world.truth.position[2]! / model.home.position[2];
      return [
        {
          quantity: 'largest drift of the base',
          unit: 'mm',
          exact: 0,
          error: 1000 * worst.metres,
          tolerance: 5,
          why: 'stated need: a robot that stands must not walk',
        },
        {
          quantity: 'largest turn of the base',
          unit: '°',
          exact: 0,
          error: worst.degrees,
          tolerance: 0.5,
          why: 'stated need',
        },
        {
          quantity: 'deepest contact',
          unit: 'mm',
          exact: 0,
          error: 1000 * worst.depth,
          tolerance: 2,
          why: 'stated need: a rubber foot gives way by as much',
        },
        {
          quantity: 'sunk below its home height',
          unit: '%',
          exact: 0,
          error: 100 * Math.abs(sunk),
          tolerance: 20,
          why: 'the drives have no integral part and give way, but it must be standing at all',
        },
      ];
    });
  },
};
