/**
 * Places copies on a square grid centred on the origin, row by row, all at height 0. A small world
 * keeps the numbers small: engines with 32-bit floats lose a bit each time the distance doubles.
 * @returns [numRobots, 3] m [@frame map] the origin of each copy's odom frame
 */
export function makeTiles(numRobots: number, spacing: number): Float64Array {
  const columns = Math.ceil(Math.sqrt(numRobots));
  const rows = Math.ceil(numRobots / columns);
  const origins = new Float64Array(numRobots * 3);
  for (let i = 0; i < numRobots; i++) {
    origins[3 * i] = ((i % columns) - (columns - 1) / 2) * spacing;
    origins[3 * i + 1] = (Math.floor(i / columns) - (rows - 1) / 2) * spacing;
  }
  return origins;
}
