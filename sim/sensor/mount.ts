import {
  writeInverseRotated,
  writeNormalized,
  writeQuatProduct,
  writeRotated,
} from '../math/quat.ts';
import { writeCross } from '../math/vec3.ts';
import { BodyFrames } from '../robot/body-frames.ts';
import type { Transform } from '../robot/geometry.ts';
import type { RobotModel } from '../robot/model.ts';
import { computeRigidBodies, getBodyFromLink } from '../robot/rigid-bodies.ts';
import type { StateBatch } from '../robot/state.ts';
import { composeTransforms, TRANSFORM_IDENTITY } from '../robot/transform.ts';

/** Where a sensor is and how it moves. Filled by {@link Mount}; borrowed until the next call. */
export interface SensorMotion {
  /** m [@frame odom] */
  readonly position: Float64Array;
  /** odom from sensor */
  readonly orientation: Float64Array;
  /** m/s [@frame odom] of the sensor's origin */
  readonly linearVelocityW: Float64Array;
  /** rad/s [@frame sensor] */
  readonly angularVelocityS: Float64Array;
}

/**
 * The frame of a sensor on a link, through the robot's true joints. Where the link cannot move against base_link
 * the joints are not looked at; where the frame is base_link itself its numbers are the state's, unchanged.
 */
export class Mount {
  /** Base_link from sensor; undefined where joints lie between them. */
  readonly baseFromSensor: Transform | undefined;
  /** The sensor's frame is base_link itself: the state may be read as it is. */
  readonly isBase: boolean;
  readonly motion: SensorMotion = {
    position: new Float64Array(3),
    orientation: Float64Array.from([0, 0, 0, 1]),
    linearVelocityW: new Float64Array(3),
    angularVelocityS: new Float64Array(3),
  };
  readonly #bodyFromSensor: { readonly translation: Float64Array; readonly rotation: Float64Array };
  readonly #frames: BodyFrames;
  /** Row of its body in `#frames`. */
  readonly #index: number;
  readonly #arm = new Float64Array(3);
  readonly #rateW = new Float64Array(3);

  /** @throws RangeError for a link that the robot does not have */
  constructor(model: RobotModel, link: string, linkFromSensor: Transform = TRANSFORM_IDENTITY) {
    this.#frames = new BodyFrames(computeRigidBodies(model));
    this.#index = this.#frames.findBody(link);
    if (this.#index < 0) {
      const names = model.links.map(({ name }) => name).join(', ');
      throw new RangeError(`robot '${model.name}' has no link '${link}'; it has: ${names}`);
    }
    const bodyFromLink = getBodyFromLink(this.#frames.bodies[this.#index]!, link);
    const bodyFromSensor = composeTransforms(bodyFromLink, linkFromSensor);
    this.#bodyFromSensor = {
      translation: Float64Array.from(bodyFromSensor.translation),
      rotation: Float64Array.from(bodyFromSensor.rotation),
    };
    this.baseFromSensor = this.#index === 0 ? bodyFromSensor : undefined;
    this.isBase = this.#index === 0 && isIdentity(bodyFromSensor);
  }

  /** Writes `motion` for one robot. */
  compute(truth: StateBatch, robot: number): SensorMotion {
    if (this.#index === 0) this.#writeBase(truth, robot);
    else this.#writeBody(truth, robot);
    return this.motion;
  }

  #writeBase(truth: StateBatch, robot: number): void {
    const { position, orientation, linearVelocityW, angularVelocityS } = this.motion;
    for (let k = 0; k < 3; k++) {
      position[k] = truth.position[3 * robot + k]!;
      linearVelocityW[k] = truth.linearVelocityW[3 * robot + k]!;
      angularVelocityS[k] = truth.angularVelocityB[3 * robot + k]!;
    }
    for (let k = 0; k < 4; k++) orientation[k] = truth.orientation[4 * robot + k]!;
    if (this.isBase) return;
    writeRotated(this.#rateW, 0, orientation, 0, angularVelocityS, 0);
    this.#moveOut();
  }

  #writeBody(truth: StateBatch, robot: number): void {
    const { position, orientation, linearVelocityW } = this.motion;
    const frames = this.#frames;
    const row = this.#index;
    frames.compute(truth, robot);
    for (let k = 0; k < 4; k++) orientation[k] = frames.orientation[4 * row + k]!;
    for (let k = 0; k < 3; k++) {
      position[k] = frames.position[3 * row + k]!;
      linearVelocityW[k] = frames.linearVelocityW[3 * row + k]!;
      this.#rateW[k] = frames.angularVelocityW[3 * row + k]!;
    }
    this.#moveOut();
  }

  /** From the body's origin and axes, which `motion` holds, to the sensor's. */
  #moveOut(): void {
    const { position, orientation, linearVelocityW, angularVelocityS } = this.motion;
    const { translation, rotation } = this.#bodyFromSensor;
    writeRotated(this.#arm, 0, orientation, 0, translation, 0);
    for (let k = 0; k < 3; k++) position[k] = position[k]! + this.#arm[k]!;
    writeCross(this.#arm, 0, this.#rateW, 0, this.#arm, 0);
    for (let k = 0; k < 3; k++) linearVelocityW[k] = linearVelocityW[k]! + this.#arm[k]!;
    writeQuatProduct(orientation, 0, orientation, 0, rotation, 0);
    writeNormalized(orientation, 0, orientation, 0);
    writeInverseRotated(angularVelocityS, 0, orientation, 0, this.#rateW, 0);
  }
}

function isIdentity({ translation, rotation }: Transform): boolean {
  return translation.every((x) => x === 0) && rotation.every((x, k) => x === (k === 3 ? 1 : 0));
}
