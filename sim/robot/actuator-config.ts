import { z } from 'zod';

/** The `actuators` of robot.yaml, in groups of equal motors. Joints are named as in the URDF. */

const Name = z.string().min(1);

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

export const ActuatorGroup = z.discriminatedUnion('kind', [RotorGroup, EffortGroup]);
export type ActuatorGroup = z.infer<typeof ActuatorGroup>;
