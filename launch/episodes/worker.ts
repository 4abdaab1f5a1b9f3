import { setImmediate } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { makeAdversary } from '../../policies/evaluation/adversary.ts';
import { makePilot, type Pilot } from '../../policies/evaluation/pilot.ts';
import type {
  ShardReceipt,
  ShardWriter,
  ShardWriterFactory,
} from '../../sim/dataset/shard-writer.ts';
import type { EpisodeSpool } from '../../sim/dataset/spool.ts';
import { makeSimEnv, type SimEnv } from '../../sim/env.ts';
import type { EpisodeSummary } from '../../sim/env-result.ts';
import type { Actor } from '../../sim/episode/actor.ts';
import { computeEpisodeDigest } from '../../sim/episode/digest.ts';
import { tallyOutcomes } from '../../sim/episode/outcomes.ts';
import type { Shard } from '../../sim/episode/plan.ts';
import type { EpisodeRecord } from '../../sim/episode/record.ts';
import { runShard } from '../../sim/episode/run-shard.ts';
import { UserError, UserErrors } from '../../sim/errors.ts';
import { getTask } from '../../sim/tasks/registry.ts';
import { computeBatchRobots } from '../../sim/vec-env/plan.ts';
import type { EpisodesCommand, EpisodesMessage, EpisodesWorkerData } from './job.ts';

const { job, progress, stop } = workerData as EpisodesWorkerData;
const port = parentPort!;
const numRobots = computeBatchRobots(job.model);
const readClockS = () => performance.now() / 1000;

/** Where the episodes of a shard go: to the disk as they end, and into the shard. */
interface ShardOutput {
  readonly spool: EpisodeSpool;
  readonly writer: ShardWriter;
}

/** Undefined where nothing is written, which spares loading what writes. */
let openOutput: ((shard: Shard) => ShardOutput) | undefined;
/** Writers of the shards that were simulated and not closed yet. */
const writers = new Map<number, ShardWriter>();

/** Of the shard that is being written, if any is. */
let writing: Promise<void> = Promise.resolve();

interface Actors {
  readonly pilot: Pilot;
  readonly adversary: Actor | undefined;
}

/** What is kept of every episode of a shard until the shard is complete. */
interface Note {
  readonly index: number;
  readonly summary: EpisodeSummary;
  readonly digest: string;
}

/** Simulates a shard with robots made anew, so that nothing depends on what this thread did before. */
async function simulate({ pilot, adversary }: Actors, shard: Shard): Promise<void> {
  const output = openOutput?.(shard);
  const notes: Note[] = [];
  const env = await makeEnv(pilot);
  try {
    for (const { record, digest } of output?.spool.recover() ?? []) {
      output?.writer.add(record, digest);
      notes.push(noteEpisode(record, digest));
    }
    const times = await runShard({
      env,
      actor: pilot,
      adversary,
      seed: job.seed,
      shard,
      // Other formats have columns of numbers, and no place for it.
      recordsPoses: job.output?.format === 'mcap',
      skip: new Set(notes.map(({ index }) => index)),
      readClockS,
      letOthersRun: async () => {
        await setImmediate();
        await writing;
      },
      shouldStop: () => Atomics.load(stop, 0) !== 0,
      onStep: (numSteps) => {
        progress[0]! += numSteps;
      },
      sink: (record) => {
        const digest = computeEpisodeDigest(record);
        output?.writer.add(record, digest);
        output?.spool.append(record, digest);
        notes.push(noteEpisode(record, digest));
      },
    });
    if (times === undefined) {
      output?.writer.discard();
      post({ kind: 'stopped', shard: shard.index });
      return;
    }
    if (output !== undefined) writers.set(shard.index, output.writer);
    notes.sort((a, b) => a.index - b.index);
    const outcomes = tallyOutcomes(notes.map(({ summary }) => summary));
    const digests = notes.map(({ digest }) => digest);
    const numFrames = outcomes.steps;
    post({ kind: 'simulated', shard: shard.index, numFrames, outcomes, digests, times });
  } catch (error) {
    output?.writer.discard();
    throw error;
  } finally {
    output?.spool.close();
    env.free();
  }
}

async function loadOutput(): Promise<typeof openOutput> {
  if (job.output === undefined) return undefined;
  const { folder, format } = job.output;
  const { getShardWriterFactory } = await import('../../sim/dataset/formats.ts');
  const { EpisodeSpool } = await import('../../sim/dataset/spool.ts');
  const makeWriter: ShardWriterFactory = getShardWriterFactory(format);
  return (shard) => ({
    spool: new EpisodeSpool(folder, shard),
    writer: makeWriter(job.layout, folder, shard),
  });
}

function noteEpisode({ index, summary }: EpisodeRecord, digest: string): Note {
  progress[1]! += 1;
  if (summary.success) progress[2]! += 1;
  return { index, summary, digest };
}

function makeEnv(pilot: Pilot): Promise<SimEnv> {
  return makeSimEnv({
    task: pilot.task,
    robot: job.model,
    engine: job.engine,
    numEnvs: numRobots,
    autoreset: 'disabled',
    randomization: job.randomization,
    ...(job.terrain === undefined ? {} : { terrain: job.terrain }),
  });
}

interface WrittenShard {
  readonly writer: ShardWriter;
  readonly receipt: ShardReceipt;
}

async function write(shard: number, firstFrame: number): Promise<WrittenShard> {
  const writer = writers.get(shard);
  if (writer === undefined) throw new RangeError(`episodes worker: shard ${shard} is not open`);
  writers.delete(shard);
  const start = readClockS();
  const receipt = await writer.write(firstFrame);
  post({ kind: 'written', shard, writeS: readClockS() - start });
  return { writer, receipt };
}

/** The thread simulates while the disk takes what was written. */
async function close({ writer, receipt }: WrittenShard): Promise<void> {
  await writer.sync();
  post({ kind: 'closed', receipt });
}

/** What nobody asked to be written is not kept. */
function end({ pilot, adversary }: Actors): void {
  for (const writer of writers.values()) writer.discard();
  pilot.release();
  adversary?.release();
  port.close();
}

async function makeActors(): Promise<Actors> {
  const pilot = await makePilot(job.policy, getTask(job.task), job.model, numRobots);
  const { adversary } = job;
  if (adversary === undefined) return { pilot, adversary };
  return { pilot, adversary: await makeAdversary(adversary, pilot.task, numRobots) };
}

function post(message: EpisodesMessage): void {
  port.postMessage(message);
}

function report(error: unknown): void {
  if (error instanceof UserError) {
    const errors = error instanceof UserErrors ? error.errors : [error];
    // A cause may hold what cannot be sent to another thread; its text is in the message already.
    post({ kind: 'refused', errors: errors.map(({ parts: { cause: _, ...parts } }) => parts) });
  } else {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    post({ kind: 'fault', message });
  }
}

try {
  openOutput = await loadOutput();
  const actors = await makeActors();
  port.on('message', (command: EpisodesCommand) => {
    if (command.kind === 'simulate') {
      // What it was told to write before comes first: a shard that is simulated takes memory of its own.
      void writing.then(() => simulate(actors, command.shard)).catch(report);
    } else if (command.kind === 'close') {
      const written = write(command.shard, command.firstFrame);
      writing = written.then(
        () => {},
        () => {},
      );
      void written.then(close).catch(report);
    } else end(actors);
  });
  post({ kind: 'ready' });
} catch (error) {
  report(error);
}
