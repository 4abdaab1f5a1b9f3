import type { RobotModel } from '../robot/model.ts';
import type { RigidBody } from '../robot/rigid-bodies.ts';
import type { Scene } from '../terrain/scene.ts';
import type { EngineConfig, JointDrive, RobotScales } from './engine.ts';
import { movesCentre } from './scaled-body.ts';

/** @throws RangeError for a joint without a body of its own, one that mimics another, or gains below 0 */
export function assertDrive(
  model: RobotModel,
  bodies: readonly RigidBody[],
  jointIndex: number,
  { stiffness, damping, maxEffort }: JointDrive,
): void {
  const where = `setDrive: joint '${model.jointNames[jointIndex] ?? jointIndex}' of robot '${model.name}'`;
  const found = bodies.find(({ connection }) => connection?.jointIndex === jointIndex);
  if (found === undefined) {
    const names = bodies.flatMap(({ connection }) => (connection ? [connection.joint.name] : []));
    throw new RangeError(`${where} is no simulated joint; these are: ${names.join(', ')}`);
  }
  const { mimic } = found.connection!.joint;
  if (mimic !== undefined) {
    throw new RangeError(`${where} mimics '${mimic.joint}', which is the joint to drive`);
  }
  // NaN fails, an infinite largest effort passes.
  const isSound = stiffness >= 0 && damping >= 0 && maxEffort >= 0;
  if (!isSound || !Number.isFinite(stiffness + damping)) {
    throw new RangeError(
      `${where} needs finite gains and a largest effort of 0 or more, got stiffness ${stiffness}, damping ${damping}, maxEffort ${maxEffort}`,
    );
  }
}

/** @throws RangeError where the scene has no such object, or it stands */
export function assertMoves({ objects }: Scene, index: number): void {
  const object = objects[index];
  if (object?.moves === true) return;
  const movers = objects.flatMap(({ name, moves }, i) => (moves ? [`${i} (${name})`] : []));
  const what = object === undefined ? 'does not exist' : `(${object.name}) does not move`;
  throw new RangeError(
    `placeObject: object ${index} ${what}; those that move: ${movers.join(', ') || 'none'}`,
  );
}

/** Index of the body that carries a link. @throws RangeError that lists the links */
export function findBodyOfLink(
  model: RobotModel,
  bodies: readonly RigidBody[],
  link: string,
): number {
  const index = bodies.findIndex(({ links }) => links.some(({ name }) => name === link));
  if (index >= 0) return index;
  throw new RangeError(
    `robot '${model.name}' has no link '${link}'; it has: ${model.links.map(({ name }) => name).join(', ')}`,
  );
}

/** @throws RangeError for what a world was not built for */
export function assertScales({ varies = [] }: EngineConfig, scales: RobotScales): void {
  const asked = {
    centreOfMass: movesCentre(scales),
    restitution: scales.restitutionOffset !== 0,
  };
  for (const [name, isAsked] of Object.entries(asked)) {
    if (!isAsked || varies.some((varying) => varying === name)) continue;
    throw new RangeError(
      `setScales: to vary ${name} the engine must be made with varies: ['${name}']`,
    );
  }
  if (scales.mass > 0 && scales.inertia.every((factor) => factor > 0) && scales.payload.mass >= 0)
    return;
  throw new RangeError(
    `setScales: masses and moments must be above 0, got ${JSON.stringify(scales)}`,
  );
}

/** @throws RangeError where contact forces were not said to be wanted */
export function assertWatched(isWatching: boolean): void {
  if (isWatching) return;
  throw new RangeError(
    'contact forces were not kept: call watchContactForces before the steps that they are wanted of',
  );
}
