import { writeInverseRotated, writeQuatProduct } from '../math/quat.ts';
import type { Rng } from '../math/rng.ts';
import { computeNorm } from '../math/vec3.ts';
import { BodyFrames } from '../robot/body-frames.ts';
import type { RobotModel } from '../robot/model.ts';
import { computeRigidBodies, getBodyFromLink } from '../robot/rigid-bodies.ts';
import type { ContactSensor } from '../robot/sensor-model.ts';
import type { StateBatch } from '../robot/state.ts';
import { Channel } from './channel.ts';
import type { ContactForces } from './contact-forces.ts';
import type { DelayLine } from './delay-line.ts';
import { type ContactReading, makeStamps, makeUnread } from './reading.ts';
import { Sampler } from './sampler.ts';
import type { Instrument, SensorDraw, SensorTiming } from './sensor.ts';

/** A collision shape, where the engine tells its force, and the link whose axes the force is wanted in. */
interface SensedShape {
  readonly name: string;
  readonly link: string;
  /** Column of the engine's forces. */
  readonly column: number;
  /** Index of the rigid body that the link belongs to. */
  readonly body: number;
  readonly bodyFromLink: Float64Array;
}

/**
 * Load cells under collision shapes. A sample is the mean force over the sensor's period, so that no impact falls
 * between two samples; whether a shape touches is said of the measured force, as a robot would say it.
 */
export class ContactCells implements Instrument {
  readonly reading: ContactReading;
  readonly #numRobots: number;
  readonly #shapes: readonly SensedShape[];
  readonly #forces: ContactForces;
  readonly #frames: BodyFrames;
  readonly #sampler: Sampler;
  readonly #channel: Channel;
  /** [numRobots, shapes, 3] N sums over the ticks since the last sample */
  readonly #sum: Float64Array;
  readonly #ticks: Int32Array;
  readonly #orientation = new Float64Array(4);
  readonly #force = new Float64Array(3);

  /** @param forces of the last step, kept up to date by whoever calls `sample` */
  constructor(
    model: RobotModel,
    numRobots: number,
    spec: ContactSensor,
    timing: SensorTiming,
    forces: ContactForces,
  ) {
    this.#frames = new BodyFrames(computeRigidBodies(model));
    this.#shapes = findShapes(model, spec, this.#frames, forces.shapeNames);
    this.#numRobots = numRobots;
    this.#forces = forces;
    const width = 3 * this.#shapes.length;
    this.#sampler = new Sampler(numRobots, width, spec, timing);
    this.#channel = new Channel(numRobots, width, spec.force, spec.rateHz);
    this.#sum = new Float64Array(numRobots * width);
    this.#ticks = new Int32Array(numRobots);
    this.reading = {
      kind: 'contact',
      sensor: spec,
      shapes: this.#shapes.map(({ name }) => name),
      links: this.#shapes.map(({ link }) => link),
      force: makeUnread(numRobots * width),
      isTouching: new Uint8Array(numRobots * this.#shapes.length),
      ...makeStamps(numRobots),
    };
  }

  get line(): DelayLine {
    return this.#sampler.line;
  }

  /** Starts an episode of one robot at `tick`. The first sample comes after one period; nothing touches before. */
  reset(robot: number, tick: number, _truth: StateBatch, rng: Rng, draw: SensorDraw): void {
    this.#sampler.reset(robot, tick, rng, draw, 'after_one_period');
    this.#channel.reset(robot, rng.fork('force'), draw);
    const width = 3 * this.#shapes.length;
    this.#sum.fill(0, robot * width, (robot + 1) * width);
    this.#ticks[robot] = 0;
    const { force, isTouching } = this.reading;
    force.fill(Number.NaN, robot * width, (robot + 1) * width);
    isTouching.fill(0, robot * this.#shapes.length, (robot + 1) * this.#shapes.length);
  }

  /** Takes in the true state after one physics tick. */
  sample(tick: number, truth: StateBatch): void {
    for (let robot = 0; robot < this.#numRobots; robot++) {
      this.#accumulate(robot, truth);
      if (this.#sampler.isDue(robot, tick)) this.#emit(robot, tick);
    }
  }

  take(robot: number, data: Float64Array, offset: number): void {
    const { force, isTouching, sensor } = this.reading;
    const count = this.#shapes.length;
    for (let s = 0; s < count; s++) {
      for (let k = 0; k < 3; k++) {
        force[3 * (robot * count + s) + k] = data[offset + 3 * s + k]!;
      }
      const isOver = computeNorm(data, offset + 3 * s) > sensor.threshold;
      isTouching[robot * count + s] = isOver ? 1 : 0;
    }
  }

  #accumulate(robot: number, truth: StateBatch): void {
    const { forceW, shapeNames } = this.#forces;
    const count = this.#shapes.length;
    this.#frames.computeOrientations(truth, robot);
    for (let s = 0; s < count; s++) {
      const { column, body, bodyFromLink } = this.#shapes[s]!;
      const row = 3 * (robot * shapeNames.length + column);
      writeQuatProduct(this.#orientation, 0, this.#frames.orientation, 4 * body, bodyFromLink, 0);
      writeInverseRotated(this.#force, 0, this.#orientation, 0, forceW, row);
      const o = 3 * (robot * count + s);
      for (let k = 0; k < 3; k++) this.#sum[o + k] = this.#sum[o + k]! + this.#force[k]!;
    }
    this.#ticks[robot] = this.#ticks[robot]! + 1;
  }

  #emit(robot: number, tick: number): void {
    const o = this.#sampler.push(robot, tick);
    const { data } = this.line;
    const width = 3 * this.#shapes.length;
    const s = robot * width;
    const ticks = this.#ticks[robot]!;
    this.#channel.walk(robot);
    for (let k = 0; k < width; k++) data[o + k] = this.#sum[s + k]! / ticks;
    this.#channel.measureSample(robot, data, o);
    this.#sum.fill(0, s, s + width);
    this.#ticks[robot] = 0;
  }
}

/** @throws RangeError for a name that is neither a collision shape nor a link with one */
function findShapes(
  model: RobotModel,
  spec: ContactSensor,
  frames: BodyFrames,
  shapeNames: readonly string[],
): SensedShape[] {
  const all = model.links.flatMap((link) =>
    link.collisions.map((shape) => ({ name: shape.name, link: link.name })),
  );
  return spec.shapes.flatMap((name) => {
    const byShape = all.filter((shape) => shape.name === name);
    const found = byShape.length > 0 ? byShape : all.filter((shape) => shape.link === name);
    if (found.length === 0) {
      const names = all.map((shape) => shape.name).join(', ');
      throw new RangeError(
        `sensor '${spec.name}': no collision shape '${name}'; there are: ${names}`,
      );
    }
    return found.map((shape) => {
      const body = frames.findBody(shape.link);
      const { rotation } = getBodyFromLink(frames.bodies[body]!, shape.link);
      const column = shapeNames.indexOf(shape.name);
      return { ...shape, column, body, bodyFromLink: Float64Array.from(rotation) };
    });
  });
}
