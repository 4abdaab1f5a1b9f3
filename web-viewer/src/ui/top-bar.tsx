import type { Session } from '../session.ts';
import { formatNumber, formatStamp } from './format.ts';
import { getPictureRate } from './picture-rate.ts';
import { useObservable, useTick } from './use-observable.ts';

const CONNECTION_TEXT = {
  open: 'Connected',
  connecting: 'Connecting',
  waiting: 'Disconnected',
} as const;

/** Who is connected to what, and how well. */
export function TopBar({ session }: { readonly session: Session }) {
  const { kind } = useObservable(session.connection.state);
  const fleet = useObservable(session.fleet);
  useTick(4);
  const run = Object.entries(fleet?.welcome.run ?? {});
  return (
    <header class="top-bar">
      <h1>zerogap</h1>
      <span class="chip" data-state={kind} role="status">
        {CONNECTION_TEXT[kind]}
      </span>
      <dl class="run">
        {run.map(([label, text]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd title={text}>{text}</dd>
          </div>
        ))}
      </dl>
      {fleet?.inspector === undefined && <Meters session={session} />}
    </header>
  );
}

function Meters({ session }: { readonly session: Session }) {
  const fleet = session.fleet.get();
  return (
    <dl class="meters">
      <Meter label="time" value={formatStamp(fleet?.latestTimeS ?? Number.NaN)} />
      <Meter
        label="real time"
        value={`${formatNumber(session.realTimeFactor.perSecond, 2)}×`}
        title="Node-clock seconds per wall-clock second"
      />
      <Meter
        label="frames"
        value={`${formatNumber(session.frameRate.perSecond, 0)} Hz`}
        title="Frames received per second"
      />
      <Meter
        label="lost"
        value={String(session.framesDropped)}
        title="Frames that this page was too slow to take, since it connected"
        warn={session.framesDropped > 0}
      />
      <Meter
        label="round trip"
        value={`${formatNumber(session.connection.roundTripMs.get(), 0)} ms`}
        title="From this page to the viewer node and back"
      />
      <Meter
        label="drawn"
        value={`${formatNumber(getPictureRate(), 0)} fps`}
        title="Pictures drawn per second"
      />
    </dl>
  );
}

function Meter(props: {
  readonly label: string;
  readonly value: string;
  readonly title?: string;
  readonly warn?: boolean;
}) {
  return (
    <div title={props.title} data-warn={props.warn === true}>
      <dt>{props.label}</dt>
      <dd>{props.value}</dd>
    </div>
  );
}
