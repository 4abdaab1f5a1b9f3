/** Monotonic time of this process and all its threads since the machine's boot. [s] */
export function readWallClockS(): number {
  return Number(process.hrtime.bigint()) / 1e9;
}
