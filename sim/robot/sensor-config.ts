import { z } from 'zod';

/** The `sensors` of robot.yaml, by name. Joints and links are named as in the URDF. */

const Name = z.string().min(1);

const Channel = z.strictObject({
  noise: z.number().nonnegative().meta({
    unit: "the channel's",
    description: 'Standard deviation of the white noise of one sample, each axis',
  }),
  bias: z.number().nonnegative().meta({
    unit: "the channel's",
    description: 'Half-width of the uniform distribution of the constant bias, each axis',
  }),
});

const sensorTiming = {
  rateHz: z.number().positive().meta({ unit: 'Hz', description: 'Sample rate' }),
  latencyS: z
    .number()
    .nonnegative()
    .meta({ unit: 's', description: 'From the instant measured to its use' }),
};

export const SensorConfig = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('imu'),
    link: Name.meta({ description: 'Link it is mounted on' }),
    ...sensorTiming,
    gyroscope: Channel.meta({ unit: 'rad/s' }),
    accelerometer: Channel.meta({ unit: 'm/s²' }),
  }),
  z.strictObject({
    kind: z.literal('motion_capture'),
    link: Name.meta({ description: 'Link whose pose is measured' }),
    ...sensorTiming,
    position: Channel.meta({ unit: 'm' }),
    orientation: Channel.meta({ unit: 'rad' }),
  }),
  z.strictObject({
    kind: z.literal('encoder'),
    joints: z.array(Name).min(1).meta({ description: 'Joints that are measured' }),
    ...sensorTiming,
    position: Channel.meta({ unit: 'rad or m' }),
    velocity: Channel.meta({ unit: 'rad/s or m/s' }),
  }),
]);
export type SensorConfig = z.infer<typeof SensorConfig>;
