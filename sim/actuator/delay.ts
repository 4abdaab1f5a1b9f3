/**
 * Carries commands from sender to motor with a latency of any length: one ring of stamped commands
 * per robot. A command arrives at the first `take` whose time is at least its stamp plus the latency.
 */
export interface CommandDelay {
  /** Stamps must not decrease per robot. A full ring doubles, so a steady rate soon allocates nothing. */
  push(robot: number, command: ArrayLike<number>, timeS: number): void;
  /**
   * Writes the newest command that has arrived into out[offset …]; older ones are passed over.
   * @returns whether any arrived since the last call; `out` is unchanged if not
   */
  take(robot: number, timeS: number, out: Float64Array, offset: number): boolean;
  /** [s] 0 or more; holds for commands already under way, too */
  setLatency(robot: number, latencyS: number): void;
  /** Forgets all commands under way. */
  clear(robot: number): void;
}

/** [s] Rounding of sums of timesteps stays below this, and no timestep comes near it. */
export const TIME_TOLERANCE_S = 1e-9;
const FIRST_CAPACITY = 8;

class Ring {
  commands: Float64Array;
  stamps = new Float64Array(FIRST_CAPACITY);
  first = 0;
  count = 0;
  latencyS = 0;

  constructor(width: number) {
    this.commands = new Float64Array(FIRST_CAPACITY * width);
  }
}

/** @param width numbers per command */
export function makeCommandDelay(numRobots: number, width: number): CommandDelay {
  const rings = Array.from({ length: numRobots }, () => new Ring(width));
  return {
    push(robot, command, timeS) {
      const ring = rings[robot]!;
      if (ring.count === ring.stamps.length) grow(ring, width);
      const slot = (ring.first + ring.count) % ring.stamps.length;
      ring.stamps[slot] = timeS;
      for (let k = 0; k < width; k++) ring.commands[slot * width + k] = command[k]!;
      ring.count++;
    },
    take(robot, timeS, out, offset) {
      const ring = rings[robot]!;
      let hasArrived = false;
      while (ring.count > 0) {
        const slot = ring.first;
        if (ring.stamps[slot]! + ring.latencyS > timeS + TIME_TOLERANCE_S) break;
        hasArrived = true;
        for (let k = 0; k < width; k++) out[offset + k] = ring.commands[slot * width + k]!;
        ring.first = (slot + 1) % ring.stamps.length;
        ring.count--;
      }
      return hasArrived;
    },
    setLatency(robot, latencyS) {
      if (!(latencyS >= 0 && latencyS < Number.POSITIVE_INFINITY)) {
        throw new RangeError(`command latency must be 0 s or more, got ${latencyS}`);
      }
      rings[robot]!.latencyS = latencyS;
    },
    clear(robot) {
      rings[robot]!.count = 0;
    },
  };
}

/** Doubles a full ring, oldest command first. */
function grow(ring: Ring, width: number): void {
  const { first, commands, stamps } = ring;
  ring.stamps = new Float64Array(2 * stamps.length);
  ring.stamps.set(stamps.subarray(first), 0);
  ring.stamps.set(stamps.subarray(0, first), stamps.length - first);
  ring.commands = new Float64Array(2 * commands.length);
  ring.commands.set(commands.subarray(first * width), 0);
  ring.commands.set(commands.subarray(0, first * width), commands.length - first * width);
  ring.first = 0;
}
