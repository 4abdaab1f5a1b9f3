import { ensurePageBuilt } from '../web-viewer/build.ts';
import { encodeServerMessage } from '../web-viewer/codec.ts';
import {
  type Action,
  computeFrameLayout,
  type Event,
  type ScanPoints,
  type Welcome,
} from '../web-viewer/protocol.ts';
import { toNs } from './convert/stamp.ts';
import type { DiagnosticArray } from './ros/messages.ts';
import type { Client, NodeOptions, RosContext, RosNode } from './ros/port.ts';
import { EPISODE_START_KEY, SERVICES, TOPICS } from './topics.ts';
import { type MeshFiles, makeMeshFiles } from './viewer/mesh-files.ts';
import { RobotTracker } from './viewer/robot-tracker.ts';
import { describeChange } from './viewer/safety-events.ts';
import { readSafetyStatus, type SafetyStatus } from './viewer/safety-status.ts';
import { startViewerServer, type ViewerServer, type ViewerStats } from './viewer/server.ts';
import { getSurroundings, makeWelcome, type WelcomeOptions } from './viewer/welcome.ts';

export interface ViewerOptions extends WelcomeOptions {
  /** Address to listen on. 127.0.0.1: this machine alone. 0.0.0.0: everybody who can reach it. */
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly allowedOrigins?: readonly string[];
  /** `use_sim_time: true` makes simulated time the frames' stamp. */
  readonly node?: NodeOptions;
}

export interface ViewerNode {
  readonly url: string;
  stats(): ViewerStats;
  close(): Promise<void>;
}

const ACTION_SERVICES = {
  stop: SERVICES.stop,
  clear_stop: SERVICES.clear,
  reset: SERVICES.reset,
} as const satisfies Record<Action, unknown>;

/** [ms] shorter than the page waits, so that it hears why there is no answer */
const SERVICE_TIMEOUT_MS = 3000;
/** Events repeated to somebody who connects late. */
const EVENTS_KEPT = 100;

/**
 * Shows robots in a browser: subscribes to their topics, keeps the latest of each, and sends
 * frames at a fixed rate of wall time. Buttons call the ROS services and show their answer.
 * Builds the page first if its sources changed.
 * @throws UserError when the address cannot be listened on
 */
export async function makeViewerNode(
  context: RosContext,
  options: ViewerOptions,
): Promise<ViewerNode> {
  const pageDir = await ensurePageBuilt();
  const node = context.createNode('viewer', options.node ?? {});
  try {
    const viewer = new Viewer(node, options);
    await viewer.start(pageDir);
    return viewer;
  } catch (error) {
    node.destroy();
    throw error;
  }
}

class Viewer implements ViewerNode {
  readonly #node: RosNode;
  readonly #options: ViewerOptions;
  readonly #meshes: MeshFiles;
  readonly #welcome: Welcome;
  readonly #trackers: readonly RobotTracker[];
  readonly #values: Float32Array;
  readonly #clients: Record<Action, Client<object, { success: boolean; message: string }>>;
  /** Encoded; per robot the latest. */
  readonly #paths = new Map<number, Uint8Array>();
  /** By robot and lidar: what was seen since the last frame. */
  readonly #scans = new Map<string, ScanPoints>();
  readonly #events: Uint8Array[] = [];
  #server: ViewerServer | undefined;
  #timer: NodeJS.Timeout | undefined;
  #seq = 0;

  constructor(node: RosNode, options: ViewerOptions) {
    const { model, robots, mapFromOdom } = options;
    if (mapFromOdom.length !== robots.length) {
      throw new RangeError(
        `viewer: mapFromOdom has ${mapFromOdom.length} transforms for ${robots.length} robots`,
      );
    }
    this.#node = node;
    this.#options = options;
    this.#meshes = makeMeshFiles(model);
    this.#welcome = makeWelcome(options, this.#meshes.entries);
    this.#values = new Float32Array(computeFrameLayout(this.#welcome.robots).size);
    this.#trackers = robots.map(
      (name, robot) =>
        new RobotTracker(node, {
          name,
          model,
          mapFromOdom: mapFromOdom[robot]!,
          surroundings: getSurroundings(options),
          onPath: (points) => this.#takePath(robot, points),
          onPoints: (lidar, points) =>
            this.#scans.set(`${robot}/${lidar}`, { robot, lidar, points }),
        }),
    );
    this.#clients = {
      stop: node.createClient(ACTION_SERVICES.stop.type, ACTION_SERVICES.stop.name),
      clear_stop: node.createClient(
        ACTION_SERVICES.clear_stop.type,
        ACTION_SERVICES.clear_stop.name,
      ),
      reset: node.createClient(ACTION_SERVICES.reset.type, ACTION_SERVICES.reset.name),
    };
    this.#listen();
  }

  get url(): string {
    return this.#server?.url ?? '';
  }

  async start(pageDir: string): Promise<void> {
    const { host, port, frameRateHz, allowedOrigins } = this.#options;
    this.#server = await startViewerServer({
      host,
      port,
      pageDir,
      files: this.#meshes.files,
      greet: () => this.#greet(),
      act: (action) => this.#act(action),
      onProblem: (text) => this.#node.logger.warn(text),
      ...(allowedOrigins === undefined ? {} : { allowedOrigins }),
    });
    for (const { text } of this.#meshes.warnings) {
      this.#tell({ severity: 'warning', source: 'viewer', text });
    }
    this.#timer = setInterval(() => this.#sendFrame(), 1000 / frameRateHz);
  }

  stats(): ViewerStats {
    return this.#server?.stats() ?? { clients: 0, framesSent: 0, framesDropped: 0 };
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#server?.close();
    this.#node.destroy();
  }

  #listen(): void {
    const { diagnostics, episode, randomization } = TOPICS;
    // A stop of all may come as one message per robot, at once: none may be lost.
    const qos = { ...diagnostics.qos, depth: diagnostics.qos.depth + this.#trackers.length };
    this.#node.createSubscription(diagnostics.type, diagnostics.name, qos, (message) => {
      for (const entry of message.status) {
        const status = readSafetyStatus(entry);
        if (status !== undefined) this.#takeSafety(status);
      }
    });
    this.#node.createSubscription(episode.type, episode.name, episode.qos, ({ data }) => {
      this.#tell({ severity: 'info', source: 'simulator', text: `episode ${data} begins` });
    });
    const { type, name } = randomization;
    this.#node.createSubscription(type, name, randomization.qos, (draws) => this.#takeDraws(draws));
  }

  /** What was drawn for an episode, which began at the message's stamp where it says nothing else. */
  #takeDraws({ header, status }: DiagnosticArray): void {
    const startS = Number(toNs(header.stamp)) / 1e9;
    for (const { hardware_id: robot, values } of status) {
      const read = (name: string, otherwise: number) =>
        Number(values.find(({ key }) => key === name)?.value ?? otherwise);
      const beganS = read(EPISODE_START_KEY, startS);
      this.#trackers[this.#options.robots.indexOf(robot)]?.setEpisode(
        beganS,
        read('obstacleTimeS', 0),
      );
    }
  }

  #takeSafety(status: SafetyStatus): void {
    const robot = this.#options.robots.indexOf(status.robot);
    const tracker = this.#trackers[robot];
    if (tracker === undefined) return;
    const before = tracker.safety;
    tracker.setSafety(status);
    const event = describeChange(before, status);
    if (event !== undefined) this.#tell({ ...event, source: status.robot });
  }

  #takePath(robot: number, points: Float32Array): void {
    const message = encodeServerMessage({ type: 'path', path: { robot, points } });
    this.#paths.set(robot, message);
    this.#server?.broadcast(message);
  }

  #tell(event: Omit<Event, 'timeS'>): void {
    const timeS = Number(this.#node.nowNs()) / 1e9;
    const message = encodeServerMessage({ type: 'event', event: { ...event, timeS } });
    this.#events.push(message);
    if (this.#events.length > EVENTS_KEPT) this.#events.shift();
    this.#server?.broadcast(message);
  }

  #greet(): Uint8Array[] {
    return [
      encodeServerMessage({ type: 'welcome', welcome: this.#welcome }),
      ...this.#paths.values(),
      ...this.#events,
      this.#encodeFrame(),
    ];
  }

  #sendFrame(): void {
    const scans = [...this.#scans.values()];
    this.#scans.clear();
    if (this.#server === undefined || this.#server.stats().clients === 0) return;
    this.#server.broadcastFrame(this.#encodeFrame());
    for (const scan of scans) {
      this.#server.broadcastNewest(encodeServerMessage({ type: 'points', scan }));
    }
  }

  #encodeFrame(): Uint8Array {
    const nowMs = performance.now();
    const stampNs = this.#node.nowNs();
    const nowS = Number(stampNs) / 1e9;
    let o = 0;
    for (const tracker of this.#trackers) o = tracker.write(this.#values, o, nowMs, nowS);
    this.#seq = (this.#seq + 1) >>> 0;
    const frame = { seq: this.#seq, stampNs, dropped: 0, values: this.#values };
    return encodeServerMessage({ type: 'frame', frame });
  }

  async #act(action: Action): Promise<{ ok: boolean; text: string }> {
    if (!this.#welcome.actions.includes(action)) {
      return { ok: false, text: `this viewer may not ${action}` };
    }
    const { success, message } = await this.#clients[action].call(
      {},
      { timeoutMs: SERVICE_TIMEOUT_MS },
    );
    return { ok: success, text: message };
  }
}
