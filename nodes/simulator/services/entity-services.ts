import { writeInverseRotated, writeRotated } from '../../../sim/math/quat.ts';
import type { Transform } from '../../../sim/robot/geometry.ts';
import { copyStateRow, makeStateBatch, type StateBatch } from '../../../sim/robot/state.ts';
import { composeTransforms } from '../../../sim/robot/transform.ts';
import type {
  EntityInfo,
  EntityState,
  GetEntitiesResponse,
  GetEntitiesStatesResponse,
  GetEntityBoundsResponse,
  GetEntityInfoResponse,
  GetEntityStateResponse,
  Pose,
  Quaternion,
  SetEntityStateRequest,
  Vector3,
} from '../../ros/messages.ts';
import { computeBox } from '../bodies.ts';
import { answer, BOUNDS, INVALID_POSE, NO_BOUNDS, RESULT, Refusal, refuse } from '../codes.ts';
import {
  computeMapFromFrame,
  getEntity,
  makeBody,
  makeEntityInfo,
  makeEntityState,
  toOdom,
} from '../entities.ts';
import { findEntities } from '../entity-filter.ts';
import type { Plant } from '../plant.ts';
import { readPose } from '../read-pose.ts';
import type { Simulation } from '../simulation.ts';
import type { Handlers } from './serve.ts';

/** What is in the world, where, and that it be elsewhere. */
export function entityServices(
  simulation: Simulation,
): Handlers<
  | 'GetEntities'
  | 'GetEntitiesStates'
  | 'GetEntityState'
  | 'SetEntityState'
  | 'GetEntityInfo'
  | 'SetEntityInfo'
  | 'GetEntityBounds'
> {
  const { safePoint } = simulation;
  return {
    GetEntities: ({ filters }) =>
      answer<GetEntitiesResponse>({ entities: [] }, () => ({
        entities: findEntities(simulation, filters).map(({ name }) => name),
      })),
    GetEntitiesStates: ({ filters }) =>
      answer<GetEntitiesStatesResponse>({ entities: [], states: [] }, () => {
        const entities = findEntities(simulation, filters);
        const plant = simulation.getPlant();
        return {
          entities: entities.map(({ name }) => name),
          states: entities.map((entity) => makeEntityState(plant, entity)),
        };
      }),
    GetEntityState: ({ entity }) =>
      answer<GetEntityStateResponse>({ state: makeNoState() }, () => {
        const plant = simulation.getPlant();
        return { state: makeEntityState(plant, getEntity(plant, entity)) };
      }),
    SetEntityState: (request) =>
      answer({}, () => safePoint.act(() => setState(simulation.getPlant(), request))),
    GetEntityInfo: ({ entity }) =>
      answer<GetEntityInfoResponse>({ info: makeNoInfo() }, () => ({
        info: makeEntityInfo(simulation, getEntity(simulation.getPlant(), entity)),
      })),
    SetEntityInfo: () => ({
      result: refuse(
        RESULT.featureUnsupported,
        'what an entity is follows from the robot and the scene; nobody sets it',
      ),
    }),
    GetEntityBounds: ({ entity }) =>
      answer<GetEntityBoundsResponse>({ bounds: NO_BOUNDS }, () => {
        const plant = simulation.getPlant();
        const box = computeBox(makeBody(plant, getEntity(plant, entity)));
        if (box === undefined) return { bounds: NO_BOUNDS };
        const points = [toVector(box.upper), toVector(box.lower)];
        return { bounds: { type: BOUNDS.box, points } };
      }),
  };
}

/** Moves a robot in mid-episode. */
function setState(plant: Plant, { entity: name, ...request }: SetEntityStateRequest): object {
  const entity = getEntity(plant, name);
  if (entity.kind === 'object') {
    throw new Refusal(
      RESULT.featureUnsupported,
      `'${name}' is part of the scene: what stands there is fixed, what moves goes its own way; robots can be moved`,
    );
  }
  const { model, truth } = plant.world;
  if (model.base === 'fixed') {
    throw new Refusal(RESULT.operationFailed, `'${name}' is bolted to its mount`);
  }
  if (request.set_acceleration) {
    throw new Refusal(
      RESULT.featureUnsupported,
      'set_acceleration: what accelerates a robot are its motors and the forces on it',
    );
  }
  const state = makeStateBatch(1, model.jointNames.length);
  copyStateRow(state, 0, truth, entity.row);
  const { frame_id: frameId } = request.state.header;
  const mapFromFrame = computeMapFromFrame(plant, frameId, INVALID_POSE);
  const odomFromFrame = toOdom(plant, entity.row, mapFromFrame);
  if (request.set_pose) writePose(state, odomFromFrame, request.state.pose);
  if (request.set_twist) writeTwist(state, odomFromFrame, request.state);
  plant.moveRobot(entity.row, state);
  return {};
}

function writePose(state: StateBatch, odomFromFrame: Transform, pose: Pose): void {
  const odomFromBase = composeTransforms(odomFromFrame, readPose(pose, INVALID_POSE));
  state.position.set(odomFromBase.translation);
  state.orientation.set(odomFromBase.rotation);
}

/** The twist of base_link as the frame sees it, in the frame's axes; a frame that moves is taken to stand. */
function writeTwist(
  state: StateBatch,
  { rotation }: Transform,
  { twist: { linear, angular } }: EntityState,
): void {
  const values = [linear.x, linear.y, linear.z, angular.x, angular.y, angular.z];
  if (!values.every(Number.isFinite)) {
    throw new Refusal(RESULT.operationFailed, `the twist must be finite, got [${values}]`);
  }
  writeRotated(state.linearVelocityW, 0, rotation, 0, values, 0);
  writeRotated(state.angularVelocityB, 0, rotation, 0, values, 3);
  writeInverseRotated(state.angularVelocityB, 0, state.orientation, 0, state.angularVelocityB, 0);
}

function toVector([x, y, z]: readonly [number, number, number]): Vector3 {
  return { x, y, z };
}

function makeNoState(): EntityState {
  const zero = () => ({ x: 0, y: 0, z: 0 });
  const orientation: Quaternion = { ...zero(), w: 1 };
  return {
    header: { stamp: { sec: 0, nanosec: 0 }, frame_id: '' },
    pose: { position: zero(), orientation },
    twist: { linear: zero(), angular: zero() },
    acceleration: { linear: zero(), angular: zero() },
  };
}

function makeNoInfo(): EntityInfo {
  return { category: { category: 0 }, description: '', tags: [] };
}
