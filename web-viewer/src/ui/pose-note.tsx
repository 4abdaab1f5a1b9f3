import type { Session } from '../session.ts';
import { useObservable, useTick } from './use-observable.ts';

/** Says so, over the picture, when robots are drawn where no sensor of theirs says that they are. */
export function PoseNote({ session }: { readonly session: Session }) {
  const fleet = useObservable(session.fleet);
  useTick(2);
  if (fleet === undefined || !fleet.welcome.robots.some((_, robot) => fleet.isPoseTrue(robot))) {
    return null;
  }
  return (
    <p
      class="pose-note"
      title="No sensor of the robot tells its place; on a robot it would not be drawn."
    >
      true pose (simulation)
    </p>
  );
}
