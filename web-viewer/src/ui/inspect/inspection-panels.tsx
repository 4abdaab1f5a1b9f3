import { useState } from 'preact/hooks';
import type { Inspector } from '../../inspect/inspector.ts';
import type { Session } from '../../session.ts';
import { FactTable } from './fact-table.tsx';
import { JointSliders } from './joint-sliders.tsx';
import { LinkTree } from './link-tree.tsx';
import { ProblemList } from './problem-list.tsx';
import { RobotSummary } from './robot-summary.tsx';
import { SelectionDetail } from './selection-detail.tsx';

const SHEETS = ['pose', 'masses', 'limits', 'dynamics'] as const;
type Sheet = (typeof SHEETS)[number];

/** What is known of one description, around its picture. */
export function InspectionPanels(props: {
  readonly session: Session;
  readonly inspector: Inspector;
}) {
  const { session, inspector } = props;
  const [sheet, setSheet] = useState<Sheet>('pose');
  return (
    <>
      <aside class="panel panel-left">
        <section class="robots" aria-label="Links and joints">
          <LinkTree inspector={inspector} />
        </section>
        <section class="events" aria-label="Problems">
          <ProblemList session={session} inspector={inspector} />
        </section>
      </aside>
      <aside class="panel panel-right inspection" aria-label="Robot">
        <RobotSummary inspector={inspector} />
        <SelectionDetail inspector={inspector} />
        <nav class="sheets" aria-label="Sheets">
          {SHEETS.map((name) => (
            <button
              type="button"
              key={name}
              aria-pressed={sheet === name}
              onClick={() => setSheet(name)}
            >
              {name}
            </button>
          ))}
        </nav>
        {sheet === 'pose' ? (
          <JointSliders inspector={inspector} />
        ) : (
          <FactTable inspector={inspector} sheet={sheet} />
        )}
      </aside>
    </>
  );
}
