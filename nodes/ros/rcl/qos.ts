import type { Qos } from '../port.ts';
import type { Rcl, RclDuration, RclEndpoint, RclQos } from './api.ts';

/** Numbers of rmw/types.h. */
const KEEP_LAST = 1;
const RELIABLE = 1;
const BEST_EFFORT = 2;
const TRANSIENT_LOCAL = 1;
const VOLATILE = 2;
const LIVELINESS_AUTOMATIC = 1;
const LIVELINESS_MANUAL_BY_TOPIC = 3;
/** [s] from which on a duration means for ever, on any middleware */
const FOR_EVER_S = 2n ** 31n - 1n;

/** A profile for rclnodejs, in numbers: of a profile's name that it does not know it says nothing. */
export function makeQos(rcl: Rcl, qos: Qos): RclQos {
  return new rcl.QoS(
    KEEP_LAST,
    qos.depth,
    qos.reliability === 'reliable' ? RELIABLE : BEST_EFFORT,
    qos.durability === 'transient_local' ? TRANSIENT_LOCAL : VOLATILE,
    LIVELINESS_AUTOMATIC,
    false,
  );
}

/** What another end offers or asks for; a depth is not told over the wire and is at least 1. */
export function readQos({ qos_profile }: RclEndpoint): Qos {
  return {
    reliability: qos_profile.reliability === RELIABLE ? 'reliable' : 'best_effort',
    durability: qos_profile.durability === TRANSIENT_LOCAL ? 'transient_local' : 'volatile',
    depth: Math.max(1, qos_profile.depth),
  };
}

/** What a subscription asks for that none of our publishers offers: they promise no rate, and live by themselves. */
export function findUnmetDemand({ qos_profile }: RclEndpoint): string | undefined {
  const { deadline, liveliness, liveliness_lease_duration: lease } = qos_profile;
  const demands: string[] = [];
  if (isLimit(deadline)) demands.push(`deadline: offers none, is asked for ${describe(deadline)}`);
  if (liveliness === LIVELINESS_MANUAL_BY_TOPIC) {
    demands.push('liveliness: offers automatic, is asked for manual_by_topic');
  }
  if (isLimit(lease)) {
    demands.push(`liveliness_lease_duration: offers none, is asked for ${describe(lease)}`);
  }
  return demands.length === 0 ? undefined : demands.join('; ');
}

/** 0 is what nobody has set. */
function isLimit({ seconds, nanoseconds }: RclDuration): boolean {
  return seconds < FOR_EVER_S && (seconds > 0n || nanoseconds > 0);
}

function describe({ seconds, nanoseconds }: RclDuration): string {
  return `${Number(seconds) + nanoseconds / 1e9} s`;
}

/** `/ns/name` of the node that has an end. */
export function readNodeName({ node_name, node_namespace }: RclEndpoint): string {
  return node_namespace.endsWith('/')
    ? `${node_namespace}${node_name}`
    : `${node_namespace}/${node_name}`;
}
