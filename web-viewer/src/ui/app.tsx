import { useState } from 'preact/hooks';
import type { Session } from '../session.ts';
import { ActionBar } from './action-bar.tsx';
import { EventLog } from './event-log.tsx';
import { InspectionPanels } from './inspect/inspection-panels.tsx';
import { Plots } from './plots.tsx';
import { RobotDetail } from './robot-detail.tsx';
import { RobotList } from './robot-list.tsx';
import { TopBar } from './top-bar.tsx';
import { TrainingPanel } from './training/training-panel.tsx';
import { useObservable } from './use-observable.ts';
import { Viewport } from './viewport.tsx';

/** On a narrow screen: place of the panel → what it is called. */
const FLEET_TABS = { robots: 'robots', signals: 'signals', events: 'events' } as const;
const INSPECTION_TABS = { robots: 'links', signals: 'joints', events: 'problems' } as const;
const TRAINING_TABS = { robots: 'robots', signals: 'learning', events: 'events' } as const;
const TABS = ['robots', 'signals', 'events'] as const;
type Tab = (typeof TABS)[number];

/** The whole page. On a narrow screen the panels become tabs; the stop button never moves. */
export function App({ session }: { readonly session: Session }) {
  const fleet = useObservable(session.fleet);
  const [tab, setTab] = useState<Tab>('robots');
  const inspector = fleet?.inspector;
  const isTraining = fleet?.welcome.training !== undefined;
  const fleetTabs = isTraining ? TRAINING_TABS : FLEET_TABS;
  const labels = inspector === undefined ? fleetTabs : INSPECTION_TABS;
  const view = isTraining ? 'training' : inspector === undefined ? 'fleet' : 'inspection';
  return (
    <div class="app" data-tab={tab} data-view={view}>
      <TopBar session={session} />
      <Viewport session={session} />
      <nav class="tabs" aria-label="Panels">
        {TABS.map((name) => (
          <button type="button" key={name} aria-pressed={tab === name} onClick={() => setTab(name)}>
            {labels[name]}
          </button>
        ))}
      </nav>
      {inspector === undefined ? (
        <FleetPanels session={session} />
      ) : (
        <InspectionPanels session={session} inspector={inspector} />
      )}
      {view === 'fleet' && <ActionBar session={session} />}
    </div>
  );
}

function FleetPanels({ session }: { readonly session: Session }) {
  const fleet = useObservable(session.fleet);
  return (
    <>
      <aside class="panel panel-left">
        <section class="robots" aria-label="Robots">
          {fleet && <RobotList session={session} fleet={fleet} />}
        </section>
        <section class="events" aria-label="Events">
          <EventLog session={session} />
        </section>
      </aside>
      {fleet?.welcome.training === undefined ? (
        <aside class="panel panel-right" aria-label="Selected robot">
          {fleet && <RobotDetail session={session} fleet={fleet} />}
          {fleet && <Plots session={session} fleet={fleet} />}
        </aside>
      ) : (
        <aside class="panel panel-right" aria-label="Learning">
          <TrainingPanel session={session} run={fleet.welcome.training} />
        </aside>
      )}
    </>
  );
}
