import pc from 'picocolors';
import { z } from 'zod';
import { openRecording, type Recording } from '../nodes/recording/mcap-reader.ts';
import { isKnownType } from '../nodes/ros/definitions.ts';
import { makeEmbeddedContext } from '../nodes/ros/embedded.ts';
import {
  type Publisher,
  QOS,
  type RosContext,
  type RosNode,
  type TypeName,
} from '../nodes/ros/port.ts';
import { makePacer } from '../nodes/simulator/pacer.ts';
import { TOPICS } from '../nodes/topics.ts';
import { makeViewerNode, type ViewerNode, type ViewerOptions } from '../nodes/viewer-node.ts';
import { UserError } from '../sim/errors.ts';
import { isEpisode } from './inspect-episode.ts';
import { EXIT, makePrinter, ProgressLine, printJson } from './output.ts';
import { listOrigins } from './plan-nodes.ts';
import { readRecordedRobot } from './recorded-robot.ts';
import { EPISODE_ROBOT, makeEpisodeRecording, openEpisodeRobot } from './replay-episode.ts';
import { readSceneRecord } from './scene-record.ts';

export interface ReplayOptions {
  readonly rate: number;
  readonly start: number;
  readonly duration?: number;
  readonly loop?: boolean;
  /** Of an episode, instead of its name: path of a description. */
  readonly robot?: string;
  readonly headless?: boolean;
  readonly host?: string;
  readonly port?: number;
  readonly json?: boolean;
}

/** [s] messages this close together go out without a pause between them */
const BURST_S = 0.002;
/** Topics that whoever comes late must still get. */
const LATCHED = new Set(
  [TOPICS.tfStatic, TOPICS.path, TOPICS.robotDescription, TOPICS.episode, TOPICS.randomization].map(
    (topic) => topic.name.replace(/^\//, ''),
  ),
);

/** `zerogap replay`: publishes what was recorded, at its own pace, through real topics into the page. */
export async function runReplay(file: string, options: ReplayOptions): Promise<number> {
  const { recording, open } = await openPlayable(file, options);
  const print = makePrinter({ json: options.json === true });
  const context = makeEmbeddedContext();
  const player = new Player(recording, context, options);
  const onSignal = () => player.stop();
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  let viewer: ViewerNode | undefined;
  try {
    viewer =
      options.headless === true ? undefined : await openViewer(context, await open(print), options);
    if (!recording.isComplete) print(`${pc.yellow('cut short:')} ${recording.cut?.reason ?? ''}`);
    if (viewer !== undefined) print(`${pc.bold('replay')}  ${pc.cyan(viewer.url)}   (Ctrl-C ends)`);
    const progress = new ProgressLine(
      () =>
        `t ${player.timeS.toFixed(1)} / ${player.lengthS.toFixed(1)} s · ${player.numMessages} messages`,
    );
    await player.play().finally(() => progress.stop());
  } finally {
    await viewer?.close();
    await context.shutdown();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
  const summary = {
    file: recording.path,
    isComplete: recording.isComplete,
    durationS: player.timeS,
    messages: player.numMessages,
    unknownTypes: [...player.unknownTypes],
    viewer: { url: viewer?.url ?? null, framesSent: viewer?.stats().framesSent ?? 0 },
  };
  if (options.json) printJson(summary);
  else print(`played ${summary.messages} messages over ${summary.durationS.toFixed(2)} s`);
  return EXIT.success;
}

/** Publishes a recording's messages in order. */
class Player {
  readonly lengthS: number;
  readonly #recording: Recording;
  readonly #options: ReplayOptions;
  readonly #context: RosContext;
  readonly #node: RosNode;
  readonly #publishers = new Map<string, Publisher<unknown>>();
  readonly #pacer: ReturnType<typeof makePacer>;
  #stopping = false;
  /** [s] since the recording's beginning */
  timeS = 0;
  numMessages = 0;
  /** Types that have no definition here; their messages are left out. */
  readonly unknownTypes = new Set<string>();

  constructor(recording: Recording, context: RosContext, options: ReplayOptions) {
    this.#recording = recording;
    this.#options = options;
    this.#context = context;
    this.#node = context.createNode('replay');
    this.#pacer = makePacer(options.rate);
    const { startNs = 0n, endNs = 0n } = recording;
    this.lengthS = Number(endNs - startNs) / 1e9;
  }

  stop(): void {
    this.#stopping = true;
    this.#pacer.interrupt();
  }

  async play(): Promise<void> {
    do await this.#playOnce();
    while (this.#options.loop === true && !this.#stopping);
  }

  async #playOnce(): Promise<void> {
    const { start, duration = Number.POSITIVE_INFINITY } = this.#options;
    const { startNs = 0n } = this.#recording;
    this.#pacer.start(start);
    let waitedForS = start;
    for await (const message of this.#recording.messages()) {
      const atS = Number(message.logTimeNs - startNs) / 1e9;
      if (this.#stopping || atS > start + duration) break;
      if (atS < start && !isLatched(message.topic)) continue;
      if (atS > waitedForS + BURST_S) {
        await this.#context.settled();
        await this.#pacer.waitFor(atS);
        waitedForS = atS;
      }
      this.timeS = Math.max(atS, start);
      this.#publish(message.topic, message.type, message.decode());
    }
    await this.#context.settled();
  }

  #publish(topic: string, type: string, message: unknown): void {
    if (!isKnownType(type)) {
      if (!this.unknownTypes.has(type))
        this.#node.logger.warn(`${topic}: ${type} is not known here`);
      this.unknownTypes.add(type);
      return;
    }
    let publisher = this.#publishers.get(topic);
    if (publisher === undefined) {
      const qos = isLatched(topic) ? QOS.latched : QOS.default;
      // The type is checked by the backend, the message by its definition at publish.
      publisher = this.#node.createPublisher(type as TypeName, topic, qos) as Publisher<unknown>;
      this.#publishers.set(topic, publisher);
    }
    publisher.publish(message);
    this.numMessages++;
  }
}

function isLatched(topic: string): boolean {
  return LATCHED.has(topic.slice(topic.lastIndexOf('/') + 1));
}

const RunRecord = z.object({
  robots: z.string().transform((text) => z.array(z.string()).parse(JSON.parse(text))),
  mapFromOdom: z.string().transform((text) => z.array(z.number()).parse(JSON.parse(text))),
  profile: z.string(),
  policy: z.string(),
  seed: z.string(),
  scene: z.string().optional(),
});

/** What differs from recording to recording. */
type Shown = Pick<ViewerOptions, 'model' | 'scene' | 'robots' | 'mapFromOdom' | 'runInfo'>;

interface Playable {
  readonly recording: Recording;
  /** Finds out what the page shows. @throws UserError for a recording that does not say */
  readonly open: (print: (text: string) => void) => Promise<Shown>;
}

/** @throws UserError for what is no recording, or an episode of a robot that is not there */
async function openPlayable(file: string, options: ReplayOptions): Promise<Playable> {
  const recording = await openRecording(file);
  if (!isEpisode(recording)) {
    return { recording, open: (print) => describeRun(recording, print) };
  }
  const model = await openEpisodeRobot(recording, options.robot);
  const { policy = '', seed = '', task = '' } = recording.metadata.episode ?? {};
  return {
    recording: makeEpisodeRecording(recording, model),
    open: async () => ({
      model,
      scene: undefined,
      robots: [EPISODE_ROBOT],
      mapFromOdom: listOrigins([0, 0, 0]),
      runInfo: { replay: recording.path, task, policy, seed },
    }),
  };
}

async function openViewer(
  context: RosContext,
  shown: Shown,
  options: ReplayOptions,
): Promise<ViewerNode> {
  return makeViewerNode(context, {
    ...shown,
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 8080,
    frameRateHz: 30,
    actions: [],
    node: { parameters: { use_sim_time: true } },
  });
}

/** What the page shows of a recording of `zerogap start`. */
async function describeRun(recording: Recording, print: (text: string) => void): Promise<Shown> {
  const record = RunRecord.safeParse(recording.metadata.zerogap);
  if (!record.success) {
    throw new UserError({
      where: recording.path,
      problem: 'does not say which robots it shows',
      expected: "a metadata record 'zerogap', as `zerogap start` writes",
      got: Object.keys(recording.metadata).join(', ') || 'no metadata',
      remedy: 'Play it without the page (--headless), or open it in another MCAP viewer.',
    });
  }
  const { robots, mapFromOdom, profile, policy, seed } = record.data;
  const { scene, problem } = readSceneRecord(record.data.scene);
  if (problem !== undefined) print(`${pc.yellow('terrain not shown:')} ${problem}`);
  return {
    model: await readRecordedRobot(recording),
    scene,
    robots,
    mapFromOdom: listOrigins(mapFromOdom),
    runInfo: { replay: recording.path, profile, policy, seed },
  };
}
