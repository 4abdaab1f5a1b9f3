import type {
  DeleteEntityResponse,
  GetSpawnablesResponse,
  Result,
  SpawnEntitiesResponse,
  SpawnEntityRequest,
  SpawnEntityResponse,
  SpawnResult,
} from '../../ros/messages.ts';
import { computeBox } from '../bodies.ts';
import {
  answer,
  BOUNDS,
  ENTITIES_SPAWN_FAILED,
  NO_BOUNDS,
  RESULT,
  Refusal,
  refuse,
  succeed,
} from '../codes.ts';
import { getEntity, listEntities, makeBody } from '../entities.ts';
import { type Content, listRobots, type Simulation, type Spawned } from '../simulation.ts';
import { makeRobotUri, readSpawnRequest } from '../spawn-request.ts';
import type { Handlers } from './serve.ts';

/** What can be put into the world, that it be, and that something go. */
export function spawnServices(
  simulation: Simulation,
): Handlers<'GetSpawnables' | 'SpawnEntity' | 'SpawnEntities' | 'DeleteEntity'> {
  const { safePoint } = simulation;
  return {
    GetSpawnables: ({ sources }) =>
      answer<GetSpawnablesResponse>({ spawnables: [] }, () => listSpawnables(simulation, sources)),
    SpawnEntity: (request) =>
      safePoint.act(async (): Promise<SpawnEntityResponse> => {
        const [result] = await spawn(simulation, [request]);
        return result!;
      }),
    SpawnEntities: ({ spawn_requests: requests }) =>
      safePoint.act(async (): Promise<SpawnEntitiesResponse> => {
        const results = await spawn(simulation, requests);
        const failed = results.filter(({ result }) => result.result !== RESULT.ok).length;
        const text = `${failed} of ${results.length} could not be put in; see their results`;
        return { result: failed > 0 ? refuse(ENTITIES_SPAWN_FAILED, text) : succeed(), results };
      }),
    DeleteEntity: ({ entity }) =>
      answer<DeleteEntityResponse>({}, () => safePoint.act(() => remove(simulation, entity))),
  };
}

function listSpawnables(
  simulation: Simulation,
  sources: readonly string[],
): Omit<GetSpawnablesResponse, 'result'> & { readonly result: Result } {
  simulation.getBuilder();
  const plant = simulation.getPlant();
  const box = computeBox(makeBody(plant, { kind: 'robot', name: '', row: 0 }));
  const points = box && [box.upper, box.lower].map(([x, y, z]) => ({ x, y, z }));
  const text = `${sources.join(', ')}: not searched; any one-link URDF can be spawned besides`;
  return {
    result: succeed(sources.length > 0 ? text : ''),
    spawnables: [
      {
        entity_resource: { uri: makeRobotUri(plant), resource_string: '' },
        description: `One more ${plant.world.model.name}, under the seed of this simulator`,
        spawn_bounds: points === undefined ? NO_BOUNDS : { type: BOUNDS.box, points },
      },
    ],
  };
}

/** Puts in what can be put in, in one go; the answers are in the order of the requests. */
async function spawn(
  simulation: Simulation,
  requests: readonly SpawnEntityRequest[],
): Promise<SpawnResult[]> {
  const spawned: Spawned[] = [];
  const results: SpawnResult[] = [];
  for (const request of requests) {
    const result = await answer<SpawnResult>({ entity_name: '' }, () => {
      assertStopped(simulation);
      const plant = simulation.getPlant();
      const taken = [...listEntities(plant), ...spawned].map(({ name }) => name);
      const one = readSpawnRequest(plant, request, taken);
      spawned.push(one);
      return { entity_name: one.name };
    });
    results.push(result);
  }
  if (spawned.length > 0) {
    const { content } = simulation;
    await simulation.rebuild({ ...content, spawned: [...content.spawned, ...spawned] });
  }
  return results;
}

async function remove(simulation: Simulation, name: string): Promise<object> {
  assertStopped(simulation);
  const entity = getEntity(simulation.getPlant(), name);
  const { content } = simulation;
  if (entity.kind === 'robot' && listRobots(content).length === 1) {
    throw new Refusal(
      RESULT.operationFailed,
      `'${name}' is the only robot, and a world has one at least; UnloadWorld leaves nothing`,
    );
  }
  await simulation.rebuild(without(content, name));
  return {};
}

function without({ entry, robots, spawned }: Content, name: string): Content {
  const { scene } = entry;
  const objects = scene.objects.filter((object) => object.name !== name);
  return {
    entry: { ...entry, scene: { ...scene, objects } },
    robots: robots.filter((robot) => robot !== name),
    spawned: spawned.filter((one) => one.name !== name),
  };
}

/** @throws Refusal in the middle of an episode, which a world that is made anew could not go on with */
function assertStopped(simulation: Simulation): void {
  simulation.getBuilder();
  simulation.getPlant();
  if (simulation.run.state === 'stopped') return;
  throw new Refusal(
    RESULT.incorrectState,
    `the simulation is ${simulation.run.state}; what is in its world changes while it is stopped (SetSimulationState, STATE_STOPPED), then it can be played`,
  );
}
