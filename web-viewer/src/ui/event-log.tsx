import type { Session } from '../session.ts';
import { formatStamp } from './format.ts';
import { useObservable } from './use-observable.ts';

/** What happened, newest first. */
export function EventLog({ session }: { readonly session: Session }) {
  const lines = useObservable(session.log);
  return (
    <>
      <h2>
        Events <span class="count">{lines.length}</span>
      </h2>
      <div class="event-log" role="log">
        <ol>
          {lines.map((line) => (
            <li key={line.key} data-severity={line.severity}>
              <time>{formatStamp(line.timeS)}</time>
              <span class="source">{line.source}</span>
              <span class="text">{line.text}</span>
            </li>
          ))}
          {lines.length === 0 && <li class="empty">Nothing yet.</li>}
        </ol>
      </div>
    </>
  );
}
