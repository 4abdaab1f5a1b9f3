import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { makePilot, type Pilot, type PilotSource } from '../../policies/evaluation/pilot.ts';
import { makeSimEnv, type SimEnv } from '../../sim/env.ts';
import { makeActorStream } from '../../sim/episode/actor.ts';
import { getTask } from '../../sim/tasks/registry.ts';
import type { PreviewJob, PreviewNews, PreviewOrder } from './preview-messages.ts';

const job = workerData as PreviewJob;
const port = parentPort!;
const task = getTask(job.task);

let isWatched = false;
let isFlying = false;
/** Who is to fly from the next step on. */
let next: PilotSource | undefined = { kind: 'random' };

port.on('message', (order: PreviewOrder) => {
  if (order.kind === 'policy') next = order.policy;
  else isWatched = order.isWatched;
  if (isWatched && !isFlying) void fly();
});

/** Simulates in real time for as long as anybody looks. */
async function fly(): Promise<void> {
  isFlying = true;
  try {
    await simulate();
  } catch (error) {
    // A policy that is still being learnt may well make robots burst.
    post({ kind: 'fault', text: error instanceof Error ? error.message : String(error) });
  } finally {
    isFlying = false;
  }
}

async function simulate(): Promise<void> {
  const env = await makeEnv();
  const raw = new Float32Array(job.numRobots * env.numActions);
  const periodMs = 1000 * env.world.controlPeriodS;
  const stepsPerFrame = Math.max(1, Math.round(1000 / job.frameRateHz / periodMs));
  const episode = new Int32Array(job.numRobots);
  let pilot: Pilot | undefined;
  env.reset(0);
  try {
    let dueMs = performance.now();
    for (let step = 1; isWatched; step++) {
      if (next !== undefined || pilot === undefined) {
        const source = next ?? { kind: 'random' };
        next = undefined;
        pilot?.release();
        pilot = await makePilot(source, task, env.model, job.numRobots);
        for (let robot = 0; robot < job.numRobots; robot++) begin(pilot, robot);
      }
      pilot.act(raw, env.result, env.view);
      const result = env.step(raw);
      for (const row of result.info.rows) {
        begin(pilot, row);
        episode[row]!++;
      }
      if (step % stepsPerFrame === 0) {
        post({ kind: 'state', ...copyState(env, step), episode: episode.slice() });
      }
      // A machine that is too slow shows it slowly, and does not make up for it.
      dueMs = Math.max(dueMs + periodMs, performance.now());
      await sleep(dueMs - performance.now());
    }
  } finally {
    env.free();
    next ??= pilot === undefined ? undefined : { kind: 'random' };
    pilot?.release();
  }
}

function makeEnv(): Promise<SimEnv> {
  const { model, engine, randomization, terrain, numRobots } = job;
  const world = { robot: model, engine, randomization, numEnvs: numRobots };
  return makeSimEnv({ task, ...world, ...(terrain && { terrain }) });
}

function begin(pilot: Pilot, robot: number): void {
  pilot.reset(robot, makeActorStream({ seed: 0, env: robot, episode: 0 }));
}

function copyState(env: SimEnv, step: number) {
  const { truth } = env.world;
  const { reference } = env.view;
  return {
    timeS: step * env.world.controlPeriodS,
    position: truth.position.slice(),
    orientation: truth.orientation.slice(),
    jointPosition: truth.jointPosition.slice(),
    referencePosition: reference.position.slice(),
    referenceYaw: reference.yaw.slice(),
    sceneTimeS: env.situation.timeS.slice(),
    obstacles: copyPlaced(env),
  };
}

/** Of the obstacles without a way in the scene, in its order. */
function copyPlaced({ world }: SimEnv): Float64Array {
  const { scene, obstacleNames, obstaclePlaces, numRobots } = world;
  const hasWay = new Set(scene.objects.flatMap(({ name, motion }) => (motion ? [name] : [])));
  const columns = obstacleNames.flatMap((name, column) => (hasWay.has(name) ? [] : [column]));
  const places = new Float64Array(4 * numRobots * columns.length);
  for (let robot = 0; robot < numRobots; robot++) {
    columns.forEach((column, k) => {
      const at = 4 * (robot * obstacleNames.length + column);
      places.set(obstaclePlaces.subarray(at, at + 4), 4 * (robot * columns.length + k));
    });
  }
  return places;
}

function post(news: PreviewNews): void {
  port.postMessage(news);
}
