import type { Qos } from './port.ts';

/** Why a subscription's request cannot be met by a publisher's offer; undefined if it can. */
export function findQosConflict(offered: Qos, requested: Qos): string | undefined {
  const conflicts: string[] = [];
  if (offered.reliability === 'best_effort' && requested.reliability === 'reliable') {
    conflicts.push('reliability: offers best_effort, is asked for reliable');
  }
  if (offered.durability === 'volatile' && requested.durability === 'transient_local') {
    conflicts.push('durability: offers volatile, is asked for transient_local');
  }
  return conflicts.length === 0 ? undefined : conflicts.join('; ');
}

/**
 * The strongest request that all of these publishers can meet, as `ros2 bag record` chooses it.
 * With no publisher known it asks for the least, which every later publisher can meet.
 */
export function adaptQos(offers: readonly Qos[], depth: number): Qos {
  const all = (test: (offer: Qos) => boolean) => offers.length > 0 && offers.every(test);
  return {
    reliability: all((offer) => offer.reliability === 'reliable') ? 'reliable' : 'best_effort',
    durability: all((offer) => offer.durability === 'transient_local')
      ? 'transient_local'
      : 'volatile',
    depth,
  };
}

/** Rejects what no middleware would take. @throws RangeError */
export function assertQos(qos: Qos, topic: string): void {
  const reliable = qos.reliability === 'reliable' || qos.reliability === 'best_effort';
  const durable = qos.durability === 'volatile' || qos.durability === 'transient_local';
  if (!reliable || !durable || !Number.isInteger(qos.depth) || qos.depth < 1) {
    throw new RangeError(
      `${topic}: QoS must be reliable or best_effort, volatile or transient_local, depth 1 or more; got ${JSON.stringify(qos)}`,
    );
  }
}
