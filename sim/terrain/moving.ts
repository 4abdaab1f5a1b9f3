import type { Rng } from '../math/rng.ts';
import type { MovingConfig } from './config.ts';
import { computeDistanceTo, computeFootprint } from './footprint.ts';
import { computeCourseLength } from './motion.ts';
import { drawFromRange, MAX_TRIES, noRoom, type ObstacleSpace } from './placing.ts';
import type { Motion, SceneObject } from './scene.ts';
import { computeFooting } from './standing.ts';
import { STEP, sampleWay } from './ways.ts';

const COLOUR = [0.93, 0.55, 0.2, 1] as const;

/**
 * Obstacles on ways of their own, which keep off the clear zone and off everything that stands; one another
 * they pass through.
 * @throws UserError when there is no room for all of them
 */
export function makeMovingObjects(
  config: MovingConfig,
  space: ObstacleSpace,
  rng: Rng,
): SceneObject[] {
  const { where, scene, material } = space;
  const index = scene.objects.length;
  return Array.from({ length: config.count }, (_, k) => {
    const draw = rng.fork('moving', k);
    const width = drawFromRange(config.width, draw);
    const height = drawFromRange(config.height, draw);
    // As far as it reaches from its middle, whatever its side.
    const radius = config.shape === 'cylinder' ? width / 2 : width * Math.SQRT1_2;
    const way = findWay(config, radius, space, draw);
    if (way === undefined) throw noRoom(where, `${config.count} moving obstacles`, k);
    const [x, y] = way.points[0]!;
    const tall = way.highest - way.lowest + height;
    return {
      name: `moving_${index + k}`,
      geometry:
        config.shape === 'cylinder'
          ? { kind: 'cylinder', radius: width / 2, length: tall }
          : { kind: 'box', size: [width, width, tall] },
      odomFromObject: { translation: [x, y, way.lowest + tall / 2], rotation: [0, 0, 0, 1] },
      material,
      moves: true,
      motion: way.motion,
      colour: COLOUR,
    };
  });
}

function findWay(config: MovingConfig, radius: number, space: ObstacleSpace, rng: Rng) {
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const motion = drawMotion(config, radius, rng);
    const points = motion && sampleWay(motion);
    if (motion === undefined || points === undefined) continue;
    if (!points.every((point) => isFree(point, config, radius, space))) continue;
    return { motion, points, ...computeFootings(points, radius, space) };
  }
  return undefined;
}

function drawMotion(config: MovingConfig, radius: number, rng: Rng): Motion | undefined {
  const speed = drawFromRange(config.speed, rng);
  const reach = drawFromRange(config.reach, rng);
  const [x, y] = drawPoint(config, radius, rng);
  const angle = rng.uniform(-Math.PI, Math.PI);
  switch (config.path) {
    case 'back_and_forth': {
      const to = [x + reach * Math.cos(angle), y + reach * Math.sin(angle)] as const;
      return {
        kind: 'back_and_forth',
        from: [x, y],
        to,
        speed,
        phase: rng.uniform(0, 2 * Math.PI),
      };
    }
    case 'circle': {
      const turn = rng.bernoulli(0.5) ? 1 : -1;
      return { kind: 'circle', centre: [x, y], radius: reach, speed: turn * speed, phase: angle };
    }
    case 'waypoints': {
      const points = drawCorners(config, [x, y], radius, rng);
      if (points === undefined) return undefined;
      const phase = rng.uniform(0, computeCourseLength(points));
      return { kind: 'waypoints', points, speed, phase };
    }
  }
}

/** Corners `reach` apart; the last one closes the course, at whatever distance that is. */
function drawCorners(
  config: MovingConfig,
  first: readonly [number, number],
  radius: number,
  rng: Rng,
): (readonly [number, number])[] | undefined {
  const points = [first];
  while (points.length < config.numWaypoints) {
    const [x, y] = points.at(-1)!;
    const reach = drawFromRange(config.reach, rng);
    const angle = rng.uniform(-Math.PI, Math.PI);
    const next = [x + reach * Math.cos(angle), y + reach * Math.sin(angle)] as const;
    if (!isInArea(next, config, radius)) return undefined;
    points.push(next);
  }
  const [x, y] = points.at(-1)!;
  return Math.hypot(x - first[0], y - first[1]) > STEP ? points : undefined;
}

function drawPoint({ area }: MovingConfig, radius: number, rng: Rng) {
  const [halfX, halfY] = [area[0] / 2 - radius, area[1] / 2 - radius];
  return [rng.uniform(-halfX, halfX), rng.uniform(-halfY, halfY)] as const;
}

function isInArea([x, y]: readonly [number, number], { area }: MovingConfig, radius: number) {
  return Math.abs(x) <= area[0] / 2 - radius && Math.abs(y) <= area[1] / 2 - radius;
}

function isFree(
  point: readonly [number, number],
  config: MovingConfig,
  radius: number,
  { scene, clearRadius }: ObstacleSpace,
): boolean {
  // Half a step more than it needs: between two points nothing is nearer than that.
  const margin = radius + STEP / 2;
  if (!isInArea(point, config, radius)) return false;
  if (Math.hypot(point[0], point[1]) < clearRadius + margin) return false;
  return scene.objects.every(
    (object) => object.moves || computeDistanceTo(computeFootprint(object), ...point) >= margin,
  );
}

/** Lowest and highest ground on the way. [m] */
function computeFootings(
  points: readonly (readonly [number, number])[],
  radius: number,
  { scene }: ObstacleSpace,
) {
  const ground = { ...scene, objects: [] };
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [x, y] of points) {
    const size = 2 * radius * Math.SQRT1_2;
    const footing = computeFooting(ground, { x, y, length: size, width: size, yaw: 0 });
    lowest = Math.min(lowest, footing.lowest);
    highest = Math.max(highest, footing.highest);
  }
  return { lowest, highest };
}
