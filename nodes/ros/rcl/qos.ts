import type { Qos } from '../port.ts';
import type { Rcl, RclEndpoint, RclQos } from './api.ts';

/** Numbers of rmw/types.h. */
const KEEP_LAST = 1;
const RELIABLE = 1;
const BEST_EFFORT = 2;
const TRANSIENT_LOCAL = 1;
const VOLATILE = 2;
const LIVELINESS_AUTOMATIC = 1;

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

/** `/ns/name` of the node that has an end. */
export function readNodeName({ node_name, node_namespace }: RclEndpoint): string {
  return node_namespace.endsWith('/')
    ? `${node_namespace}${node_name}`
    : `${node_namespace}/${node_name}`;
}
