import { useEffect, useState } from 'preact/hooks';
import type { Action } from '../../protocol.ts';
import { listenForDoubleEscape } from '../double-escape.ts';
import type { Session } from '../session.ts';
import { ConfirmButton } from './confirm-button.tsx';
import { useObservable, useTick } from './use-observable.ts';

interface Outcome {
  readonly level: 'pending' | 'good' | 'bad';
  readonly text: string;
}

const PENDING_TEXT: Readonly<Record<Action, string>> = {
  stop: 'Stopping …',
  clear_stop: 'Clearing the stop …',
  reset: 'Resetting …',
};

/**
 * Stop acts at the first touch, always in the same place. Clear and reset can set robots in
 * motion, so they ask once more.
 */
export function ActionBar({ session }: { readonly session: Session }) {
  const { kind } = useObservable(session.connection.state);
  const fleet = useObservable(session.fleet);
  const [outcome, setOutcome] = useState<Outcome>();
  useTick(5);
  const allowed = kind === 'open' ? (fleet?.welcome.actions ?? []) : [];
  const isSpectator = kind === 'open' && fleet !== undefined && allowed.length === 0;

  async function act(action: Action): Promise<void> {
    setOutcome({ level: 'pending', text: PENDING_TEXT[action] });
    const { ok, text } = await session.request(action);
    setOutcome({ level: ok ? 'good' : 'bad', text: ok ? text : `${action} FAILED: ${text}` });
  }

  useEffect(() => listenForDoubleEscape(() => void act('stop')), [session]);

  const numRobots = fleet?.welcome.robots.length ?? 0;
  let numStopped = 0;
  for (let i = 0; i < numRobots; i++) {
    if (fleet?.readSafety(i).action === 'stop') numStopped++;
  }
  return (
    <footer class="action-bar" data-stopped={numStopped > 0}>
      <button
        type="button"
        class="stop"
        disabled={!allowed.includes('stop')}
        onClick={() => void act('stop')}
        title="Stops every robot at once and keeps them stopped. Keyboard: Escape twice."
      >
        STOP ALL
        <small>{isSpectator ? 'spectator' : kind === 'open' ? 'Esc Esc' : 'not connected'}</small>
      </button>
      <p class="outcome" data-level={outcome?.level ?? 'none'} role="status">
        {numStopped > 0 && (
          <strong>
            {numStopped} of {numRobots} stopped
          </strong>
        )}
        <span>{outcome?.text}</span>
      </p>
      <ConfirmButton
        label="Clear stop"
        isDisabled={!allowed.includes('clear_stop')}
        onConfirm={() => void act('clear_stop')}
      />
      <ConfirmButton
        label="Reset"
        isDisabled={!allowed.includes('reset')}
        onConfirm={() => void act('reset')}
      />
    </footer>
  );
}
