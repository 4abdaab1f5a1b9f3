import type { Session } from '../session.ts';
import { formatNumber } from './format.ts';
import { useObservable, useTick } from './use-observable.ts';

/** [s] without a frame after which the picture must not pass for the present */
const STALE_S = 1;

/** Says so, over the picture, when the picture is not the present. */
export function DataBanner({ session }: { readonly session: Session }) {
  const state = useObservable(session.connection.state);
  useTick(5);
  const nowMs = performance.now();
  const ageS = (nowMs - session.lastFrameMs) / 1000;
  const hasData = Number.isFinite(ageS);
  const lastData = hasData ? `last data ${formatNumber(ageS, 1)} s ago` : 'no data yet';
  const retry = state.kind === 'waiting' && (
    <button type="button" onClick={() => session.connection.retryNow()}>
      Retry now ({formatNumber(Math.max(0, (state.retryAtMs - nowMs) / 1000), 0)} s)
    </button>
  );
  if (session.fleet.get()?.inspector !== undefined) {
    if (state.kind === 'open') return null;
    return (
      <div class="banner" data-level="warning" role="alert">
        <strong>The command has ended.</strong> This is the description as it was read. {retry}
      </div>
    );
  }
  if (state.kind === 'open') {
    if (!(ageS > STALE_S)) return null;
    return (
      <div class="banner" data-level="warning" role="alert">
        <strong>No new data</strong> {lastData}. The server answers, the robots do not publish.
      </div>
    );
  }
  const couldStop = session.fleet.get()?.welcome.actions.includes('stop') ?? false;
  return (
    <div class="banner" data-level="error" role="alert">
      <strong>{hasData ? 'Disconnected' : 'Connecting'}</strong> {lastData}.{' '}
      {hasData && couldStop && 'The stop button cannot reach the robots.'} {retry}
    </div>
  );
}
