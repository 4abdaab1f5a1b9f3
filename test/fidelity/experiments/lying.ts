import { loadRobot } from '../../../sim/robot/load.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import { computeRms } from '../comparison.ts';
import type { Experiment, Row, Setup } from '../experiment.ts';
import { advanceUntil, computeDrift, copyStance } from '../legged.ts';
import { withWorld } from '../worlds.ts';

const FROM_S = 3;
const TO_S = 6;
/** [N·m·s/rad] of a drive without power: shorted windings brake, as far as friction leaves anything to do */
const LIMP_DAMPING = 2;

/** Goes down from its home with one command, and lies. */
function lie(model: RobotModel, setup: Setup, command: Float64Array): Promise<readonly Row[]> {
  return withWorld(model, setup, {}, (open) => {
    const { world, engine } = open;
    const send = () => world.setCommand(0, command);
    advanceUntil(open, FROM_S, send);
    const start = copyStance(world.truth);
    const rates: number[] = [];
    let depth = 0;
    advanceUntil(open, TO_S, send, () => {
      rates.push(...world.truth.jointVelocity);
      depth = Math.max(depth, engine.computePenetration(0));
    });
    const drift = computeDrift(start, copyStance(world.truth));
    return [
      {
        quantity: 'speed of the joints, RMS',
        unit: 'rad/s',
        exact: 0,
        error: computeRms(rates),
        tolerance: 0.05,
        why: 'what its encoders are off by: nobody may learn to feel the solver',
      },
      {
        quantity: `drift of the base from ${FROM_S} s to ${TO_S} s`,
        unit: 'mm',
        exact: 0,
        error: 1000 * drift.metres,
        tolerance: 5,
        why: 'as for standing',
      },
      {
        quantity: 'deepest contact',
        unit: 'mm',
        exact: 0,
        error: 1000 * depth,
        tolerance: 2,
        why: 'as for standing',
      },
    ];
  });
}

export const limp: Experiment = {
  name: 'lying-limp',
  shows:
    'go2 stands, its drives lose their power and only brake; it falls together and lies on trunk and legs.',
  settings: { robot: 'go2' },
  run(setup) {
    const go2 = loadRobot('go2');
    const model: RobotModel = {
      ...go2,
      actuators: go2.actuators.map((actuator) =>
        actuator.kind === 'pd' ? { ...actuator, stiffness: 0, damping: LIMP_DAMPING } : actuator,
      ),
    };
    return lie(model, setup, new Float64Array(go2.actuatedJointNames.length));
  },
};

export const folded: Experiment = {
  name: 'lying-folded',
  shows:
    'go2 lies down as its safety filter tells it to: drives fold the legs, until the calves press on the ends of their way.',
  settings: { robot: 'go2' },
  run(setup) {
    const model = loadRobot('go2');
    return lie(model, setup, Float64Array.from(model.safety.damp));
  },
};
