import type { SimClock } from './clock.ts';
import {
  type Controller,
  type ControllerOptions,
  describeError,
  Faults,
  makeControlEnds,
  makeControlWork,
  openControl,
  TickListener,
} from './controller.ts';

export interface ControlInStep extends Controller {
  /** Makes the next tick quicker, as `TickPolicy.rehearse` does, for whoever knows when it will be. */
  rehearse(): void;
}

/**
 * Runs a policy in this thread, tick by tick with simulated time: what is due is over when the clock's advance returns. A
 * simulator that waits for each command gains nothing from a thread, and would wait for two changes of threads besides:
 * 0.1 ms where cores sleep between ticks.
 *
 * When it resolves, the first tick, at the clock's present time and without inputs, is over: what is written to the inputs
 * from now on meets the next tick and no other.
 * @throws UserErrors as loadPolicy does, and for observation terms or actions that do not fit the robot
 */
export async function startControlInStep(
  options: ControllerOptions & { readonly clock: SimClock },
): Promise<ControlInStep> {
  const { clock } = options;
  const work = makeControlWork(options);
  const faults = new Faults();
  const listeners = new Set<TickListener>();
  let numTicks = 0;
  let isOver = false;
  const { loop, report, rehearse, release } = await openControl(work, clock, () => {
    numTicks++;
    for (const listener of listeners) listener.tell(numTicks);
  });
  const guard = (act: () => void): void => {
    if (isOver) return;
    try {
      act();
    } catch (error) {
      end();
      faults.add(describeError(error));
    }
  };
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    unfollow();
    release();
  };
  const goOn = () =>
    guard(() => {
      while (!isOver && clock.isReached(loop.deadline)) loop.tick();
    });
  const unfollow = clock.follow(goOn);
  goOn();
  if (faults.first !== undefined) throw new Error(`policy: ${faults.first}`);
  return {
    ...report,
    ...makeControlEnds(work),
    onTick(callback) {
      const listener = new TickListener(callback, faults);
      listeners.add(listener);
      listener.tell(numTicks);
      return () => {
        listener.end();
        listeners.delete(listener);
      };
    },
    onFault: (callback) => faults.onFault(callback),
    rehearse: () => guard(rehearse),
    async stop() {
      faults.ignore();
      end();
    },
  };
}
