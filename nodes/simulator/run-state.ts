import { RESULT, Refusal, type StateName } from './codes.ts';

/** A request to step a paused simulation. */
export interface StepRequest {
  readonly done: Promise<StepEnd>;
  /** Leaves the rest of the steps; what was taken stays. */
  cancel(): void;
}

/** How a request to step ended. */
export interface StepEnd {
  readonly completed: number;
  /** Absent when all steps were taken. */
  readonly reason?: 'cancelled' | 'the simulation left its paused state';
}

interface Steps {
  readonly wanted: number;
  completed: number;
  readonly onStep: (completed: number) => void;
  readonly end: (end: StepEnd) => void;
}

/** Whether the simulation plays, stands or steps. */
export class RunState {
  #state: StateName;
  #steps: Steps | undefined;
  #hasChanged = false;
  #wake: (() => void) | undefined;

  constructor(start: StateName) {
    this.#state = start;
  }

  get state(): StateName {
    return this.#state;
  }

  /** Whether the world may take a step now. */
  get mayStep(): boolean {
    return this.#state === 'playing' || this.#steps !== undefined;
  }

  /** Goes into another state; steps that are not taken yet are not taken any more. */
  enter(state: StateName): void {
    if (state !== 'paused') this.#endSteps('the simulation left its paused state');
    this.#state = state;
    this.wake();
  }

  /**
   * Lets a paused simulation take steps.
   * @param onStep told after each
   * @throws Refusal unless it is paused and nobody else steps it
   */
  step(wanted: number, onStep: (completed: number) => void = () => {}): StepRequest {
    if (this.#state !== 'paused') {
      throw new Refusal(
        RESULT.operationFailed,
        `the simulation is ${this.#state}; pause it first (SetSimulationState, STATE_PAUSED)`,
      );
    }
    if (this.#steps !== undefined) {
      throw new Refusal(RESULT.operationFailed, 'it is being stepped already; wait for the end');
    }
    if (wanted === 0) return { done: Promise.resolve({ completed: 0 }), cancel: () => {} };
    const done = new Promise<StepEnd>((end) => {
      this.#steps = { wanted, completed: 0, onStep, end };
    });
    const mine = this.#steps;
    this.wake();
    return {
      done,
      cancel: () => {
        if (this.#steps === mine) this.#endSteps('cancelled');
      },
    };
  }

  /** To be told of every step of the world. */
  noteStep(): void {
    const steps = this.#steps;
    if (steps === undefined) return;
    steps.completed++;
    if (steps.completed === steps.wanted) this.#steps = undefined;
    steps.onStep(steps.completed);
    if (this.#steps === undefined) steps.end({ completed: steps.completed });
  }

  /** Resolves when something may have changed since it was asked last. */
  async waitForChange(): Promise<void> {
    if (!this.#hasChanged) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#hasChanged = false;
  }

  /** Ends a wait, or the next one. */
  wake(): void {
    this.#hasChanged = true;
    this.#wake?.();
    this.#wake = undefined;
  }

  #endSteps(reason: NonNullable<StepEnd['reason']>): void {
    const steps = this.#steps;
    this.#steps = undefined;
    steps?.end({ completed: steps.completed, reason });
  }
}
