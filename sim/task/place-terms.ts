import { computeYaw } from '../math/quat.ts';
import type { ObservationTermKind } from './observation-terms.ts';

/*
 * Where things are in the horizontal plane of odom, the robot and its goal by themselves: what is told of the one can
 * change without what is told of the other, see RetellableGoal. In a mirror all of odom is seen, along its own xz-plane:
 * to what happens in it one upright plane is as good as another.
 */

const ACROSS = { y: -1 } as const;

export const PLACE_TERMS = {
  placeW: {
    description: 'Where base_link is, in the horizontal plane',
    unit: 'm',
    frame: 'odom',
    columns: 'plane',
    mirror: ACROSS,
    make: () => (out, offset, view, robot) => {
      out[offset] = view.state.position[3 * robot]!;
      out[offset + 1] = view.state.position[3 * robot + 1]!;
    },
  },
  headingW: {
    description: 'Cosine and sine of the yaw of base_link',
    unit: '-',
    frame: 'odom',
    columns: 'plane',
    mirror: ACROSS,
    make: () => (out, offset, view, robot) => {
      const yaw = computeYaw(view.state.orientation, 4 * robot);
      out[offset] = Math.cos(yaw);
      out[offset + 1] = Math.sin(yaw);
    },
  },
  goalPlaceW: {
    description: 'Where base_link should be, in the horizontal plane',
    unit: 'm',
    frame: 'odom',
    columns: 'plane',
    mirror: ACROSS,
    make: () => (out, offset, view, robot) => {
      out[offset] = view.reference.position[3 * robot]!;
      out[offset + 1] = view.reference.position[3 * robot + 1]!;
    },
  },
} as const satisfies Record<string, ObservationTermKind>;
