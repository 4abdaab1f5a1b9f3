import { getRobotColour, getSafetyColour } from '../colours.ts';
import type { Fleet } from '../fleet.ts';
import type { Session } from '../session.ts';
import { formatNumber } from './format.ts';
import { useObservable, useTick } from './use-observable.ts';

/** Name, safety state and pose of the selected robot. */
export function RobotDetail(props: { readonly session: Session; readonly fleet: Fleet }) {
  const { session, fleet } = props;
  const robot = useObservable(session.selected);
  useTick(10);
  const { action, rule } = fleet.readSafety(robot);
  const position = [0, 1, 2].map((k) => formatNumber(fleet.read(robot, 'position', k), 2));
  return (
    <div class="detail" style={{ '--robot': getRobotColour(robot) }}>
      <h2>
        <span class="swatch" />
        {fleet.welcome.robots[robot]?.name ?? 'no robot'}
        <span class="verdict" style={{ '--safety': getSafetyColour(action) }}>
          {action}
          {rule !== '' && rule !== 'none' && ` · ${rule.replaceAll('_', ' ')}`}
        </span>
      </h2>
      <dl>
        <div>
          <dt>{fleet.isPoseTrue(robot) ? 'true position, map' : 'position, map'}</dt>
          <dd>
            {position.map((text, k) => (
              <span key={'xyz'[k]}>
                <i>{'xyz'[k]}</i>
                {text}
              </span>
            ))}
            <i>m</i>
          </dd>
        </div>
      </dl>
    </div>
  );
}
