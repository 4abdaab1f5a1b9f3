import type { State, TransitionDescription, TransitionEvent } from './messages.ts';
import type { Publisher, Qos, RosNode } from './port.ts';

/** What a managed node does on its way from state to state; a throw is an `error`. */
export type TransitionResult = 'success' | 'failure' | 'error';
type Callback = () => TransitionResult | Promise<TransitionResult>;

/** Each is a success unless given. */
export interface LifecycleCallbacks {
  readonly onConfigure?: Callback;
  readonly onActivate?: Callback;
  readonly onDeactivate?: Callback;
  readonly onCleanup?: Callback;
  readonly onShutdown?: Callback;
  /** Success leads back to unconfigured, anything else to the end. */
  readonly onError?: Callback;
}

/** States and transitions of https://design.ros2.org/articles/node_lifecycle.html, numbered as in lifecycle_msgs. */
export const STATES = {
  unconfigured: 1,
  inactive: 2,
  active: 3,
  finalized: 4,
  configuring: 10,
  cleaningup: 11,
  shuttingdown: 12,
  activating: 13,
  deactivating: 14,
  errorprocessing: 15,
} as const;
export type StateName = keyof typeof STATES;

interface Transition {
  readonly id: number;
  readonly label: string;
  readonly from: StateName;
  readonly through: StateName;
  readonly to: StateName;
  readonly callback: keyof LifecycleCallbacks;
}

const TRANSITIONS: readonly Transition[] = [
  ...([
    {
      id: 1,
      label: 'configure',
      from: 'unconfigured',
      through: 'configuring',
      to: 'inactive',
      callback: 'onConfigure',
    },
    {
      id: 2,
      label: 'cleanup',
      from: 'inactive',
      through: 'cleaningup',
      to: 'unconfigured',
      callback: 'onCleanup',
    },
    {
      id: 3,
      label: 'activate',
      from: 'inactive',
      through: 'activating',
      to: 'active',
      callback: 'onActivate',
    },
    {
      id: 4,
      label: 'deactivate',
      from: 'active',
      through: 'deactivating',
      to: 'inactive',
      callback: 'onDeactivate',
    },
    {
      id: 5,
      label: 'shutdown',
      from: 'unconfigured',
      through: 'shuttingdown',
      to: 'finalized',
      callback: 'onShutdown',
    },
    {
      id: 6,
      label: 'shutdown',
      from: 'inactive',
      through: 'shuttingdown',
      to: 'finalized',
      callback: 'onShutdown',
    },
    {
      id: 7,
      label: 'shutdown',
      from: 'active',
      through: 'shuttingdown',
      to: 'finalized',
      callback: 'onShutdown',
    },
  ] as const),
];

const QOS_EVENT: Qos = { reliability: 'reliable', durability: 'volatile', depth: 10 };

/** A node that somebody else starts and stops: `ros2 lifecycle`, a launch file, a fleet manager. */
export class Lifecycle {
  readonly #node: RosNode;
  readonly #callbacks: LifecycleCallbacks;
  readonly #events: Publisher<TransitionEvent>;
  #state: StateName = 'unconfigured';

  /** Serves the standard services of a managed node and publishes ~/transition_event. */
  constructor(node: RosNode, callbacks: LifecycleCallbacks) {
    this.#node = node;
    this.#callbacks = callbacks;
    this.#events = node.createPublisher(
      'lifecycle_msgs/msg/TransitionEvent',
      '~/transition_event',
      QOS_EVENT,
    );
    this.#serve();
  }

  get state(): StateName {
    return this.#state;
  }

  /**
   * Makes a transition by its label, like `configure`. Resolves to whether the node is where it leads.
   * False, and nothing happens, when the state has no such transition or another one is under way.
   */
  async request(label: string): Promise<boolean> {
    const transition = this.#listOpen().find((one) => one.label === label);
    return transition === undefined ? false : this.#make(transition);
  }

  #listOpen(): readonly Transition[] {
    return TRANSITIONS.filter(({ from }) => from === this.#state);
  }

  async #make(transition: Transition): Promise<boolean> {
    const { from, through, to, callback } = transition;
    this.#move(transition, through);
    const result = await this.#run(callback);
    if (result === 'error') return this.#recover(transition);
    this.#move(transition, result === 'success' ? to : from);
    return result === 'success';
  }

  async #recover(transition: Transition): Promise<boolean> {
    this.#move(transition, 'errorprocessing');
    const result = this.#callbacks.onError === undefined ? 'failure' : await this.#run('onError');
    this.#move(transition, result === 'success' ? 'unconfigured' : 'finalized');
    return false;
  }

  async #run(name: keyof LifecycleCallbacks): Promise<TransitionResult> {
    try {
      return (await this.#callbacks[name]?.()) ?? 'success';
    } catch (error) {
      this.#node.logger.error(`${name} failed: ${error instanceof Error ? error.stack : error}`);
      return 'error';
    }
  }

  #move({ id, label }: Transition, goal: StateName): void {
    const start = this.#state;
    this.#state = goal;
    const stampNs = this.#node.nowNs();
    this.#events.publish({
      timestamp: stampNs,
      transition: { id, label },
      start_state: writeState(start),
      goal_state: writeState(goal),
    });
  }

  #serve(): void {
    const node = this.#node;
    node.createService('lifecycle_msgs/srv/GetState', '~/get_state', () => ({
      current_state: writeState(this.#state),
    }));
    node.createService('lifecycle_msgs/srv/GetAvailableStates', '~/get_available_states', () => ({
      available_states: (Object.keys(STATES) as StateName[]).map(writeState),
    }));
    node.createService(
      'lifecycle_msgs/srv/GetAvailableTransitions',
      '~/get_available_transitions',
      () => ({ available_transitions: this.#listOpen().map(describe) }),
    );
    node.createService(
      'lifecycle_msgs/srv/GetAvailableTransitions',
      '~/get_transition_graph',
      () => ({ available_transitions: TRANSITIONS.map(describe) }),
    );
    // By number, or by label where the number is 0, as ROS does.
    node.createService(
      'lifecycle_msgs/srv/ChangeState',
      '~/change_state',
      async ({ transition }) => {
        const wanted = this.#listOpen().find(({ id, label }) =>
          transition.id === 0 ? label === transition.label : id === transition.id,
        );
        return { success: wanted !== undefined && (await this.#make(wanted)) };
      },
    );
  }
}

function writeState(name: StateName): State {
  return { id: STATES[name], label: name };
}

function describe({ id, label, from, to }: Transition): TransitionDescription {
  return {
    transition: { id, label },
    start_state: writeState(from),
    goal_state: writeState(to),
  };
}
