import { getRobotColour } from '../colours.ts';
import type { Fleet } from '../fleet.ts';
import { isOther } from '../playback.ts';
import { FatLines } from './fat-lines.ts';
import type { Layer, SceneView } from './layer.ts';
import { Color } from './three.ts';

/** [s] how long a piece of trail is seen */
const TRAIL_S = 6;
/** [s] between the points of a trail */
const SPACING_S = 0.05;
const SLOTS = Math.ceil(TRAIL_S / SPACING_S) + 1;
/** [m] a robot that moves further between two points was put there, it did not fly, whatever its episode says */
const MAX_STEP = 1;

/**
 * Where each robot has been, from the frames themselves, so that a slow browser draws the same
 * curve as a fast one. Segments lie in a ring, [slot, robot]: each new point of all robots is one
 * contiguous write. After the ring, one live segment per robot ends at the robot as drawn.
 */
export function makeTrailsLayer(fleet: Fleet): Layer {
  const count = fleet.welcome.robots.length;
  const positions = fleet.welcome.robots.map((_, robot) => fleet.findOffset(robot, 'position'));
  const episodeAt = fleet.welcome.robots.map((_, robot) => fleet.findOffset(robot, 'episode'));
  const readEpisode = (values: Float32Array, robot: number): number =>
    values[episodeAt[robot]!] ?? Number.NaN;
  const lines = new FatLines((SLOTS + 1) * count, {
    widthPx: 2.5,
    opacity: 0.75,
    lifetimeS: TRAIL_S,
    spanS: SPACING_S,
  });
  paint(lines, count);
  /** [SLOTS, numRobots, 3] m, the end of each segment */
  const points = new Float32Array(SLOTS * count * 3).fill(Number.NaN);
  /** [SLOTS, numRobots] the episode of each point; NaN where none is told */
  const episodes = new Float32Array(SLOTS * count).fill(Number.NaN);
  /** [SLOTS] s since the epoch */
  const times = new Float64Array(SLOTS).fill(Number.NaN);
  // The GPU counts in 32-bit floats: time is measured from the first frame.
  let epochS = Number.NaN;
  let newest = SLOTS - 1;

  function restart(timeS: number): void {
    lines.hideAll();
    points.fill(Number.NaN);
    times.fill(Number.NaN);
    epochS = timeS;
  }

  function takeFrame(values: Float32Array, timeS: number): void {
    const lastS = epochS + times[newest]!;
    if (Number.isNaN(epochS) || timeS < lastS) restart(timeS);
    else if (timeS - lastS < SPACING_S) return;
    const slot = (newest + 1) % SLOTS;
    times[slot] = timeS - epochS;
    for (let robot = 0; robot < count; robot++) {
      const p = positions[robot]!;
      const end = 3 * (slot * count + robot);
      for (let k = 0; k < 3; k++) points[end + k] = p < 0 ? Number.NaN : values[p + k]!;
      episodes[slot * count + robot] = readEpisode(values, robot);
      const isSame = isSameEpisode(newest * count + robot, values, robot);
      const from = 3 * (newest * count + robot);
      connect(slot * count + robot, from, points, end, isSame ? times[slot]! : -1);
    }
    lines.markChanged(slot * count, count);
    newest = slot;
  }

  function isSameEpisode(point: number, values: Float32Array, robot: number): boolean {
    return !isOther(episodes[point]!, readEpisode(values, robot));
  }

  /** @param birthS [s] since the epoch; below 0 for a piece that was not flown */
  function connect(
    segment: number,
    from: number,
    to: ArrayLike<number>,
    o: number,
    birthS: number,
  ): void {
    const isFlown = birthS >= 0 && computeStep(points, from, to, o) < MAX_STEP;
    lines.setBirth(segment, isFlown ? birthS : -1);
    if (isFlown) lines.set(segment, points, from, to, o);
  }

  function update({ timeS, values, width, height }: SceneView): void {
    const nowS = timeS - epochS;
    if (Number.isNaN(nowS)) return;
    // The picture lags a little behind the newest frame: tie the robot to the point it has passed.
    let passed = newest;
    for (let back = 0; back < 8 && times[passed]! > nowS; back++) {
      passed = (passed - 1 + SLOTS) % SLOTS;
    }
    for (let robot = 0; robot < count; robot++) {
      const p = positions[robot]!;
      if (p < 0) continue;
      const from = passed * count + robot;
      const birthS = isSameEpisode(from, values, robot) ? nowS : -1;
      connect(SLOTS * count + robot, 3 * from, values, p, birthS);
    }
    lines.markChanged(SLOTS * count, count);
    lines.setView(nowS, width, height);
  }

  const unsubscribe = fleet.onFrame(takeFrame);
  return {
    object: lines.mesh,
    update,
    dispose: () => {
      unsubscribe();
      lines.dispose();
    },
  };
}

function paint(lines: FatLines, count: number): void {
  const colour = new Color();
  for (let robot = 0; robot < count; robot++) {
    colour.set(getRobotColour(robot));
    for (let slot = 0; slot <= SLOTS; slot++) lines.setColour(slot * count + robot, colour);
  }
  lines.markChanged(0, (SLOTS + 1) * count);
}

function computeStep(a: ArrayLike<number>, ao: number, b: ArrayLike<number>, bo: number): number {
  return Math.hypot(a[ao]! - b[bo]!, a[ao + 1]! - b[bo + 1]!, a[ao + 2]! - b[bo + 2]!);
}
