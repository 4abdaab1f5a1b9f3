import { z } from 'zod';

/** The `actuators` of robot.yaml, in groups of equal motors. Joints are named as in the URDF. */

const Name = z.string().min(1);

const WakeConfig = z.strictObject({
  radius: z.number().positive().meta({ unit: 'm', description: 'Of the propeller' }),
  groundCoefficient: z.number().nonnegative().meta({
    unit: '-',
    description: 'Ground effect: thrust × (1 + coefficient · (radius / 4 height)²)',
  }),
  downwashCoefficient: z.number().min(0).max(1).meta({
    unit: '-',
    description: "Share of the wake's ideal speed that reaches rotors below",
  }),
});

const SupplyConfig = z.strictObject({
  battery: Name.meta({ description: 'One of `batteries`' }),
  efficiency: z.number().positive().max(1).meta({
    unit: '-',
    description: "Share of the battery's power that arrives at the shaft",
  }),
});

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
  wake: WakeConfig.optional().meta({ description: 'Absent: no ground effect and no downwash' }),
  supply: SupplyConfig.optional().meta({ description: 'Absent: the voltage never sags' }),
});

const Joints = z.array(Name).min(1).meta({ description: 'Joints with such a motor' });
const MaxEffort = z.number().positive().meta({ unit: 'N or N·m', description: 'Saturation' });
const Integration = z
  .enum(['solver', 'explicit'])
  .default('solver')
  .meta({
    description:
      'solver: inside the engine, stable at any gain, as a drive with a fast loop of its own; ' +
      'explicit: from the state before each physics step',
  });

/** What may lie between the command of a joint motor and its joint. */
const STAGES = {
  lagS: z
    .number()
    .positive()
    .optional()
    .meta({ unit: 's', description: 'Time constant of a first-order lag of the effort' }),
  delayS: z.number().positive().optional().meta({
    unit: 's',
    description: "From a command's arrival to its effect, on top of the robot's command latency",
  }),
  torqueSpeed: z
    .strictObject({
      stallEffort: z.number().positive().meta({ unit: 'N or N·m', description: 'At standstill' }),
      noLoadSpeed: z
        .number()
        .positive()
        .meta({ unit: 'rad/s or m/s', description: 'At which no effort is left' }),
    })
    .optional()
    .meta({ description: 'Line of a DC motor at the joint, gears included, at nominal voltage' }),
  friction: z
    .strictObject({
      coulomb: z.number().nonnegative().meta({ unit: 'N or N·m', description: 'Dry friction' }),
      viscous: z
        .number()
        .nonnegative()
        .meta({ unit: 'N·s/m or N·m·s/rad', description: 'Friction per speed' }),
    })
    .optional()
    .meta({ description: "Of motor and gears, at the joint, on top of the joint's own" }),
  backlash: z.number().positive().optional().meta({
    unit: 'rad or m',
    description: 'Free play of the gears at the joint; needs joints.<name>.armature',
  }),
  battery: Name.optional().meta({ description: 'One of `batteries`; needs torqueSpeed' }),
  transmission: z.record(Name, z.record(Name, z.number())).optional().meta({
    unit: '-, m, 1/m',
    description:
      'By motor (by its joint), then by moved joint: how far the motor moves per unit of that joint',
  }),
};

const EffortGroup = z.strictObject({
  kind: z.literal('effort'),
  joints: Joints,
  maxEffort: MaxEffort,
  ...STAGES,
});

const PdGroup = z.strictObject({
  kind: z.literal('pd'),
  joints: Joints,
  stiffness: z.number().positive().meta({
    unit: 'N·m/rad or N/m',
    description: 'Effort per position error',
  }),
  damping: z.number().nonnegative().meta({
    unit: 'N·m·s/rad or N·s/m',
    description: 'Effort against speed',
  }),
  maxEffort: MaxEffort,
  integration: Integration,
  ...STAGES,
});

const VelocityGroup = z.strictObject({
  kind: z.literal('velocity'),
  joints: Joints,
  damping: z.number().positive().meta({
    unit: 'N·m·s/rad or N·s/m',
    description: 'Effort per speed error',
  }),
  maxEffort: MaxEffort,
  integration: Integration,
  ...STAGES,
});

const Scale = z
  .number()
  .refine((value) => value !== 0, { message: 'must not be 0' })
  .default(1);

const NetworkConfig = z.strictObject({
  file: Name.meta({
    description:
      'ONNX file of a plain feed-forward network with one output, relative to robot.yaml',
  }),
  sampleS: z
    .number()
    .positive()
    .meta({ unit: 's', description: 'Period at which it was trained; the unit of `history`' }),
  history: z
    .array(z.int().nonnegative())
    .min(1)
    .meta({ unit: 'samples', description: 'Ages of what it sees, in the order of its inputs' }),
  inputOrder: z.enum(['position_velocity', 'velocity_position', 'interleaved']).meta({
    description: 'All position errors first, all speeds first, or error and speed age by age',
  }),
  positionScale: Scale.meta({
    unit: '-',
    description: 'Factor on command − position before the network; −1 if it learned the reverse',
  }),
  velocityScale: Scale.meta({ unit: '-', description: 'Factor on speeds before the network' }),
  effortScale: Scale.meta({ unit: '-', description: 'Factor on its output' }),
});

const NetworkGroup = z.strictObject({
  kind: z.literal('network'),
  joints: Joints,
  maxEffort: MaxEffort,
  network: NetworkConfig,
  ...STAGES,
});

export const ActuatorGroup = z.discriminatedUnion('kind', [
  RotorGroup,
  EffortGroup,
  PdGroup,
  VelocityGroup,
  NetworkGroup,
]);
export type ActuatorGroup = z.infer<typeof ActuatorGroup>;
export type RotorGroup = z.infer<typeof RotorGroup>;
export type JointMotorGroup = Exclude<ActuatorGroup, RotorGroup>;
