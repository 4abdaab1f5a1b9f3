import type { Header, Time } from '../ros/messages.ts';

const NS_PER_S = 1_000_000_000n;

/** [ns] */
export function toNs(stamp: Time): bigint {
  return BigInt(stamp.sec) * NS_PER_S + BigInt(stamp.nanosec);
}

/** @param stampNs not negative */
export function toTime(stampNs: bigint): Time {
  return { sec: Number(stampNs / NS_PER_S), nanosec: Number(stampNs % NS_PER_S) };
}

/** Writes the stamp into a header that is published again and again. */
export function writeStamp(header: Header, stampNs: bigint): void {
  header.stamp.sec = Number(stampNs / NS_PER_S);
  header.stamp.nanosec = Number(stampNs % NS_PER_S);
}
