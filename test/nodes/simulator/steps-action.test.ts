import { expect, it } from 'vitest';
import type { SimulateStepsFeedback } from '../../../nodes/ros/messages.ts';
import { RESULT } from '../../../nodes/simulator/codes.ts';
import { RunState } from '../../../nodes/simulator/run-state.ts';
import { SafePoint } from '../../../nodes/simulator/safe-point.ts';
import { serveSteps } from '../../../nodes/simulator/services/state-services.ts';
import type { Simulation } from '../../../nodes/simulator/simulation.ts';

type Execute = (goal: {
  readonly goal: { readonly steps: bigint };
  readonly signal: AbortSignal;
  publishFeedback(feedback: SimulateStepsFeedback): void;
}) => Promise<{ outcome: string; result: { result: { result: number; error_message: string } } }>;

/** What the simulator would give a backend to execute, on a run that the test steps itself. */
function serve(state: 'paused' | 'playing') {
  const run = new RunState(state);
  let execute: Execute | undefined;
  const node = {
    createActionServer: (_type: string, _name: string, handlers: { execute: Execute }) => {
      execute = handlers.execute;
    },
  };
  serveSteps({ node, run, safePoint: new SafePoint() } as unknown as Simulation);
  const feedback: SimulateStepsFeedback[] = [];
  const cancelling = new AbortController();
  const start = (steps: bigint) =>
    execute!({
      ...{ goal: { steps }, signal: cancelling.signal },
      publishFeedback: (one) => feedback.push(one),
    });
  return { run, start, feedback, cancelling };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

it('tells of every step, and succeeds after the last', async () => {
  const { run, start, feedback } = serve('paused');
  const ended = start(2n);
  await settle();
  expect(run.mayStep).toBe(true);
  run.noteStep();
  run.noteStep();
  expect(run.mayStep).toBe(false);
  expect(await ended).toMatchObject({
    outcome: 'succeeded',
    result: { result: { result: RESULT.ok } },
  });
  expect(feedback).toEqual([
    { completed_steps: 1n, remaining_steps: 1n },
    { completed_steps: 2n, remaining_steps: 0n },
  ]);
});

it('leaves the rest when it is cancelled', async () => {
  const { run, start, cancelling } = serve('paused');
  const ended = start(5n);
  await settle();
  run.noteStep();
  cancelling.abort();
  expect(run.mayStep).toBe(false);
  const { outcome, result } = await ended;
  expect(outcome).toBe('canceled');
  expect(result.result.error_message).toMatch(/1 of 5 steps/);
});

it('is aborted where the simulation plays', async () => {
  const { outcome, result } = await serve('playing').start(1n);
  expect(outcome).toBe('aborted');
  expect(result.result.result).toBe(RESULT.operationFailed);
});
