import type { Vec3 } from '../../sim/math/vec3.ts';
import { transformPoint } from '../../sim/robot/transform.ts';
import type { Bounds, EntityFilters, TagsFilter } from '../ros/messages.ts';
import { type Box, computeBox, doBoxesMeet, doesBoxMeetBall, invert } from './bodies.ts';
import { BOUNDS, RESULT, Refusal, TAGS_MODE } from './codes.ts';
import { computeMapPose, type Entity, listEntities, makeBody, makeEntityInfo } from './entities.ts';
import { compilePosixPattern } from './posix-pattern.ts';
import type { Simulation } from './simulation.ts';

/**
 * The entities that match every filter that is given, in the order of {@link listEntities}.
 * @throws Refusal for a pattern that is none, or bounds of a kind that is not compared
 */
export function findEntities(simulation: Simulation, filters: EntityFilters): Entity[] {
  const plant = simulation.getPlant();
  const pattern = compilePattern(filters.filter);
  const categories = filters.categories.map(({ category }) => category);
  const meetsBounds = makeBoundsTest(simulation, filters.bounds);
  return listEntities(plant).filter((entity) => {
    const { category, tags } = makeEntityInfo(simulation, entity);
    return (
      pattern.test(entity.name) &&
      (categories.length === 0 || categories.includes(category.category)) &&
      matchesTags(tags, filters.tags) &&
      meetsBounds(entity)
    );
  });
}

/** @throws Refusal for a mode that is none */
export function matchesTags(
  tags: readonly string[],
  { tags: wanted, filter_mode: mode }: TagsFilter,
): boolean {
  if (mode !== TAGS_MODE.any && mode !== TAGS_MODE.all) {
    throw new Refusal(
      RESULT.operationFailed,
      `tags.filter_mode must be ${TAGS_MODE.any} (any) or ${TAGS_MODE.all} (all), got ${mode}`,
    );
  }
  if (wanted.length === 0) return true;
  const has = (tag: string) => tags.includes(tag);
  return mode === TAGS_MODE.all ? wanted.every(has) : wanted.some(has);
}

function compilePattern(text: string): RegExp {
  try {
    return compilePosixPattern(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Refusal(RESULT.operationFailed, `filter '${text}' is no POSIX pattern: ${reason}`);
  }
}

/** Whether an entity overlaps with bounds in the map; a ball is compared with a box that turns with the entity. */
function makeBoundsTest(simulation: Simulation, bounds: Bounds): (entity: Entity) => boolean {
  const plant = simulation.getPlant();
  const points = bounds.points.map(({ x, y, z }): Vec3 => [x, y, z]);
  switch (bounds.type) {
    case BOUNDS.empty:
      return () => true;
    case BOUNDS.box: {
      const box = readBox(points);
      return (entity) => {
        const own = computeBox(makeBody(plant, entity), computeMapPose(plant, entity));
        return own !== undefined && doBoxesMeet(own, box);
      };
    }
    case BOUNDS.sphere: {
      const [centre, size] = points;
      if (centre === undefined || size === undefined || !(size[0] >= 0)) {
        throw new Refusal(
          RESULT.operationFailed,
          'a sphere has two points: its centre, and its radius as x of the second',
        );
      }
      return (entity) => {
        const own = computeBox(makeBody(plant, entity));
        const centreE = transformPoint(invert(computeMapPose(plant, entity)), centre);
        return own !== undefined && doesBoxMeetBall(own, centreE, size[0]);
      };
    }
    default:
      throw new Refusal(
        RESULT.featureUnsupported,
        `bounds of type ${bounds.type} are not compared; TYPE_BOX and TYPE_SPHERE are`,
      );
  }
}

/** Of two opposite corners, whichever they are. */
function readBox(points: readonly Vec3[]): Box {
  const [one, other] = points;
  if (one === undefined || other === undefined || points.length !== 2) {
    throw new Refusal(RESULT.operationFailed, 'a box has two points: its upper and lower corner');
  }
  const pick = (choose: (a: number, b: number) => number): Vec3 => [
    choose(one[0], other[0]),
    choose(one[1], other[1]),
    choose(one[2], other[2]),
  ];
  return { lower: pick(Math.min), upper: pick(Math.max) };
}
