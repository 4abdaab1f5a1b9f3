import type { Rng } from '../math/rng.ts';
import type { Vec3 } from '../math/vec3.ts';
import type { RobotModel } from '../robot/model.ts';
import type { Sensor } from '../robot/sensor-model.ts';
import { ContactCells } from './contact.ts';
import type { ContactForces } from './contact-forces.ts';
import { DepthCamera } from './depth-camera.ts';
import { Encoder } from './encoder.ts';
import { Imu } from './imu.ts';
import { Lidar } from './lidar.ts';
import { MotionCapture } from './motion-capture.ts';
import { Odometry } from './odometry.ts';
import { RangeFinder } from './range-finder.ts';
import type { Instrument, SensorTiming, Surroundings } from './sensor.ts';

export interface InstrumentOptions {
  readonly model: RobotModel;
  readonly numRobots: number;
  readonly gravityW: Vec3;
  readonly surroundings: Surroundings;
  readonly contactForces: ContactForces;
  readonly timing: SensorTiming;
}

/** The simulated counterpart of one sensor of the model, on every robot. */
export function makeInstrument(sensor: Sensor, options: InstrumentOptions): Instrument {
  const { model, numRobots, gravityW, surroundings, contactForces, timing } = options;
  switch (sensor.kind) {
    case 'imu':
      return new Imu(model, numRobots, sensor, timing, gravityW, surroundings.gravityOffsetW);
    case 'motion_capture':
      return new MotionCapture(numRobots, sensor, timing);
    case 'encoder':
      return new Encoder(model, numRobots, sensor, timing);
    case 'odometry':
      return new Odometry(model, numRobots, sensor, timing);
    case 'lidar':
      return new Lidar(model, numRobots, sensor, timing, surroundings);
    case 'range':
      return new RangeFinder(model, numRobots, sensor, timing, surroundings);
    case 'depth_camera':
      return new DepthCamera(model, numRobots, sensor, timing, surroundings);
    case 'contact':
      return new ContactCells(model, numRobots, sensor, timing, contactForces);
  }
}

/**
 * The random stream of one sensor of an episode. IMU and motion capture of the base go by their kind and encoders by
 * their place among encoders: that is how recorded episodes and trained policies drew. All others go by name, so
 * that a new sensor changes no other's draws.
 */
export function forkSensorStream(rng: Rng, model: RobotModel, sensor: Sensor): Rng {
  const { kind, name } = sensor;
  const place = model.sensors.filter((other) => other.kind === kind).indexOf(sensor);
  if (kind === 'encoder') return rng.fork(kind, place);
  if ((kind === 'imu' || kind === 'motion_capture') && place === 0) return rng.fork(kind);
  return rng.fork(kind, name);
}
