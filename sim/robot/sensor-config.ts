import { z } from 'zod';

/** The `sensors` of robot.yaml, by name. Joints, links and collision shapes are named as in the URDF. */

const Name = z.string().min(1);
const Vec3 = z.tuple([z.number(), z.number(), z.number()]);
const Probability = z.number().min(0).max(1);

const rotationErrors = {
  noise: z.number().nonnegative().meta({
    unit: "the channel's",
    description: 'Standard deviation of the white noise of one sample, each axis',
  }),
  bias: z.number().nonnegative().meta({
    unit: "the channel's",
    description: 'Half-width of the uniform distribution of the constant bias, each axis',
  }),
  drift: z.number().nonnegative().optional().meta({
    unit: "the channel's per √s",
    description: 'Random walk of the bias: its standard deviation after 1 s. None unless given',
  }),
};

/** Errors of an orientation. */
const RotationChannel = z.strictObject(rotationErrors);

const quantisation = z.number().positive().meta({
  unit: "the channel's",
  description: 'Readings are whole multiples of it. Not rounded unless given',
});

const Channel = z
  .strictObject({
    ...rotationErrors,
    quantisation: quantisation.optional(),
    saturation: z.number().positive().optional().meta({
      unit: "the channel's",
      description: 'Largest reading to either side. Unlimited unless given',
    }),
  })
  .refine(({ quantisation = 0, saturation = Infinity }) => quantisation <= saturation, {
    path: ['saturation'],
    message: 'the saturation lies within the first step of the quantisation',
    params: { expected: 'saturation of at least one quantisation' },
  });

/** Errors of a wheel's angle, which is counted on and on. */
const WheelChannel = z.strictObject({
  ...rotationErrors,
  bias: rotationErrors.bias.default(0).meta({
    unit: 'rad',
    description: 'As of any channel; odometry looks at differences, in which it vanishes',
  }),
  quantisation: quantisation.optional(),
});

const sensorTiming = {
  rateHz: z.number().positive().meta({ unit: 'Hz', description: 'Sample rate' }),
  latencyS: z
    .number()
    .nonnegative()
    .meta({ unit: 's', description: 'From the instant measured to its use' }),
  jitterS: z.number().nonnegative().optional().meta({
    unit: 's',
    description:
      'Half-width of the uniform spread of the latency, at most the latency. None unless given',
  }),
  dropout: Probability.optional().meta({
    unit: '-',
    description: 'Probability that a sample never arrives. None unless given',
  }),
};

const CountsPerTurn = z.int().positive().meta({
  unit: '1',
  description: 'Readings of an angle are multiples of 2π / this. Instead of a quantisation',
});

const Imu = z.strictObject({
  kind: z.literal('imu'),
  link: Name.meta({ description: 'Link it is mounted on; it measures at its origin, in its axes' }),
  ...sensorTiming,
  gyroscope: Channel.meta({ unit: 'rad/s' }),
  accelerometer: Channel.meta({ unit: 'm/s²' }),
});

const MotionCapture = z.strictObject({
  kind: z.literal('motion_capture'),
  link: Name.meta({ description: 'Link whose pose is measured' }),
  ...sensorTiming,
  position: Channel.meta({ unit: 'm' }),
  orientation: RotationChannel.meta({ unit: 'rad' }),
});

const Encoder = z.strictObject({
  kind: z.literal('encoder'),
  joints: z.array(Name).min(1).meta({ description: 'Joints that are measured' }),
  ...sensorTiming,
  countsPerTurn: CountsPerTurn.optional(),
  position: Channel.meta({ unit: 'rad or m' }),
  velocity: Channel.meta({ unit: 'rad/s or m/s' }),
});

const Odometry = z.strictObject({
  kind: z.literal('odometry'),
  ...sensorTiming,
  countsPerTurn: CountsPerTurn.optional(),
  wheel: WheelChannel.meta({ unit: 'rad', description: "Of a reading of each wheel's angle" }),
  radiusError: z.number().nonnegative().lt(1).optional().meta({
    unit: '-',
    description: "Half-width of the relative error of each side's wheel radius. None unless given",
  }),
  separationError: z.number().nonnegative().lt(1).optional().meta({
    unit: '-',
    description: 'Half-width of the relative error of the wheel separation. None unless given',
  }),
});

const MountConfig = z.strictObject({
  xyz: Vec3.default([0, 0, 0]).meta({ unit: 'm', description: 'Origin of the sensor in the link' }),
  rollPitchYaw: Vec3.default([0, 0, 0]).meta({
    unit: 'rad',
    description: 'Axes of the sensor in the link, as in URDF',
  }),
});

const raySensor = {
  link: Name.meta({ description: 'Link it is mounted on; its rays pass through that link' }),
  ...sensorTiming,
  minRange: z.number().nonnegative().meta({
    unit: 'm',
    description: 'Nearer hits read −Infinity',
  }),
  maxRange: z.number().positive().meta({
    unit: 'm',
    description: 'Where nothing is hit up to here the reading is +Infinity',
  }),
  range: Channel.meta({ unit: 'm' }),
  rayDropout: Probability.optional().meta({
    unit: '-',
    description: 'Probability that a single ray is lost and reads +Infinity. None unless given',
  }),
};

const Lidar = z.strictObject({
  kind: z.literal('lidar'),
  ...raySensor,
  linkFromSensor: MountConfig.prefault({}),
  azimuth: z.tuple([z.number(), z.number()]).meta({
    unit: 'rad',
    description: 'First and last, about z from x; a full turn leaves its last ray out',
  }),
  numAzimuths: z.int().positive().max(100_000).meta({ unit: '1', description: 'Rays per ring' }),
  elevations: z
    .array(
      z
        .number()
        .min(-Math.PI / 2)
        .max(Math.PI / 2),
    )
    .min(1)
    .default([0])
    .meta({ unit: 'rad', description: 'One per ring, from the x-y plane towards z' }),
});

const Range = z.strictObject({
  kind: z.literal('range'),
  ...raySensor,
  linkFromSensor: MountConfig.prefault({}),
  fieldOfView: z
    .number()
    .nonnegative()
    .lt(Math.PI)
    .meta({ unit: 'rad', description: 'Full angle of its cone about x; 0: one ray' }),
  numRays: z.int().positive().max(10_000).default(32).meta({
    unit: '1',
    description: 'Rays that stand for the cone, of which the nearest counts',
  }),
});

const DepthCamera = z.strictObject({
  kind: z.literal('depth_camera'),
  ...raySensor,
  // Required: an optical frame taken for a body frame makes a camera that looks at the sky.
  linkFromSensor: MountConfig.meta({
    description:
      'Optical frame: z forward, x right, y down. On a link with x forward and z up that is ' +
      'rollPitchYaw [-1.5707963, 0, -1.5707963]; on an optical link [0, 0, 0]',
  }),
  width: z.int().positive().max(4096).meta({ unit: '1', description: 'Pixels' }),
  height: z.int().positive().max(4096).meta({ unit: '1', description: 'Pixels' }),
  horizontalFieldOfView: z
    .number()
    .positive()
    .lt(Math.PI)
    .meta({ unit: 'rad', description: 'Across the width; pixels are square' }),
});

const Contact = z.strictObject({
  kind: z.literal('contact'),
  shapes: z
    .array(Name)
    .min(1)
    .meta({ description: 'Collision shapes, or links, which stand for all their shapes' }),
  ...sensorTiming,
  threshold: z
    .number()
    .nonnegative()
    .meta({ unit: 'N', description: 'Measured force above which it counts as touching' }),
  force: Channel.meta({ unit: 'N' }),
});

export const SensorConfig = z.discriminatedUnion('kind', [
  Imu,
  MotionCapture,
  Encoder,
  Odometry,
  Lidar,
  Range,
  DepthCamera,
  Contact,
]);
export type SensorConfig = z.infer<typeof SensorConfig>;
export type RaySensorConfig = Extract<SensorConfig, { readonly minRange: number }>;
