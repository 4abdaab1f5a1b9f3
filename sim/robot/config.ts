import { z } from 'zod';
import { ActuatorGroup } from './actuator-config.ts';
import {
  BatteryConfig,
  ContactConfig,
  DriveConfig,
  JointConfig,
  PhysicsConfig,
  SelfCollisionConfig,
} from './physics-config.ts';
import { SensorConfig } from './sensor-config.ts';

/** What robot.yaml adds to the URDF beside it. Joints and links are named as in the URDF. */

const Name = z.string().min(1);
const Vec3 = z.tuple([z.number(), z.number(), z.number()]);

/** One number for every actuated joint, or one per joint by name. */
const PerJoint = z.union([z.number(), z.record(Name, z.number())]);
export type PerJoint = z.infer<typeof PerJoint>;

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
  actuators: z.array(ActuatorGroup).min(1),
  batteries: z.record(Name, BatteryConfig).default({}),
  joints: z.record(Name, JointConfig).default({}),
  drive: DriveConfig.optional(),
  contact: ContactConfig.prefault({}),
  selfCollision: SelfCollisionConfig.default('none').meta({
    description: 'Whether links of the robot can touch one another; joined links never do',
  }),
  physics: PhysicsConfig.prefault({}),
  sensors: z.record(Name, SensorConfig).default({}),
  safety: Safety,
});
export type RobotConfig = z.infer<typeof RobotConfig>;
