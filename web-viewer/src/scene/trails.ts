import { getRobotColour } from '../colours.ts';
import type { Fleet } from '../fleet.ts';
import { FatLines } from './fat-lines.ts';
import type { Layer, SceneView } from './layer.ts';
import { Color } from './three.ts';

/** [s] how long a piece of trail is seen */
const TRAIL_S = 6;
/** [s] between the points of a trail */
const SPACING_S = 0.05;
const SLOTS = Math.ceil(TRAIL_S / SPACING_S) + 1;
/** [m] a robot that moves further between two points was put there, it did not fly */
const MAX_STEP = 1;

/**
 * Where each robot has been. Segments lie in a ring, [slot, robot], so that each new point of all
 * robots is one contiguous write; after the ring, one live segment per robot ends at the robot.
 */
export function makeTrailsLayer(fleet: Fleet): Layer {
  const count = fleet.welcome.robots.length;
  const lines = new FatLines((SLOTS + 1) * count, {
    widthPx: 2.5,
    opacity: 0.75,
    lifetimeS: TRAIL_S,
  });
  const colour = new Color();
  for (let robot = 0; robot < count; robot++) {
    colour.set(getRobotColour(robot));
    for (let slot = 0; slot <= SLOTS; slot++) lines.setColour(slot * count + robot, colour);
  }
  lines.markChanged(0, (SLOTS + 1) * count);

  // The GPU counts in 32-bit floats: time is measured from the first picture.
  let epochS = Number.NaN;
  let lastS = Number.NaN;
  let slot = 0;
  const last = new Float32Array(3 * count).fill(Number.NaN);

  function restart(timeS: number): void {
    lines.hideAll();
    epochS = timeS;
    lastS = timeS;
    last.fill(Number.NaN);
  }

  function writeSegments(view: SceneView, first: number, nowS: number): void {
    for (let robot = 0; robot < count; robot++) {
      const p = view.fleet.findOffset(robot, 'position');
      const step = p < 0 ? Number.NaN : computeStep(last, 3 * robot, view.values, p);
      const isFlown = step < MAX_STEP;
      lines.setBirth(first + robot, isFlown ? nowS : -1);
      if (isFlown) lines.set(first + robot, last, 3 * robot, view.values, p);
    }
    lines.markChanged(first, count);
  }

  function update(view: SceneView): void {
    const { timeS } = view;
    if (!Number.isFinite(timeS)) return;
    if (!(timeS >= lastS)) restart(timeS);
    const nowS = timeS - epochS;
    lines.setView(nowS, view.width, view.height);
    writeSegments(view, SLOTS * count, nowS);
    if (timeS - lastS < SPACING_S && Number.isFinite(last[0]!)) return;
    writeSegments(view, slot * count, nowS);
    slot = (slot + 1) % SLOTS;
    lastS = timeS;
    for (let robot = 0; robot < count; robot++) {
      const p = view.fleet.findOffset(robot, 'position');
      for (let k = 0; k < 3; k++) last[3 * robot + k] = p < 0 ? Number.NaN : view.values[p + k]!;
    }
  }

  return { object: lines.mesh, update, dispose: () => lines.dispose() };
}

function computeStep(a: ArrayLike<number>, ao: number, b: ArrayLike<number>, bo: number): number {
  return Math.hypot(a[ao]! - b[bo]!, a[ao + 1]! - b[bo + 1]!, a[ao + 2]! - b[bo + 2]!);
}
