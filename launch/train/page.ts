import pc from 'picocolors';
import { makeMeshFiles } from '../../nodes/viewer/mesh-files.ts';
import { startViewerServer, type ViewerServer } from '../../nodes/viewer/server.ts';
import { makeWelcome } from '../../nodes/viewer/welcome.ts';
import type { RunEvent } from '../../policies/training/run/run-parts.ts';
import { QUAT_IDENTITY } from '../../sim/math/quat.ts';
import { readsPlace } from '../../sim/task/reads-place.ts';
import { ensurePageBuilt } from '../../web-viewer/build.ts';
import { encodeServerMessage } from '../../web-viewer/codec.ts';
import { computeFrameLayout, type Event, type Welcome } from '../../web-viewer/protocol.ts';
import { Curves } from './curves.ts';
import type { TrainPlan } from './plan.ts';
import { Preview } from './preview.ts';
import type { PreviewState } from './preview-messages.ts';
import { computeShare, describeStatus, type TrainStatus } from './progress.ts';

const NUM_ROBOTS = 6;
/** [m] from one to the next */
const SPACING = 2;
const FRAME_RATE_HZ = 30;
/** [ms] from one picture of the curves to the next */
const CURVES_MS = 1000;
const EVENTS_KEPT = 100;

/** A page that shows a run while it goes on. */
export class TrainingPage {
  readonly #plan: TrainPlan;
  readonly #welcome: Welcome;
  readonly #curves: Curves;
  readonly #preview: Preview;
  readonly #values: Float32Array;
  /** Whether robots are told where to be, and not how fast to go. */
  readonly #hasPlace: boolean;
  readonly #events: Uint8Array[] = [];
  readonly #readStatus: () => TrainStatus;
  #server: ViewerServer | undefined;
  #timer: NodeJS.Timeout | undefined;
  #seq = 0;

  private constructor(plan: TrainPlan, readStatus: () => TrainStatus, welcome: Welcome) {
    this.#plan = plan;
    this.#readStatus = readStatus;
    this.#welcome = welcome;
    this.#curves = new Curves(plan.env);
    this.#hasPlace = readsPlace(plan.task.observations, plan.model, plan.task.name);
    this.#values = new Float32Array(computeFrameLayout(welcome.robots).size);
    const { engine, randomization, terrain, task } = plan.config.identity;
    const numbers = { numRobots: NUM_ROBOTS, frameRateHz: FRAME_RATE_HZ };
    this.#preview = new Preview(
      { task, model: plan.model, engine, randomization, terrain, ...numbers },
      {
        onState: (state) => this.#showState(state),
        onFault: (text) => this.#tell('warning', 'preview', text.slice(0, 200)),
      },
    );
  }

  /** @throws UserError if the address cannot be listened on */
  static async start(
    plan: TrainPlan,
    address: { readonly host?: string | undefined; readonly port?: number | undefined },
    readStatus: () => TrainStatus,
  ): Promise<TrainingPage> {
    const pageDir = await ensurePageBuilt();
    const meshes = makeMeshFiles(plan.model);
    const page = new TrainingPage(plan, readStatus, makePageWelcome(plan, meshes.entries));
    try {
      page.#server = await startViewerServer({
        host: address.host ?? '127.0.0.1',
        port: address.port ?? 8080,
        pageDir,
        files: meshes.files,
        greet: () => page.#greet(),
        act: async (action) => ({
          ok: false,
          text: `nobody here can ${action}: these robots are simulated`,
        }),
        onProblem: (text) => void process.stderr.write(`${pc.yellow('warn')} [viewer] ${text}\n`),
      });
    } catch (error) {
      await page.close();
      throw error;
    }
    page.#timer = setInterval(() => page.#update(), CURVES_MS);
    page.#timer.unref();
    return page;
  }

  get url(): string {
    return this.#server?.url ?? '';
  }

  /** Takes note of what has happened in the run. */
  take(event: RunEvent): void {
    switch (event.kind) {
      case 'begin':
        this.#curves.restore(this.#plan.folder.metrics.read());
        break;
      case 'round':
        this.#curves.addLine(event.line, event.episodes);
        break;
      case 'evaluation': {
        const { round, steps, evaluation, isBest, policy } = event;
        const { successRate } = evaluation.score;
        const { meanReturn } = evaluation;
        this.#curves.addEvaluation({ round, steps, successRate, meanReturn });
        this.#preview.setPolicy(policy);
        const score = `success ${(100 * successRate).toFixed(1)} %, return ${meanReturn.toPrecision(4)}`;
        this.#tell('info', `round ${round}`, `${score}${isBest ? ', the best so far' : ''}`);
        break;
      }
      case 'rollback':
        this.#curves.cutAfter(event.to);
        this.#tell('warning', `round ${event.round}`, `${event.reason}; back to round ${event.to}`);
        break;
      case 'activity':
        break;
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    // What the page shows last is how it ended.
    this.#update();
    await this.#preview.close();
    await this.#server?.close();
  }

  #greet(): Iterable<Uint8Array> {
    this.#preview.setWatched(true);
    return [
      encodeServerMessage({ type: 'welcome', welcome: this.#welcome }),
      this.#encodeTraining(),
      ...this.#events,
    ];
  }

  #update(): void {
    const isWatched = (this.#server?.stats().clients ?? 0) > 0;
    this.#preview.setWatched(isWatched);
    if (isWatched) this.#server?.broadcastNewest(this.#encodeTraining());
  }

  #encodeTraining(): Uint8Array {
    const status = this.#readStatus();
    const { budget } = this.#plan.config;
    return encodeServerMessage({
      type: 'training',
      training: {
        share: computeShare(status, budget),
        status: describeStatus(status, budget),
        ...this.#curves.describe(),
      },
    });
  }

  #tell(severity: Event['severity'], source: string, text: string): void {
    const event = { timeS: this.#readStatus().wallS, severity, source, text };
    const message = encodeServerMessage({ type: 'event', event });
    this.#events.push(message);
    if (this.#events.length > EVENTS_KEPT) this.#events.shift();
    this.#server?.broadcast(message);
  }

  #showState(state: PreviewState): void {
    const { offsets } = computeFrameLayout(this.#welcome.robots);
    const values = this.#values.fill(Number.NaN);
    const numJoints = this.#plan.model.jointNames.length;
    offsets.forEach((offset, robot) => {
      const y = this.#welcome.robots[robot]!.mapFromOdom.translation[1];
      const write = (name: string, numbers: ArrayLike<number>) => {
        const at = offset.get(name);
        if (at !== undefined) values.set(numbers, at);
      };
      const [x, oy, z] = state.position.subarray(3 * robot, 3 * robot + 3);
      const [rx, ry, rz] = state.referencePosition.subarray(3 * robot, 3 * robot + 3);
      write('position', [x!, oy! + y, z!]);
      write('orientation', state.orientation.subarray(4 * robot, 4 * robot + 4));
      const joints = [numJoints * robot, numJoints * (robot + 1)] as const;
      write('joint_position', state.jointPosition.subarray(...joints));
      if (this.#hasPlace) {
        write('reference', [rx!, ry! + y, rz!, state.referenceYaw[robot]!]);
        write('position_error', [Math.hypot(x! - rx!, oy! - ry!, z! - rz!)]);
      }
      write('episode', [state.episode[robot]!]);
      write('scene_time', [state.sceneTimeS[robot]!]);
      const numPlaced = state.obstacles.length / NUM_ROBOTS;
      write('obstacles', state.obstacles.subarray(robot * numPlaced, (robot + 1) * numPlaced));
      // They are simulated this very moment.
      write('odometry_age', [0]);
    });
    const stampNs = BigInt(Math.round(state.timeS * 1e9));
    const frame = { seq: this.#seq++, stampNs, dropped: 0, values };
    this.#server?.broadcastFrame(encodeServerMessage({ type: 'frame', frame }));
  }
}

function makePageWelcome(
  { config, model, env, folder }: TrainPlan,
  meshes: Parameters<typeof makeWelcome>[1],
): Welcome {
  const { task, seed, engine, settings } = config.identity;
  const { algorithm, numEnvs } = settings;
  const welcome = makeWelcome(
    {
      model,
      scene: env.scene,
      robots: Array.from({ length: NUM_ROBOTS }, (_, i) => `p${i}`),
      mapFromOdom: Array.from({ length: NUM_ROBOTS }, (_, i) => ({
        translation: [0, SPACING * (i - (NUM_ROBOTS - 1) / 2), 0],
        rotation: QUAT_IDENTITY,
      })),
      frameRateHz: FRAME_RATE_HZ,
      actions: [],
      runInfo: { learns: task, by: algorithm, seed: String(seed), engine, folder: folder.path },
    },
    meshes,
  );
  return {
    ...welcome,
    server: 'zerogap train',
    plots: [],
    robots: welcome.robots.map((robot) => ({ ...robot, poseSource: 'truth' as const })),
    training: {
      task,
      algorithm,
      preview: `${NUM_ROBOTS} robots beside the ${numEnvs} that are learnt from: where they truly are, in real time, under the policy of the last evaluation; before the first, at random.`,
    },
  };
}
