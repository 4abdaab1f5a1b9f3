import type { Experiment, Setup } from '../experiment.ts';
import { move, stay } from '../go2-motion.ts';

/** [m] under its feet */
const FALL = 0.3;
const DURATION_S = 2;
/** [s] of the steps that are taken for exact, with so many sweeps in each of two substeps */
const REFERENCE_S = 0.001;
const REFERENCE_SWEEPS = 32;

/** Where the base comes to rest. [m] */
async function land(setup: Setup): Promise<Float64Array> {
  const { positions } = await move(setup, { durationS: DURATION_S, lift: FALL }, stay);
  return positions.at(-1)!;
}

export const landing: Experiment = {
  name: 'landing',
  shows:
    `go2 falls ${FALL} m onto its feet with its home pose for a target; where it stands ${DURATION_S} s later, against the ` +
    `same engine at ${1000 * REFERENCE_S} ms, in Rapier with 2 × ${REFERENCE_SWEEPS}.`,
  settings: { robot: 'go2' },
  async run(setup) {
    const { solver } = setup;
    const fine = { ...solver.rapier, iterations: 2, internalIterations: REFERENCE_SWEEPS };
    const exact = await land({
      ...{ engine: setup.engine, timestepS: REFERENCE_S },
      solver: { ...solver, rapier: fine },
    });
    const place = await land(setup);
    const offset = place.map((value, k) => value - exact[k]!);
    return [
      {
        quantity: 'place of the base',
        unit: 'mm',
        error: 1000 * Math.hypot(...offset),
        tolerance: 10,
        why: 'half a foot’s radius: what a landing on a real floor differs by from one time to the next',
      },
    ];
  },
};
