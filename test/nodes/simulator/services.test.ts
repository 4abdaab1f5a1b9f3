import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bounds, EntityFilters } from '../../../nodes/ros/messages.ts';
import { QOS } from '../../../nodes/ros/port.ts';
import { FEATURE, RESULT, SCOPE, SPAWN_RESULT, STATE } from '../../../nodes/simulator/codes.ts';
import { type ServedSimulator, serveSimulator } from '../../kit/served-simulator.ts';

const NONE: Bounds = { type: 0, points: [] };
const ANY: EntityFilters = {
  ...{ filter: '', categories: [], bounds: NONE },
  tags: { tags: [], filter_mode: 0 },
};
const UPRIGHT = { x: 0, y: 0, z: 0, w: 1 };
const ZERO = { x: 0, y: 0, z: 0 };
const STILL = { linear: ZERO, angular: ZERO };
const ok = { result: { result: RESULT.ok } };

let served: ServedSimulator;
afterEach(() => served.end());

describe('the state of a simulation', () => {
  it('is played, paused and stopped; the clock stands while it does not play', async () => {
    served = await serveSimulator({ startState: 'stopped' });
    const { call, simulator } = served;
    const running = served.start();
    const getState = async () => (await call('GetSimulationState', {})).state.state;
    expect(await getState()).toBe(STATE.stopped);
    expect(simulator.timeS).toBe(0);
    expect(await call('SetSimulationState', { state: { state: STATE.stopped } })).toMatchObject({
      result: { result: 101 },
    });
    expect(await call('SetSimulationState', { state: { state: STATE.playing } })).toMatchObject(ok);
    await waitUntil(() => simulator.timeS > 0.05);
    expect(await call('SetSimulationState', { state: { state: STATE.paused } })).toMatchObject(ok);
    const before = simulator.timeS;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(simulator.timeS).toBe(before);
    expect(await call('SetSimulationState', { state: { state: STATE.stopped } })).toMatchObject(ok);
    // Time is not reset, the robots are: home of the Crazyflie is at 1 m.
    expect(simulator.timeS).toBe(before);
    expect(simulator.world!.truth.position[2]).toBe(1);
    expect(await call('SetSimulationState', { state: { state: STATE.noWorld } })).toMatchObject({
      result: { result: 103 },
    });
    await call('SetSimulationState', { state: { state: STATE.quitting } });
    await running;
    expect(await getState()).toBe(STATE.quitting);
  });

  it('takes as many steps as it is told while it is paused, and refuses others meanwhile', async () => {
    served = await serveSimulator({ startState: 'paused' });
    const { call, simulator } = served;
    const running = served.start();
    const [first, second] = await Promise.all([
      call('StepSimulation', { steps: 7n }),
      call('StepSimulation', { steps: 1n }),
    ]);
    expect(first).toMatchObject(ok);
    expect(second.result).toMatchObject({ result: RESULT.operationFailed });
    // Control runs at 100 Hz, physics at 500 Hz.
    expect(simulator.timeS).toBeCloseTo(0.07, 9);
    expect(simulator.simSteps).toBe(35);
    await call('SetSimulationState', { state: { state: STATE.playing } });
    const { result } = await call('StepSimulation', { steps: 1n });
    expect(result).toMatchObject({ result: RESULT.operationFailed });
    expect(result.error_message).toMatch(/playing; pause it first/);
    simulator.stop();
    await running;
  });

  it('ends steps that are under way when it is played on', async () => {
    served = await serveSimulator({ startState: 'paused', realTimeFactor: 1 });
    const { call, simulator } = served;
    served.start();
    const steps = call('StepSimulation', { steps: 1000n });
    await waitUntil(() => simulator.timeS > 0);
    await call('SetSimulationState', { state: { state: STATE.playing } });
    expect((await steps).result.error_message).toMatch(/of 1000 steps .* left its paused state/);
  });
});

describe('a reset', () => {
  it('draws the next episode, or all from the first again', async () => {
    served = await serveSimulator();
    const { call, simulator, caller, context } = served;
    const episodes: number[] = [];
    caller.createSubscription('std_msgs/msg/UInt32', '/episode', QOS.latched, ({ data }) =>
      episodes.push(data),
    );
    const readMass = () => simulator.world!.contexts[0]!.massScale;
    const first = readMass();
    expect(await call('ResetSimulation', { scope: SCOPE.state })).toMatchObject(ok);
    const second = readMass();
    expect(second).not.toBe(first);
    const all = await call('ResetSimulation', { scope: SCOPE.default });
    expect(all).toMatchObject(ok);
    expect(all.result.error_message).toMatch(/time is not reset/);
    expect(readMass()).toBe(first);
    await call('ResetSimulation', { scope: SCOPE.state });
    expect(readMass()).toBe(second);
    await context.settled();
    expect(episodes).toEqual([0, 1, 2, 3]);
  });

  it('is refused for time alone, and changes nothing then', async () => {
    served = await serveSimulator();
    const { call, simulator } = served;
    const before = simulator.world!.contexts[0];
    const { result } = await call('ResetSimulation', { scope: SCOPE.time | SCOPE.state });
    expect(result.result).toBe(RESULT.featureUnsupported);
    expect(simulator.world!.contexts[0]).toBe(before);
  });

  it('follows the seed that is set as a parameter', async () => {
    served = await serveSimulator();
    const { call, simulator } = served;
    const readMass = () => simulator.world!.contexts[0]!.massScale;
    const first = readMass();
    simulator.node.setParameter('seed', 2);
    await call('ResetSimulation', { scope: SCOPE.all });
    expect(readMass()).not.toBe(first);
    simulator.node.setParameter('seed', 1);
    await call('ResetSimulation', { scope: SCOPE.all });
    expect(readMass()).toBe(first);
  });
});

describe('entities', () => {
  beforeEach(async () => {
    served = await serveSimulator();
  });

  const list = async (filters: Partial<EntityFilters>) =>
    (await served.call('GetEntities', { filters: { ...ANY, ...filters } })).entities;

  it('are robots and what stands around them; filters go together', async () => {
    const all = await list({});
    expect(all.slice(0, 3)).toEqual(['cf00', 'cf01', 'crate']);
    expect(all).toHaveLength(4);
    expect(await list({ filter: '^cf[[:digit:]]+$' })).toEqual(['cf00', 'cf01']);
    expect(await list({ categories: [{ category: 5 }] })).toEqual(['crate']);
    expect(await list({ categories: [{ category: 5 }, { category: 1 }], filter: '0$' })).toEqual([
      'cf00',
    ]);
    expect(await list({ tags: { tags: ['robot', 'box'], filter_mode: 0 } })).toEqual(all);
    expect(await list({ tags: { tags: ['robot', 'box'], filter_mode: 1 } })).toEqual([]);
    const bad = await served.call('GetEntities', { filters: { ...ANY, filter: '[' } });
    expect(bad.result).toMatchObject({ result: RESULT.operationFailed });
  });

  it('are found by what they overlap with', async () => {
    // The odom frames of two robots are 2 m apart; the crate is 1 m × 2 m × 0.5 m at 3 m before the first.
    const { state } = await served.call('GetEntityState', { entity: 'crate' });
    const { x, y } = state.pose.position;
    const ball = (radius: number, dx: number): Bounds => ({
      type: 3,
      points: [
        { x: x + dx, y, z: 0.25 },
        { x: radius, y: 0, z: 0 },
      ],
    });
    expect(await list({ bounds: ball(0.49, 1), filter: 'crate' })).toEqual([]);
    expect(await list({ bounds: ball(0.51, 1), filter: 'crate' })).toEqual(['crate']);
    const box = (lower: number): Bounds => ({
      type: 1,
      points: [
        { x: x + 9, y: 9, z: 9 },
        { x: x + lower, y: -9, z: -9 },
      ],
    });
    expect(await list({ bounds: box(0.51), filter: 'crate' })).toEqual([]);
    expect(await list({ bounds: box(0.49), filter: 'crate' })).toEqual(['crate']);
    const hull = await served.call('GetEntities', {
      filters: { ...ANY, bounds: { type: 2, points: [] } },
    });
    expect(hull.result).toMatchObject({ result: RESULT.featureUnsupported });
  });

  it('tell their true state in the map, with what accelerates them', async () => {
    const { call, simulator } = served;
    const { truth, mapFromOdom } = simulator.world!;
    const before = (await call('GetEntityState', { entity: 'cf01' })).state;
    expect(before.header.frame_id).toBe('map');
    expect(before.pose.position.x).toBeCloseTo(mapFromOdom[3]! + truth.position[3]!, 12);
    expect(before.acceleration.linear.z).toBeNaN();
    simulator.world!.setCommand(1, Float64Array.of(0, 0, 0, 0));
    await simulator.run(0.25);
    const { state } = await call('GetEntityState', { entity: 'cf01' });
    // 0.25 s are 4 time constants of its rotors, which are told to stop: it falls but for drag and the last of the thrust.
    expect(state.acceleration.linear.z).toBeLessThan(-5);
    expect(state.acceleration.linear.z).toBeGreaterThan(-9.81);
    expect(state.twist.linear.z).toBeCloseTo(truth.linearVelocityW[5]!, 12);
    const { states, entities } = await call('GetEntitiesStates', { filters: ANY });
    expect(entities[1]).toBe('cf01');
    expect(states[1]).toEqual(state);
    const nobody = await call('GetEntityState', { entity: 'cf99' });
    expect(nobody.result.result).toBe(RESULT.notFound);
  });

  it('can be put elsewhere, if they are robots', async () => {
    const { call, simulator } = served;
    const half = Math.SQRT1_2;
    const request = {
      entity: 'cf01',
      state: {
        header: { stamp: { sec: 0, nanosec: 0 }, frame_id: 'cf00/odom' },
        pose: { position: { x: 1, y: 2, z: 3 }, orientation: { x: 0, y: 0, z: half, w: half } },
        twist: { linear: { x: 1, y: 0, z: 0 }, angular: { x: 0, y: 1, z: 0 } },
        acceleration: STILL,
      },
      ...{ set_pose: true, set_twist: true, set_acceleration: false },
    };
    expect(await call('SetEntityState', request)).toMatchObject(ok);
    const { truth, mapFromOdom } = simulator.world!;
    // From the frame of the first robot into its own: by how far the two lie apart.
    expect(truth.position[3]).toBeCloseTo(1 + mapFromOdom[0]! - mapFromOdom[3]!, 12);
    expect(truth.position[5]).toBeCloseTo(3, 12);
    expect(truth.linearVelocityW[3]).toBeCloseTo(1, 12);
    // Turned left by 90°, it has the y axis of the world ahead: the rate about it is about its own x.
    expect(truth.angularVelocityB[3]).toBeCloseTo(1, 12);
    const back = await call('GetEntityState', { entity: 'cf01' });
    expect(back.state.twist.angular.y).toBeCloseTo(1, 12);
    const fail = async (change: object) =>
      (await call('SetEntityState', { ...request, ...change })).result.result;
    expect(await fail({ entity: 'crate' })).toBe(RESULT.featureUnsupported);
    expect(await fail({ entity: 'nobody' })).toBe(RESULT.notFound);
    expect(await fail({ set_acceleration: true })).toBe(RESULT.featureUnsupported);
    const { pose } = request.state;
    const noRotation = { ...pose, orientation: { x: 0, y: 0, z: 0, w: 0 } };
    expect(await fail({ state: { ...request.state, pose: noRotation } })).toBe(101);
    const elsewhere = { stamp: { sec: 0, nanosec: 0 }, frame_id: 'moon' };
    expect(await fail({ state: { ...request.state, header: elsewhere } })).toBe(101);
  });

  it('tell what they are and how large', async () => {
    const { call } = served;
    const robot = await call('GetEntityInfo', { entity: 'cf00' });
    expect(robot.info).toMatchObject({ category: { category: 1 }, tags: ['robot', 'crazyflie'] });
    const crate = await call('GetEntityInfo', { entity: 'crate' });
    expect(crate.info.category.category).toBe(5);
    expect(crate.info.description).toMatch(/each of the 2 robots has one/);
    const { bounds } = await call('GetEntityBounds', { entity: 'crate' });
    expect(bounds).toEqual({
      type: 1,
      points: [
        { x: 0.5, y: 1, z: 0.25 },
        { x: -0.5, y: -1, z: -0.25 },
      ],
    });
    const info = { category: { category: 0 }, description: '', tags: [] };
    expect(await call('SetEntityInfo', { entity: 'cf00', info })).toMatchObject({
      result: { result: RESULT.featureUnsupported },
    });
  });
});

describe('a world', () => {
  const crate = `<robot name="barrel"><link name="l"><collision>
    <geometry><cylinder radius="0.3" length="1"/></geometry></collision></link></robot>`;
  const spawn = (change: object = {}) => ({
    ...{ name: '', allow_renaming: false, entity_namespace: '' },
    entity_resource: { uri: '', resource_string: crate },
    initial_pose: {
      header: { stamp: { sec: 0, nanosec: 0 }, frame_id: '' },
      pose: { position: { x: 5, y: 0, z: 0.5 }, orientation: UPRIGHT },
    },
    ...change,
  });

  it('takes in more while it is stopped, and is as it was after a complete reset', async () => {
    served = await serveSimulator({ startState: 'paused' });
    const { call, simulator } = served;
    const playing = await call('SpawnEntity', spawn());
    expect(playing.result.result).toBe(RESULT.incorrectState);
    await call('SetSimulationState', { state: { state: STATE.stopped } });
    const { spawnables } = await call('GetSpawnables', { sources: [] });
    const { uri } = spawnables[0]!.entity_resource;
    const third = { name: 'third', entity_resource: { uri, resource_string: '' } };
    expect(await call('SpawnEntity', spawn(third))).toMatchObject({ ...ok, entity_name: 'third' });
    expect(await call('SpawnEntity', spawn())).toMatchObject({ ...ok, entity_name: 'barrel' });
    const again = await call('SpawnEntity', spawn());
    expect(again.result.result).toBe(SPAWN_RESULT.nameNotUnique);
    const renamed = await call('SpawnEntities', {
      spawn_requests: [spawn({ allow_renaming: true }), spawn({ name: '7' })],
    });
    expect(renamed.results.map(({ entity_name: name }) => name)).toEqual(['barrel_1', '']);
    expect(renamed.result.result).toBe(150);
    const { entities } = await call('GetEntities', { filters: ANY });
    expect(entities).toEqual(expect.arrayContaining(['third', 'barrel', 'barrel_1']));
    const { state } = await call('GetEntityState', { entity: 'third' });
    expect(state.pose.position).toMatchObject({ x: 5, y: 0, z: 0.5 });
    expect(await call('DeleteEntity', { entity: 'barrel' })).toMatchObject(ok);
    expect(await call('DeleteEntity', { entity: 'barrel' })).toMatchObject({
      result: { result: RESULT.notFound },
    });
    expect(await call('DeleteEntity', { entity: 'crate' })).toMatchObject(ok);
    await call('ResetSimulation', { scope: SCOPE.all });
    const after = await call('GetEntities', { filters: ANY });
    expect(after.entities.slice(0, 3)).toEqual(['cf00', 'cf01', 'crate']);
    expect(after.entities).toHaveLength(4);
    expect(simulator.world!.numRobots).toBe(2);
  });

  it.each([
    [{ entity_resource: { uri: '', resource_string: '' } }, SPAWN_RESULT.noResource],
    [{ entity_resource: { uri: 'x.sdf', resource_string: '' } }, SPAWN_RESULT.unsupportedFormat],
    [{ entity_resource: { uri: '', resource_string: '<a>' } }, SPAWN_RESULT.resourceParseError],
    [{ name: 'a b' }, SPAWN_RESULT.nameInvalid],
    [{ entity_namespace: '1/2' }, SPAWN_RESULT.namespaceInvalid],
  ])('refuses to take in %j: %j', async (change, code) => {
    served = await serveSimulator({ startState: 'stopped' });
    const { result } = await served.call('SpawnEntity', spawn(change));
    expect(result.result).toBe(code);
    expect(result.error_message).not.toBe('');
  });

  it('gives way to another; time goes on, and sensors are stamped with it', async () => {
    served = await serveSimulator();
    const { call, simulator, caller, context } = served;
    await simulator.run(0.1);
    const list = await call('GetAvailableWorlds', {
      ...{ additional_sources: [], offline_only: false, continue_on_error: false },
      filter: { tags: ['outdoor'], filter_mode: 0 },
    });
    expect(list.worlds.map(({ name }) => name)).toEqual(['flat']);
    const load = (uri: string, text = '') =>
      call('LoadWorld', {
        world_resource: { uri, resource_string: text },
        ...{ fail_on_unsupported_element: false, ignore_missing_or_unsupported_assets: false },
      });
    expect(await load('zerogap://worlds/flat')).toMatchObject({ ...ok, world: { name: 'flat' } });
    expect((await call('GetCurrentWorld', {})).world.name).toBe('flat');
    expect((await call('GetSimulationState', {})).state.state).toBe(STATE.stopped);
    expect(await call('GetEntities', { filters: ANY })).toMatchObject({
      entities: ['cf00', 'cf01'],
    });
    const stamps: number[] = [];
    const { sensorData } = QOS;
    caller.createSubscription('nav_msgs/msg/Odometry', '/cf01/odom', sensorData, ({ header }) =>
      stamps.push(header.stamp.nanosec),
    );
    await call('SetSimulationState', { state: { state: STATE.playing } });
    await simulator.run(0.12);
    await context.settled();
    expect(stamps).toEqual([100_000_000, 110_000_000]);
    expect((await load('', 'objects: [{ name: a }]')).result.result).toBe(103);
    expect((await load('', '<sdf/>')).result.result).toBe(101);
    expect((await load('zerogap://worlds/moon')).result.result).toBe(RESULT.notFound);
    expect((await load('')).result.result).toBe(102);
    // What could not be loaded left the one before.
    expect((await call('GetCurrentWorld', {})).world.name).toBe('flat');
    expect(await call('UnloadWorld', {})).toMatchObject(ok);
    expect((await call('UnloadWorld', {})).result.result).toBe(101);
    expect((await call('GetSimulationState', {})).state.state).toBe(STATE.noWorld);
    expect((await call('GetEntities', { filters: ANY })).result.result).toBe(RESULT.incorrectState);
    const play = await call('SetSimulationState', { state: { state: STATE.playing } });
    expect(play.result.result).toBe(RESULT.incorrectState);
    expect(await load('', 'ground: { kind: plane }')).toMatchObject(ok);
  });

  it('that others hold on to stays as it is, and the features say so', async () => {
    served = await serveSimulator({ isFixed: true, startState: 'stopped' });
    const { call } = served;
    const { features } = await call('GetSimulatorFeatures', {});
    expect(features.features).toContain(FEATURE.simulationResetState);
    expect(features.features).not.toContain(FEATURE.spawning);
    expect(features.spawn_formats).toEqual([]);
    const { result } = await call('SpawnEntity', spawn());
    expect(result).toMatchObject({ result: RESULT.featureUnsupported });
    expect(result.error_message).toMatch(/simulator_node by itself/);
    const { poses } = await call('GetNamedPoses', { tags: { tags: ['home'], filter_mode: 0 } });
    expect(poses.map(({ name }) => name)).toEqual(['cf00/home', 'cf01/home']);
    expect((await call('GetNamedPoseBounds', { name: 'cf00/home' })).result.result).toBe(0);
  });
});

async function waitUntil(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}
