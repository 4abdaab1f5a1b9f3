import { writeQuatProduct } from '../math/quat.ts';
import type { StateBatch } from '../robot/state.ts';
import type { Scene, TileGrid } from '../terrain/scene.ts';
import type { Context } from './draw.ts';

/**
 * Moves the start of one robot, in the plane, to where its draw puts it: to the middle of its tile, by its offset, and
 * turned about the vertical through its base with the velocity that it starts with.
 */
export function moveStart(
  out: StateBatch,
  robot: number,
  context: Context,
  scene: Pick<Scene, 'ground'>,
): void {
  const tiles = scene.ground?.kind === 'height_field' ? scene.ground.tiles : undefined;
  const tile = tiles === undefined ? 0 : 3 * chooseTile(tiles, context);
  out.position[3 * robot]! += (tiles?.origins[tile] ?? 0) + context['start.x'];
  out.position[3 * robot + 1]! += (tiles?.origins[tile + 1] ?? 0) + context['start.y'];
  const yaw = context['start.yaw'];
  if (yaw === 0) return;
  const turn = [0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)];
  writeQuatProduct(out.orientation, 4 * robot, turn, 0, out.orientation, 4 * robot);
  const [vx, vy] = out.linearVelocityW.subarray(3 * robot, 3 * robot + 2) as unknown as [
    number,
    number,
  ];
  out.linearVelocityW[3 * robot] = vx * Math.cos(yaw) - vy * Math.sin(yaw);
  out.linearVelocityW[3 * robot + 1] = vx * Math.sin(yaw) + vy * Math.cos(yaw);
}

/** Index of the tile that a draw means. */
function chooseTile({ numLevels, numColumns }: TileGrid, context: Context): number {
  const level = Math.round(context['tile.difficulty'] * (numLevels - 1));
  const column = Math.round(context['tile.column'] * (numColumns - 1));
  return level * numColumns + column;
}
