import { getRobotColour, getSafetyColour } from '../colours.ts';
import type { Fleet } from '../fleet.ts';
import type { Session } from '../session.ts';
import { formatLength } from './format.ts';
import { useObservable, useTick } from './use-observable.ts';

/** [m] error that fills the bar */
const FULL_BAR = 0.3;

/** Every robot: what its safety filter does and how far it is from where it should be. */
export function RobotList(props: { readonly session: Session; readonly fleet: Fleet }) {
  const { session, fleet } = props;
  const selected = useObservable(session.selected);
  useTick(5);
  const { robots } = fleet.welcome;
  return (
    <>
      <h2>
        Robots <span class="count">{robots.length}</span>
      </h2>
      <ul class="robot-list">
        {robots.map((robot, i) => {
          const { action, rule } = fleet.readSafety(i);
          const error = fleet.read(i, 'position_error');
          const state = rule === '' || rule === 'none' ? action : `${action}: ${rule}`;
          return (
            <li key={robot.name}>
              <button
                type="button"
                aria-pressed={i === selected}
                aria-label={`${robot.name}, ${state}, position error ${formatLength(error)}`}
                onClick={() => session.selected.set(i)}
                style={{ '--robot': getRobotColour(i), '--safety': getSafetyColour(action) }}
              >
                <span class="swatch" />
                <span class="name">{robot.name}</span>
                <span class="bar">
                  <span style={{ width: `${Math.min(100, (100 * (error || 0)) / FULL_BAR)}%` }} />
                </span>
                <span class="error">{formatLength(error)}</span>
                <span class="safety" title={state}>
                  {action}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </>
  );
}
