import type { Training, Welcome } from '../../../protocol.ts';
import type { Session } from '../../session.ts';
import { formatNumber } from '../format.ts';
import { useObservable } from '../use-observable.ts';
import { CurveChart } from './curve-chart.tsx';

/** How learning is getting on: curves over steps, and where it succeeds. */
export function TrainingPanel(props: {
  readonly session: Session;
  readonly run: NonNullable<Welcome['training']>;
}) {
  const { session, run } = props;
  const training = useObservable(session.training);
  return (
    <div class="training">
      <h2>
        {run.task} <span class="count">{run.algorithm}</span>
      </h2>
      <p class="status" role="status" aria-label="Progress">
        {training?.status ?? 'starting'}
      </p>
      <div class="bar">
        <span style={{ width: `${100 * (training?.share ?? 0)}%` }} />
      </div>
      <p class="note">{run.preview}</p>
      {training?.curves.map((curve) => (
        <CurveChart key={curve.title} curve={curve} />
      ))}
      {training !== undefined && training.byContext.length > 0 && (
        <SuccessByContext training={training} />
      )}
    </div>
  );
}

function SuccessByContext({ training }: { readonly training: Training }) {
  return (
    <section aria-label="Success by what was drawn">
      <h2>
        Success by what was drawn <span class="count">last {training.episodes} episodes</span>
      </h2>
      {training.byContext.map(({ name, bins }) => (
        <div class="context" key={name}>
          <span class="name">{name}</span>
          {bins.map(({ mean, episodes, successRate }, k) => (
            <span
              key={k}
              class="bin"
              title={`about ${formatNumber(mean ?? Number.NaN, 3)}: ${episodes} episodes`}
            >
              <span style={{ height: `${100 * (successRate ?? 0)}%` }} />
              <small>{successRate === null ? '–' : Math.round(100 * successRate)}</small>
            </span>
          ))}
        </div>
      ))}
    </section>
  );
}
