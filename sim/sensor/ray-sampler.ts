import type { RayBatch } from '../engine/engine.ts';
import { writeRotated } from '../math/quat.ts';
import type { Rng } from '../math/rng.ts';
import type { RobotModel } from '../robot/model.ts';
import { computeRigidBodies } from '../robot/rigid-bodies.ts';
import type { RaySensor } from '../robot/sensor-model.ts';
import type { StateBatch } from '../robot/state.ts';
import { Channel } from './channel.ts';
import type { DelayLine, SampleSink } from './delay-line.ts';
import { Mount } from './mount.ts';
import { Sampler } from './sampler.ts';
import type { SensorDraw, SensorTiming, Surroundings } from './sensor.ts';

export interface RaySamplerOptions {
  readonly model: RobotModel;
  readonly numRobots: number;
  readonly spec: RaySensor;
  readonly timing: SensorTiming;
  readonly surroundings: Surroundings;
  /** [numRays, 3] unit vectors [@frame sensor] */
  readonly directions: Float64Array;
  /** [m] how far rays reach; default: the sensor's range */
  readonly reach?: number;
  /** [1] numbers of one sample */
  readonly width: number;
  /** [1] how many rays have a bias of their own */
  readonly numBiases: number;
  /** Makes one sample of one robot of the distances of its rays, which begin at `first`. */
  readonly write: (
    out: Float64Array,
    offset: number,
    robot: number,
    distance: Float64Array,
    first: number,
  ) => void;
}

/**
 * What all sensors that look around have in common: a fan of rays fixed to a link. The rays of all robots that are
 * due at a tick are cast in one call. A sample is taken at one instant: a real lidar turns while it measures, and a
 * scan of a robot that moves is distorted by what it moves in 1/rate seconds; this one's is not.
 */
export class RaySampler {
  readonly mount: Mount;
  readonly #options: RaySamplerOptions;
  readonly #sampler: Sampler;
  readonly #channel: Channel;
  /** [numRobots] [-] probability that an echo is lost */
  readonly #rayDropout: Float64Array;
  readonly #rayDropoutRng: (Rng | undefined)[];
  readonly #rays: RayBatch & { numRays: number };
  readonly #numRays: number;
  /** [numRobots] those whose rays are in the batch, in order */
  readonly #due: Int32Array;
  #numDue = 0;

  constructor(options: RaySamplerOptions) {
    const { model, numRobots, spec, timing, directions } = options;
    this.#options = options;
    this.#numRays = directions.length / 3;
    this.mount = new Mount(model, spec.link, spec.linkFromSensor);
    this.#sampler = new Sampler(numRobots, options.width, spec, timing);
    this.#channel = new Channel(numRobots, options.numBiases, spec.range, spec.rateHz);
    this.#rayDropout = new Float64Array(numRobots);
    this.#rayDropoutRng = new Array<Rng | undefined>(numRobots).fill(undefined);
    this.#due = new Int32Array(numRobots);
    const rows = numRobots * this.#numRays;
    this.#rays = {
      numRays: 0,
      robot: new Int32Array(rows),
      origin: new Float64Array(rows * 3),
      direction: new Float64Array(rows * 3),
      distance: new Float64Array(rows),
      maxRange: options.reach ?? spec.maxRange,
      hits: hasOtherShapes(model, spec.link) ? { robotExceptLink: spec.link } : 'scene',
    };
  }

  get line(): DelayLine {
    return this.#sampler.line;
  }

  /** Starts an episode of one robot at `tick`; it starts with a sample, the next one comes a period later. */
  reset(
    robot: number,
    tick: number,
    truth: StateBatch,
    rng: Rng,
    draw: SensorDraw,
    show: SampleSink,
  ): void {
    this.#sampler.reset(robot, tick, rng, draw, 'after_one_period');
    this.#channel.reset(robot, rng.fork('range'), draw);
    const { rayDropout = 0 } = this.#options.spec;
    this.#rayDropout[robot] = Math.min(1, rayDropout * (draw.dropoutScale ?? 1));
    if (rayDropout > 0) this.#rayDropoutRng[robot] = rng.fork('ray_dropout');
    this.#clear();
    this.#aim(robot, truth);
    this.#options.surroundings.castRays(this.#rays);
    this.#write(this.#sampler.pushAtOnce(robot, tick), 0);
    this.line.deliver(robot, tick, show);
  }

  /** Takes in the true state after one physics tick. */
  sample(tick: number, truth: StateBatch): void {
    this.#clear();
    for (let robot = 0; robot < this.#options.numRobots; robot++) {
      if (this.#sampler.isDue(robot, tick)) this.#aim(robot, truth);
    }
    if (this.#numDue === 0) return;
    this.#options.surroundings.castRays(this.#rays);
    for (let d = 0; d < this.#numDue; d++) {
      const robot = this.#due[d]!;
      this.#channel.walk(robot);
      this.#write(this.#sampler.push(robot, tick), d);
    }
  }

  /**
   * What the sensor reads where the surface is `value` away: +Infinity for none in range or a lost echo,
   * −Infinity for one that is too near (REP-117).
   */
  measure(robot: number, bias: number, value: number): number {
    const { spec } = this.#options;
    if (this.#rayDropoutRng[robot]?.bernoulli(this.#rayDropout[robot]!)) return Infinity;
    if (value === Infinity) return Infinity;
    const reading = this.#channel.measure(robot, bias, value);
    if (reading < spec.minRange) return -Infinity;
    return reading > spec.maxRange ? Infinity : reading;
  }

  #clear(): void {
    this.#numDue = 0;
    this.#rays.numRays = 0;
  }

  /** Adds the rays of one robot to the batch. */
  #aim(robot: number, truth: StateBatch): void {
    const { position, orientation } = this.mount.compute(truth, robot);
    const { directions } = this.#options;
    const rays = this.#rays;
    const first = rays.numRays;
    for (let r = 0; r < this.#numRays; r++) {
      const i = first + r;
      rays.robot[i] = robot;
      for (let k = 0; k < 3; k++) rays.origin[3 * i + k] = position[k]!;
      writeRotated(rays.direction, 3 * i, orientation, 0, directions, 3 * r);
    }
    rays.numRays = first + this.#numRays;
    this.#due[this.#numDue] = robot;
    this.#numDue++;
  }

  #write(offset: number, place: number): void {
    const robot = this.#due[place]!;
    this.#options.write(this.line.data, offset, robot, this.#rays.distance, place * this.#numRays);
  }
}

/** Whether the robot has anything to see of itself beside what the sensor sits on. */
function hasOtherShapes(model: RobotModel, link: string): boolean {
  return computeRigidBodies(model)
    .filter((body) => body.links.every(({ name }) => name !== link))
    .flatMap((body) => body.links)
    .some(({ name }) => model.links.find((l) => l.name === name)!.collisions.length > 0);
}
