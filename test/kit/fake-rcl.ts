import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  getActionTypes,
  getSchemaText,
  getServiceTypes,
  getTypeClosure,
  ROOT_TYPES,
} from '../../nodes/ros/definitions.ts';
import type { Rcl, RclEndpoint, RclLibrary, RclNode, RclQos } from '../../nodes/ros/rcl/api.ts';
import { makeQuickFolder } from './folders.ts';

/** What a fake publisher was made with, and what it was given to send. */
export interface FakePublisher {
  readonly type: string;
  readonly topic: string;
  readonly qos: RclQos;
  readonly sent: (Buffer | object)[];
}

export interface FakeSubscription {
  readonly type: string;
  readonly topic: string;
  readonly isRaw: boolean;
  readonly handle: object;
  /** Messages that are there, and that nobody has taken. */
  readonly waiting: unknown[];
  /** The middleware has a message, and wakes the node. A throw in it would end the process. */
  readonly deliver: (message: unknown) => void;
  readonly hear: (message: unknown) => void;
}

/** An rclnodejs that joins no graph, and notes what is asked of it in order. */
export class FakeRcl {
  readonly calls: string[] = [];
  /** Whether the code of its messages is there. */
  isGenerated = true;
  /** Thrown when a message is taken. */
  takeFault: Error | undefined;
  readonly nodeArguments: unknown[][] = [];
  readonly publishers: FakePublisher[] = [];
  readonly subscriptions: FakeSubscription[] = [];
  readonly services = new Map<string, (request: unknown) => Promise<object | undefined>>();
  /** What `getPublishersInfoByTopic` and its like tell of others. */
  readonly remotePublishers: RclEndpoint[] = [];
  readonly remoteSubscriptions: RclEndpoint[] = [];

  make(): RclLibrary {
    const { calls } = this;
    const makeNode = (...given: unknown[]) => {
      this.nodeArguments.push(given);
      return this.#makeNode();
    };
    const fake = {
      Context: class {
        shutdown(): void {
          calls.push('context.shutdown');
        }
      },
      Node: function Node(...given: unknown[]) {
        return makeNode(...given);
      },
      QoS: class {
        readonly values: unknown[];
        constructor(...values: unknown[]) {
          this.values = values;
        }
      },
      init: async () => {
        calls.push('init');
      },
      require: () => {
        if (!this.isGenerated) throw new Error('The message required does not exist');
        return {};
      },
      removeSignalHandlers: () => {
        calls.push('removeSignalHandlers');
      },
    };
    const takeRaw = (handle: object) => {
      if (this.takeFault !== undefined) throw this.takeFault;
      const subscription = this.subscriptions.find((one) => one.handle === handle);
      return subscription?.waiting.shift() as Buffer | undefined;
    };
    return { rcl: fake as unknown as Rcl, takeRaw };
  }

  #makeNode(): RclNode {
    const { calls } = this;
    const node: RclNode = {
      createPublisher: (type, topic, { qos }) => {
        const sent: (Buffer | object)[] = [];
        this.publishers.push({ type, topic, qos, sent });
        return {
          subscriptionCount: 0,
          publish: (message) => {
            calls.push(`publish ${topic}`);
            sent.push(message);
          },
          waitForAllAcked: () => {
            calls.push(`wait ${topic}`);
            return true;
          },
        };
      },
      createSubscription: (type, topic, { isRaw }, hear) => {
        const handle = {};
        const waiting: unknown[] = [];
        const deliver = (message: unknown) => {
          waiting.push(message);
          node.execute([handle]);
        };
        this.subscriptions.push({ type, topic, isRaw, handle, waiting, deliver, hear });
        return { handle };
      },
      createService: (_type, name, _options, callback) => {
        this.services.set(name, callback);
        return {};
      },
      createClient: () => ({
        isServiceServerAvailable: () => false,
        sendRequestAsync: async () => ({}),
      }),
      destroyPublisher: () => {},
      destroySubscription: () => {},
      destroyService: () => {},
      destroyClient: () => {},
      getTopicNamesAndTypes: () => [],
      getServiceNamesAndTypes: () => [],
      getPublishersInfoByTopic: () => this.remotePublishers,
      getSubscriptionsInfoByTopic: () => this.remoteSubscriptions,
      spin: () => calls.push('spin'),
      execute: (handles) => {
        for (const { handle, waiting, hear } of this.subscriptions) {
          if (handles.includes(handle) && waiting.length > 0) hear(waiting.shift());
        }
      },
      destroy: () => calls.push('node.destroy'),
    };
    return node;
  }
}

/** An end of a topic of somebody else's. */
export function makeEndpoint(
  type: string,
  qos: Partial<RclEndpoint['qos_profile']> = {},
): RclEndpoint {
  // As rmw tells what nobody has limited.
  const forEver = { seconds: 9_223_372_036n, nanoseconds: 854_775_807 };
  return {
    node_name: 'other',
    node_namespace: '/far',
    topic_type: type,
    qos_profile: {
      ...{ reliability: 1, durability: 2, depth: 0 },
      ...{ deadline: forEver, liveliness: 1, liveliness_lease_duration: forEver },
      ...qos,
    },
  };
}

/** The environment of a ROS whose interfaces are ours, but for the texts given: '' leaves one out. */
export function makeRosEnvironment(
  texts: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const prefix = makeQuickFolder();
  const write = (type: string, text: string) => {
    const [package_ = '', kind = '', name = ''] = type.split('/');
    const folder = path.join(prefix, 'share', package_, kind);
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, `${name}.${kind}`);
    if (text === '') rmSync(file);
    else writeFileSync(file, text);
  };
  for (const type of new Set(ROOT_TYPES.flatMap((root) => getTypeClosure(root)))) {
    // What follows the line of `=` is of the types that it nests.
    write(type, getSchemaText(type).split(/^=+$/m)[0] ?? '');
  }
  for (const type of [...getServiceTypes(), ...getActionTypes()]) write(type, '#');
  for (const [type, text] of Object.entries(texts)) write(type, text);
  return { ROS_DISTRO: 'humble', AMENT_PREFIX_PATH: prefix };
}
