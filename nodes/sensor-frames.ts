import { writeNormalized, writeQuatProduct, writeRotated } from '../sim/math/quat.ts';
import type { Numbers } from '../sim/math/vec3.ts';
import { BodyFrames } from '../sim/robot/body-frames.ts';
import type { Transform } from '../sim/robot/geometry.ts';
import type { RobotModel } from '../sim/robot/model.ts';
import { computeRigidBodies, getBodyFromLink } from '../sim/robot/rigid-bodies.ts';
import type { RaySensor } from '../sim/robot/sensor-model.ts';
import { makeStateBatch } from '../sim/robot/state.ts';
import { composeTransforms } from '../sim/robot/transform.ts';

/** A frame fixed to a link. */
export interface LinkFrame {
  readonly link: string;
  readonly linkFromFrame: Transform;
}

/** Where frames on a robot's links are, by forward kinematics from what is known of its joints. */
export class FramePoses {
  /** [numFrames, 3] m [@frame base_link] */
  readonly position: Float64Array;
  /** [numFrames, 4] base_link from frame */
  readonly orientation: Float64Array;
  /** [numFrames] whether joints lie between base_link and the frame */
  readonly moves: readonly boolean[];
  readonly #frames: BodyFrames;
  readonly #state;
  readonly #bodies: readonly number[];
  readonly #bodyFromFrame: readonly Transform[];

  /** @throws RangeError for a link that the robot does not have */
  constructor(model: RobotModel, frames: readonly LinkFrame[]) {
    this.#frames = new BodyFrames(computeRigidBodies(model));
    this.#state = makeStateBatch(1, model.jointNames.length);
    this.position = new Float64Array(3 * frames.length);
    this.orientation = new Float64Array(4 * frames.length);
    this.#bodies = frames.map(({ link }) => this.#frames.findBody(link));
    this.moves = this.#bodies.map((body) => body !== 0);
    this.#bodyFromFrame = frames.map(({ link, linkFromFrame }, i) => {
      const body = this.#frames.bodies[this.#bodies[i]!];
      if (body === undefined) throw new RangeError(`robot '${model.name}' has no link '${link}'`);
      return composeTransforms(getBodyFromLink(body, link), linkFromFrame);
    });
    this.compute(model.home.jointPosition);
  }

  /** base_link from frame `index`, as computed last. */
  get(index: number): Transform {
    const [x, y, z] = this.position.subarray(3 * index);
    const [qx, qy, qz, qw] = this.orientation.subarray(4 * index);
    return { translation: [x!, y!, z!], rotation: [qx!, qy!, qz!, qw!] };
  }

  /** @param jointPosition [numJoints] rad or m, joint order */
  compute(jointPosition: Numbers): void {
    this.#state.jointPosition.set(jointPosition);
    this.#frames.compute(this.#state, 0);
    this.#bodies.forEach((body, i) => {
      const { translation, rotation } = this.#bodyFromFrame[i]!;
      writeRotated(this.position, 3 * i, this.#frames.orientation, 4 * body, translation, 0);
      for (let k = 0; k < 3; k++) {
        this.position[3 * i + k] = this.position[3 * i + k]! + this.#frames.position[3 * body + k]!;
      }
      writeQuatProduct(this.orientation, 4 * i, this.#frames.orientation, 4 * body, rotation, 0);
      writeNormalized(this.orientation, 4 * i, this.orientation, 4 * i);
    });
  }
}

/** The robot's sensors that look along rays, in the order of robot.yaml. */
export function listRaySensors({ sensors }: Pick<RobotModel, 'sensors'>): RaySensor[] {
  return sensors.flatMap((sensor) => ('linkFromSensor' in sensor ? [sensor] : []));
}
