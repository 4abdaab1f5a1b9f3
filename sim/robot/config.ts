import { z } from 'zod';

/** What robot.yaml adds to the URDF beside it. Joints and links are named as in the URDF. */

const Name = z.string().min(1);
const Vec3 = z.tuple([z.number(), z.number(), z.number()]);

/** One number for every actuated joint, or one per joint by name. */
const PerJoint = z.union([z.number(), z.record(Name, z.number())]);
export type PerJoint = z.infer<typeof PerJoint>;

const RotorGroup = z.strictObject({
  kind: z.literal('rotor'),
  spin: z
    .record(Name, z.enum(['clockwise', 'counterclockwise']))
    .meta({ description: 'Sense of rotation of each joint, seen from above' }),
  thrustCoefficient: z.number().positive().meta({
    unit: 'N·s²/rad²',
    description: 'Thrust along the joint axis per squared speed',
  }),
  torqueCoefficient: z.number().nonnegative().meta({
    unit: 'N·m·s²/rad²',
    description: 'Reaction torque about the joint axis per squared speed',
  }),
  minSpeed: z
    .number()
    .nonnegative()
    .meta({ unit: 'rad/s', description: 'Slowest speed the motor can be told to hold' }),
  maxSpeed: z.number().positive().meta({ unit: 'rad/s', description: 'Fastest speed' }),
  timeConstantS: z
    .number()
    .positive()
    .meta({ unit: 's', description: 'Time constant of the first-order lag of the speed' }),
  dragCoefficient: z.tuple([z.number().nonnegative(), z.number().nonnegative()]).meta({
    unit: 'kg/rad',
    description: 'Drag force per rotor speed and airspeed, across and along the rotor axis',
  }),
});

const EffortGroup = z.strictObject({
  kind: z.literal('effort'),
  joints: z.array(Name).min(1).meta({ description: 'Joints with such a motor' }),
  maxEffort: z.number().positive().meta({ unit: 'N or N·m', description: 'Saturation' }),
});

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

const Sensor = z.discriminatedUnion('kind', [
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

const Safety = z.strictObject({
  maxTilt: z
    .number()
    .positive()
    .max(Math.PI)
    .optional()
    .meta({ unit: 'rad', description: 'Tilt above which the robot is stopped' }),
  geofence: z
    .strictObject({ lower: Vec3, upper: Vec3 })
    .refine(({ lower, upper }) => lower.every((low, axis) => low < upper[axis]!), {
      message: 'lower must lie below upper on every axis',
    })
    .optional()
    .meta({ unit: 'm', description: 'Allowed box for base_link in the odom frame' }),
  maxCommandRate: PerJoint.meta({
    unit: "the command's per s",
    description: 'Largest change of a command per second',
  }),
  damp: PerJoint.meta({ unit: "the command's", description: 'Command that calms the robot' }),
  stop: PerJoint.meta({ unit: "the command's", description: 'Command that makes it passive' }),
  motorTimeoutS: z.number().positive().meta({
    unit: 's',
    description: 'Age of the last command at which a motor goes to its stop command by itself',
  }),
});

export const RobotConfig = z.strictObject({
  robot: Name.meta({ description: "Must equal the URDF's robot name" }),
  base: z
    .enum(['fixed', 'floating'])
    .meta({ description: 'Whether the root link is bolted to the world' }),
  commandKind: z
    .enum(['velocity', 'effort', 'position'])
    .meta({ description: 'What a joint command means: rotor or joint speed, effort, or position' }),
  home: z.strictObject({
    position: Vec3.meta({ unit: 'm', description: 'Of base_link in the odom frame' }),
    rollPitchYaw: Vec3.default([0, 0, 0]).meta({ unit: 'rad', description: 'Of base_link' }),
    joints: z
      .record(Name, z.number())
      .default({})
      .meta({ unit: 'rad or m', description: 'Position of joints that are not at 0' }),
  }),
  actuators: z.array(z.discriminatedUnion('kind', [RotorGroup, EffortGroup])).min(1),
  sensors: z.record(Name, Sensor).default({}),
  safety: Safety,
});
export type RobotConfig = z.infer<typeof RobotConfig>;
