import { Lifecycle } from './ros/lifecycle.ts';
import type { RosNode } from './ros/port.ts';

/** What a node does when somebody lets it work, and when somebody ends that. Both may come again and again. */
export interface Activity {
  activate(): void;
  deactivate(): void;
}

export interface ManagedOptions {
  /** Whether the node is at work from its start; else it waits, unconfigured, for whoever manages it. */
  readonly autostart: boolean;
}

/**
 * Makes a managed node of a node: others start and stop its work by the standard services (`ros2 lifecycle`, a lifecycle
 * manager). Nothing is made or freed on the way: robot, policy and limits were read before the node was there, and
 * what is wrong with them has ended the process.
 */
export function manageNode(
  node: RosNode,
  { autostart }: ManagedOptions,
  { activate, deactivate }: Activity,
): Lifecycle {
  const obey = (act: () => void) => () => {
    act();
    return 'success' as const;
  };
  const lifecycle = new Lifecycle(node, {
    onActivate: obey(activate),
    onDeactivate: obey(deactivate),
    onShutdown: obey(deactivate),
    // Whatever failed: nothing moves.
    onError: obey(deactivate),
  });
  if (!autostart) deactivate();
  else void lifecycle.request('configure').then(() => lifecycle.request('activate'));
  return lifecycle;
}
