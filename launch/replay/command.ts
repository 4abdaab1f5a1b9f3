import pc from 'picocolors';
import { makePlayerNode, type PlayerNode } from '../../nodes/player-node.ts';
import { openRecording, type Recording } from '../../nodes/recording/mcap-reader.ts';
import { type ChosenContext, chooseContext } from '../../nodes/ros/context.ts';
import { logToStandardError } from '../../nodes/ros/core/log.ts';
import type { Middleware } from '../../nodes/ros/middleware.ts';
import type { RosContext } from '../../nodes/ros/port.ts';
import { UserError } from '../../sim/errors.ts';
import { isEpisode } from '../inspect/episode.ts';
import { EXIT, makePrinter, ProgressLine, printJson } from '../output.ts';
import { listOrigins } from '../plan-nodes.ts';
import { listenForSignals } from '../signals.ts';
import { assertPlayable, assertSomethingPlays, listMotorTopics, parseRemaps } from './checks.ts';
import { EPISODE_ROBOT, makeEpisodeRecording, openEpisodeRobot } from './episode.ts';
import { makeFedNodes } from './nodes.ts';
import { describeRun, openPage, type PageOptions, type Shown, saysWhatItShows } from './page.ts';

export interface ReplayOptions extends PageOptions {
  readonly rate: number;
  readonly start: number;
  readonly duration?: number;
  readonly loop?: boolean;
  /** For other nodes, on a real ROS graph where there is one; the page only if the recording says what to show. */
  readonly ros?: boolean;
  readonly middleware?: Middleware;
  readonly topics: readonly string[];
  readonly remap: readonly string[];
  /** Nodes that are fed from the recording, in this process. */
  readonly node: readonly string[];
  readonly profile?: string;
  /** [s] before the first message */
  readonly delay?: number;
  /** Of an episode, instead of its name: path of a description. */
  readonly robot?: string;
  readonly headless?: boolean;
  readonly json?: boolean;
}

/** [s] what other processes get to find our publishers, unless told */
const DISCOVERY_S = 1;

type Print = (text: string) => void;

/** `zerogap replay`: publishes what was recorded, at its own pace, through real topics to nodes and into the page. */
export async function runReplay(file: string, options: ReplayOptions): Promise<number> {
  const remappings = parseRemaps(options.remap);
  assertMiddleware(options);
  const playable = await openPlayable(file, options);
  const { recording } = playable;
  const print = makePrinter({ json: options.json === true });
  const { context, reason } = await choose(options);
  if (options.ros === true) print(`${pc.bold('middleware')}  ${reason}`);
  const cleanUps: (() => Promise<void> | void)[] = [() => context.shutdown()];
  try {
    const viewer = await makePage(context, playable, options, print);
    if (viewer !== undefined) cleanUps.push(() => viewer.close());
    const warn: Print = (text) => print(`${pc.yellow('warning:')} ${text}`);
    const motors = context.backend === 'embedded' ? [] : listMotorTopics(recording, options.topics);
    if (motors.length > 0) {
      warn(`not played, for it would move who listens: ${motors.join(', ')}; --topics plays it`);
    }
    const fed = await makeFedNodes(context, options.node, { profile: options.profile, warn });
    cleanUps.push(() => fed.end());
    const player = makePlayerNode(context, {
      ...{ recording, rate: options.rate, startS: options.start },
      ...{ durationS: options.duration, loop: options.loop },
      topics: {
        ...(options.topics.length > 0 && { include: options.topics }),
        exclude: [...fed.topics, ...motors],
      },
      node: { remappings },
    });
    assertSomethingPlays(player, recording, options.start);
    if (!recording.isComplete) print(`${pc.yellow('cut short:')} ${recording.cut?.reason ?? ''}`);
    print(describe(player, viewer?.url));
    await playToTheEnd(player, context, options);
    const summary = summarise(player, recording, context, viewer);
    if (options.json) printJson(summary);
    else print(`played ${summary.messages} messages over ${summary.durationS.toFixed(2)} s`);
  } finally {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  }
  return EXIT.success;
}

async function playToTheEnd(
  player: PlayerNode,
  context: RosContext,
  options: ReplayOptions,
): Promise<void> {
  const signals = listenForSignals(() => player.stop());
  const progress = new ProgressLine(
    () =>
      `t ${player.timeS.toFixed(1)} / ${player.lengthS.toFixed(1)} s · ${player.numMessages} messages`,
  );
  try {
    const delayS = options.delay ?? (context.backend === 'rclnodejs' ? DISCOVERY_S : 0);
    if (delayS > 0) await new Promise((resolve) => setTimeout(resolve, 1000 * delayS));
    await player.play();
  } finally {
    progress.stop();
    signals.end();
  }
}

async function choose({ ros, middleware, node }: ReplayOptions): Promise<ChosenContext> {
  const log = logToStandardError;
  // The page needs no graph.
  if (ros !== true) return chooseContext({ middleware: 'embedded', log });
  if (node.length === 0 || middleware !== undefined) return chooseContext({ middleware, log });
  // What nodes say that are fed here is not to reach the motors of a robot nearby unless somebody asks for that.
  const { context } = await chooseContext({ middleware: 'embedded', log });
  return {
    context,
    reason: 'embedded, for nodes that are fed; --middleware ros2 lets others hear',
  };
}

function describe({ topics, skipped }: PlayerNode, url: string | undefined): string {
  const left = skipped.length === 0 ? '' : `, ${skipped.length} left out`;
  const page = url === undefined ? '' : `   ${pc.cyan(url)}`;
  return `${pc.bold('replay')}  ${topics.length} topics${left}${page}   (Ctrl-C ends)`;
}

function summarise(
  player: PlayerNode,
  recording: Recording,
  { backend }: RosContext,
  viewer: Awaited<ReturnType<typeof openPage>> | undefined,
) {
  return {
    file: recording.path,
    isComplete: recording.isComplete,
    backend,
    durationS: player.timeS,
    messages: player.numMessages,
    unreadable: player.numUnreadable,
    topics: player.topics.map(({ topic, type, qos, layout }) => ({ topic, type, qos, layout })),
    skipped: player.skipped,
    viewer: { url: viewer?.url ?? null, framesSent: viewer?.stats().framesSent ?? 0 },
  };
}

interface Playable {
  readonly recording: Recording;
  readonly canBeShown: boolean;
  /** Finds out what the page shows. @throws UserError for a recording that does not say */
  readonly open: (print: Print) => Promise<Shown>;
}

/** @throws UserError for what is no recording of ROS 2, or an episode of a robot that is not there */
async function openPlayable(file: string, options: ReplayOptions): Promise<Playable> {
  const recording = await openRecording(file);
  if (!isEpisode(recording)) {
    assertPlayable(recording);
    const canBeShown = saysWhatItShows(recording);
    return { recording, canBeShown, open: (print) => describeRun(recording, print) };
  }
  const model = await openEpisodeRobot(recording, options.robot);
  const { policy = '', seed = '', task = '' } = recording.metadata.episode ?? {};
  return {
    recording: makeEpisodeRecording(recording, model),
    canBeShown: true,
    open: async () => ({
      model,
      scene: undefined,
      robots: [EPISODE_ROBOT],
      mapFromOdom: listOrigins([0, 0, 0]),
      runInfo: { replay: recording.path, task, policy, seed },
    }),
  };
}

/** For other nodes a recording may be of anything; for the page alone it must say what to show. */
async function makePage(
  context: RosContext,
  { canBeShown, open }: Playable,
  options: ReplayOptions,
  print: Print,
) {
  if (options.headless === true) return undefined;
  if (options.ros === true && !canBeShown) {
    print('no page: the recording does not say which robots it shows');
    return undefined;
  }
  return openPage(context, await open(print), options);
}

function assertMiddleware({ ros, middleware }: ReplayOptions): void {
  if (middleware === undefined || ros === true) return;
  throw new UserError({
    where: '--middleware',
    problem: 'the page alone is played inside this process',
    expected: '--ros beside it',
    got: `--middleware ${middleware}`,
    remedy: 'Add --ros, or leave --middleware out.',
  });
}
