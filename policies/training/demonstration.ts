import { AskedThread } from '../../sim/asked-thread.ts';
import { Rng } from '../../sim/math/rng.ts';
import type { TaskDefinition } from '../../sim/task/task.ts';
import { getTask } from '../../sim/tasks/registry.ts';
import type { MlpNetwork } from '../onnx/policy-network.ts';
import { collectDataset, type Dataset } from './dataset.ts';
import { makeMlpForward } from './forward.ts';

/** What a round of cloning learns from: half from the task as it is judged, half from short episodes that start far off. */
const STARTS = ['task', 'wide'] as const;

/** A round of flights that a teacher labels. */
export interface Demonstration {
  /** By name. */
  readonly task: string;
  /** Of the whole cloning. */
  readonly seed: number;
  readonly round: number;
  readonly numEnvs: number;
  /** [1] in all */
  readonly rowsPerEnv: number;
  /** Who flies; absent: the teacher. */
  readonly student?: MlpNetwork | undefined;
}

/** One half of it: what a thread is asked. */
export interface DemonstrationPart extends Demonstration {
  readonly starts: (typeof STARTS)[number];
}

/** [s] of an episode from a wide start: enough to come back. */
const WIDE_EPISODE_S = 3;
/** [1] control steps from one kept row to the next: nearer ones teach nearly the same */
const STRIDE = 4;
/** Raw action units; 0.3 is about 230 rad/s on a crazyflie's rotor. */
const MAX_NOISE = 0.3;

export function flyPart(part: DemonstrationPart): Promise<Dataset> {
  const { seed, round, numEnvs, rowsPerEnv, student, starts } = part;
  const task = getTask(part.task);
  return collectDataset({
    task: starts === 'task' ? task : widen(task),
    numEnvs,
    rowsPerEnv: Math.ceil(rowsPerEnv / 2),
    stride: STRIDE,
    maxNoise: MAX_NOISE,
    ...(student && { student: makeMlpForward(student) }),
    rng: new Rng(seed, 'clone', 'round', round, starts),
  });
}

function widen(task: TaskDefinition): TaskDefinition {
  return {
    ...task,
    writeStart: task.writeWideStart ?? task.writeStart,
    episodeLengthS: Math.min(WIDE_EPISODE_S, task.episodeLengthS),
  };
}

/** Threads that fly demonstrations, a half each; without any, the thread that asks flies them. */
export class Demonstrators {
  readonly #threads: readonly AskedThread<DemonstrationPart, Dataset>[];

  /** @param numWorkers more than there are halves are of no use */
  constructor(numWorkers: number) {
    const entry = new URL('./demonstration-worker-entry.js', import.meta.url);
    this.#threads = Array.from(
      { length: Math.min(numWorkers, STARTS.length) },
      (_, k) => new AskedThread({ entry, name: `demonstration ${k}` }),
    );
  }

  /** Both halves; how many threads there are changes nothing. */
  async fly(demonstration: Demonstration): Promise<readonly Dataset[]> {
    const parts = STARTS.map((starts) => ({ ...demonstration, starts }));
    if (this.#threads.length === parts.length) {
      return Promise.all(parts.map((part, k) => this.#threads[k]!.ask(part)));
    }
    const [thread] = this.#threads;
    const flown: Dataset[] = [];
    for (const part of parts) flown.push(await (thread?.ask(part) ?? flyPart(part)));
    return flown;
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.end()));
  }
}
