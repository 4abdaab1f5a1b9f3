import type { Inspector } from '../../inspect/inspector.ts';
import type { Session } from '../../session.ts';
import { useObservable } from '../use-observable.ts';

/** What is wrong with the description, then what is odd. */
export function ProblemList(props: { readonly session: Session; readonly inspector: Inspector }) {
  const { problems, warnings } = props.inspector.facts;
  // What the page itself could not do, such as fetch a mesh.
  const own = useObservable(props.session.log).filter(({ severity }) => severity !== 'info');
  const lines = [
    ...problems.map((text) => ({ severity: 'error', text })),
    ...warnings.map((text) => ({ severity: 'warning', text })),
    ...own.map(({ text }) => ({ severity: 'warning', text })),
  ];
  const numOdd = lines.length - problems.length;
  const verdict = problems.length === 0 ? 'sound' : 'not sound';
  return (
    <>
      <h2>
        Problems <span class="count">{problems.length}</span>
        {numOdd > 0 && <span class="odd">{numOdd === 1 ? '1 warning' : `${numOdd} warnings`}</span>}
        <span class="verdict" data-sound={problems.length === 0}>
          {verdict}
        </span>
      </h2>
      <ul class="problem-list">
        {lines.map(({ severity, text }) => (
          <li key={`${severity} ${text}`} data-severity={severity}>
            {text}
          </li>
        ))}
        {lines.length === 0 && <li class="empty">None, and nothing odd.</li>}
      </ul>
    </>
  );
}
