import { findRcl } from '../../nodes/ros/rcl.ts';

/** Half a suite that passes says nothing of ROS: without it there is no run. @throws Error saying what to do */
export default function requireRos(): void {
  const search = findRcl();
  if (!search.found) throw new Error(`test:ros: ${search.reason}. ${search.remedy}`);
}
