/** A measurement from before the run began (a delayed first sample) is stamped with its beginning. */
export function secondsToNs(timeS: number): bigint {
  return BigInt(Math.max(0, Math.round(timeS * 1e9)));
}
