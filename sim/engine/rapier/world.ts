import type { Vec3 } from '../../math/vec3.ts';
import RAPIER from './api.ts';

/** Settings of a world whose constraints are to be solved as physics, not as a game. */
export interface WorldSettings {
  /** [m/s²] [@frame odom] */
  readonly gravityW: Vec3;
  /** [s] */
  readonly timestepS: number;
  /** [1] substeps of a step */
  readonly iterations: number;
  /** [1] sweeps of a substep */
  readonly internalIterations: number;
  readonly frictionInEverySweep: boolean;
}

/** [Hz] How stiff contacts are, see {@link HIDDEN}; those on fixed bodies are twice as stiff. */
const CONTACT_FREQUENCY = 120;

/**
 * Where Rapier 0.20 keeps, in the bytes of a snapshot of a world, settings that its JavaScript interface does not
 * have: offset, what a new world has there, what ours has.
 * - contacts are springs; as they are, the feet of a standing 15 kg quadruped sink in by 2.2 mm, four times as
 *   stiff by 0.13 mm, with the same creep and at the same speed;
 * - contact clustering merges the contacts of a height field's triangles into manifolds that the interface cannot
 *   show, so that their forces cannot be read; without it resting and sliding over triangles are the same to
 *   measuring accuracy;
 * - contact recycling keeps contacts until a shape has moved by up to 5 cm, and reports distances as old as that;
 * - friction is solved in the last of a substep's sweeps only, so that a standing robot creeps: 2.2 mm in 8 s for
 *   a 15 kg quadruped at 5 ms and 1 × 16, 0.002 mm where it is solved in all sweeps, at 3 % more time. But wheels of
 *   0.2 kg under a body of 4 kg then shake sideways, by 36 mm/s at 8 ms and 1 × 8 instead of 0.05 mm/s, so robots
 *   choose.
 *
 * What else is there and is left as it is:
 * - friction point by point (Coulomb, offset 100), whose forces could be read: boxes slide as on 0.87 of their
 *   friction;
 * - joints that start from their last impulses (offset 99): nothing moves differently, since each impulse is applied
 *   just before the row that it belongs to is solved.
 */
const HIDDEN = [
  {
    offset: 28,
    kind: 'number',
    name: 'contact frequency on fixed bodies [Hz]',
    had: 60,
    has: 2 * CONTACT_FREQUENCY,
  },
  { offset: 92, kind: 'flag', name: 'contact clustering', had: 1, has: 0 },
  { offset: 93, kind: 'flag', name: 'contact recycling', had: 1, has: 0 },
  { offset: 98, kind: 'flag', name: 'friction in every sweep', had: 0, has: 'as told' },
] as const;

/** What surrounds them, by which their place is known: offset and 32-bit number. */
const LANDMARKS = [
  [20, CONTACT_FREQUENCY],
  [24, 10],
  [32, 10],
  [36, 1],
  [56, 400],
  [94, 0.05],
] as const;

/**
 * An empty world.
 * @throws Error where Rapier keeps its settings in other places than version 0.20 does
 */
export function openWorld(settings: WorldSettings): RAPIER.World {
  const [x, y, z] = settings.gravityW;
  const plain = new RAPIER.World({ x, y, z });
  plain.timestep = settings.timestepS;
  plain.numSolverIterations = settings.iterations;
  plain.numInternalPgsIterations = settings.internalIterations;
  plain.integrationParameters.contact_natural_frequency = CONTACT_FREQUENCY;
  const bytes = plain.takeSnapshot();
  plain.free();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isKnown =
    LANDMARKS.every(([offset, value]) => view.getFloat32(offset, true) === Math.fround(value)) &&
    HIDDEN.every(({ offset, kind, had }) =>
      kind === 'flag' ? view.getUint8(offset) === had : view.getFloat32(offset, true) === had,
    );
  if (!isKnown) {
    throw new Error(
      `rapier ${RAPIER.version()}: the settings ${HIDDEN.map(({ name }) => `'${name}'`).join(', ')} are not where ` +
        'version 0.20 keeps them. Install that version, or find their offsets in the new one.',
    );
  }
  const told = settings.frictionInEverySweep ? 1 : 0;
  for (const { offset, kind, has } of HIDDEN) {
    if (kind === 'flag') view.setUint8(offset, has === 'as told' ? told : has);
    else view.setFloat32(offset, has, true);
  }
  return RAPIER.World.restoreSnapshot(bytes);
}
