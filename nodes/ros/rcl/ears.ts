import type { CallbackGuard } from '../core/guard.ts';

/** The end at which a node hears a topic. */
export interface Ear {
  /** Of its subscription in rclnodejs. */
  readonly handle: object;
  /** Hears one message, if there is one; says whether. Must not throw. */
  take(): boolean;
}

/** [1] messages of one topic that are heard in one go: timers and services have their turn, too */
const MAX_IN_ONE_GO = 100;

/** Where an error of such a callback came from. */
const WHEN_HEARD = 'when all is heard';

/** All ends at which a node hears, and who waits until it has heard what is there. */
export class Ears {
  readonly #guard: CallbackGuard;
  /** That of the time before all others. */
  #ears: readonly Ear[] = [];
  #waiting: (() => void)[] = [];
  #isTurn = false;

  constructor(guard: CallbackGuard) {
    this.#guard = guard;
  }

  /** @param rank of the time, which is heard before all else, or of anything else */
  add(ear: Ear, rank: 'first' | 'any'): void {
    this.#ears = rank === 'first' ? [ear, ...this.#ears] : [...this.#ears, ear];
  }

  remove(ear: Ear): void {
    this.#ears = this.#ears.filter((other) => other !== ear);
  }

  /** Calls back once what is here is heard; outside a turn that is so at once. */
  whenHeard(callback: () => void): void {
    if (this.#isTurn) this.#waiting.push(callback);
    else this.#guard.run(WHEN_HEARD, callback);
  }

  /**
   * What a node does when it is woken: hears all that is here, because to be woken for a message costs more than to hear
   * it, then whatever else it was woken for.
   * @param execute does the rest
   */
  runTurn(handles: readonly object[], execute: (handles: readonly object[]) => void): void {
    const rest = handles.filter((handle) => !this.#ears.some((ear) => ear.handle === handle));
    this.#isTurn = true;
    if (rest.length < handles.length) this.#hear();
    if (rest.length > 0) execute(rest);
    this.#isTurn = false;
    this.#tell(this.#waiting.length);
  }

  /**
   * Goes round the ears until none of them hears anything. What came before the time is heard when the round ends that began
   * with it: who asked for that need not wait for the round that finds nothing. Those that went by then, or came, are left out.
   */
  #hear(): void {
    for (let round = 0; round < MAX_IN_ONE_GO; round++) {
      let most = 0;
      let numWaiting = 0;
      for (const [k, ear] of this.#ears.entries()) {
        most = Math.max(most, this.#drain(ear));
        if (k === 0) numWaiting = this.#waiting.length;
      }
      this.#tell(numWaiting);
      if (most === 0 || most === MAX_IN_ONE_GO) return;
    }
  }

  /** Returns how many messages that were. */
  #drain(ear: Ear): number {
    let count = 0;
    while (count < MAX_IN_ONE_GO && this.#ears.includes(ear) && ear.take()) count++;
    return count;
  }

  #tell(count: number): void {
    for (const callback of this.#waiting.splice(0, count)) this.#guard.run(WHEN_HEARD, callback);
  }
}
