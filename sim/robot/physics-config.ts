import { z } from 'zod';

/** How a robot touches, and how it is simulated: `contact`, `selfCollision`, `joints`, `drive`, `physics` of robot.yaml. */

const Name = z.string().min(1);

const Substeps = z.int().min(1).max(64).meta({
  unit: '-',
  description: 'Substeps per physics step',
});
const Sweeps = z.int().min(1).max(64).meta({
  unit: '-',
  description: 'Sweeps within each substep. What makes joints stiff',
});
const FrictionInEverySweep = z.boolean().meta({
  description:
    'Whether friction is solved in every sweep or in the last one alone. Legs on the ground creep without it, light ' +
    'wheels under a heavy body shake sideways with it',
});
const NewtonSteps = z.int().min(1).max(1000).meta({
  unit: '-',
  description: 'Upper bound on Newton steps; the solver stops when it has converged',
});
const FrictionImpedanceRatio = z.number().min(1).max(1000).meta({
  unit: '-',
  description: 'How much stiffer friction is than the normal force; more creeps less',
});
const ContactImpedance = z.number().min(0.5).max(0.9999).meta({
  unit: '-',
  description: 'How hard contacts and joint limits are; closer to 1 they give way and creep less',
});

/** How each engine solves its constraints, whole. */
export const SolverConfig = z.strictObject({
  rapier: z
    .strictObject({
      iterations: Substeps.default(2),
      internalIterations: Sweeps.default(8),
      frictionInEverySweep: FrictionInEverySweep.default(true),
    })
    .prefault({}),
  mujoco: z
    .strictObject({
      iterations: NewtonSteps.default(100),
      frictionImpedanceRatio: FrictionImpedanceRatio.default(100),
      contactImpedance: ContactImpedance.default(0.9),
    })
    .prefault({}),
});

/** What differs from the robot's own solver settings, engine by engine. */
export const SolverOverrides = z.strictObject({
  rapier: z
    .strictObject({
      iterations: Substeps.optional(),
      internalIterations: Sweeps.optional(),
      frictionInEverySweep: FrictionInEverySweep.optional(),
    })
    .optional(),
  mujoco: z
    .strictObject({
      iterations: NewtonSteps.optional(),
      frictionImpedanceRatio: FrictionImpedanceRatio.optional(),
      contactImpedance: ContactImpedance.optional(),
    })
    .optional(),
});
export type SolverOverrides = z.infer<typeof SolverOverrides>;

export const PhysicsConfig = z.strictObject({
  rateHz: z
    .number()
    .min(10)
    .max(10_000)
    .default(500)
    .meta({ unit: 'Hz', description: 'Physics steps per second' }),
  solver: SolverConfig.prefault({}),
});

export const MaterialConfig = z.strictObject({
  friction: z.number().min(0).max(10).optional().meta({
    unit: '-',
    description: 'Coulomb friction; of two surfaces the smaller one holds. 0.5 unless given',
  }),
  restitution: z.number().min(0).max(1).optional().meta({
    unit: '-',
    description:
      'Speed after an impact over the speed before; of two surfaces the larger one holds',
  }),
});

export const ContactConfig = z.strictObject({
  default: MaterialConfig.prefault({}).meta({ description: 'Of every collision shape not named' }),
  shapes: z
    .record(Name, MaterialConfig)
    .default({})
    .meta({ description: 'By the name of a collision shape or of its link' }),
  decompose: z.array(Name).default([]).meta({
    description:
      'Collision meshes, by shape or link, that become several convex parts rather than one hull',
  }),
});

export const SelfCollisionConfig = z.union([
  z.literal('none'),
  z.strictObject({
    except: z
      .array(z.tuple([Name, Name]))
      .default([])
      .meta({ description: 'Pairs of links that may overlap' }),
  }),
]);

/** What replaces or adds to the URDF's `<dynamics>`, by joint. */
export const JointConfig = z.strictObject({
  armature: z.number().nonnegative().optional().meta({
    unit: 'kg·m² or kg',
    description: 'Reflected inertia of the motor: rotor inertia × gear ratio²',
  }),
  damping: z
    .number()
    .nonnegative()
    .optional()
    .meta({ unit: 'N·m·s/rad or N·s/m', description: "Instead of the URDF's" }),
  friction: z
    .number()
    .nonnegative()
    .optional()
    .meta({ unit: 'N·m or N', description: "Coulomb friction, instead of the URDF's" }),
});

export const DriveConfig = z.strictObject({
  kind: z.literal('differential'),
  left: z.array(Name).min(1).meta({ description: 'Wheel joints on the left' }),
  right: z.array(Name).min(1).meta({ description: 'Wheel joints on the right' }),
  wheelRadius: z.number().positive().meta({ unit: 'm', description: 'Of every wheel' }),
  wheelSeparation: z
    .number()
    .positive()
    .meta({ unit: 'm', description: "Between the wheels' points of contact" }),
});

export const BatteryConfig = z
  .strictObject({
    nominalVoltage: z.number().positive().meta({
      unit: 'V',
      description: "Fully charged; the voltage at which the motors' figures hold",
    }),
    emptyVoltage: z.number().positive().meta({ unit: 'V', description: 'At which it is empty' }),
    resistance: z.number().nonnegative().meta({ unit: 'Ω', description: 'Inner resistance' }),
    capacity: z.number().positive().meta({ unit: 'A·s', description: '3.6 A·s are 1 mAh' }),
    idlePower: z
      .number()
      .nonnegative()
      .default(0)
      .meta({ unit: 'W', description: 'Drawn by everything that is no motor' }),
  })
  .refine(({ emptyVoltage, nominalVoltage }) => emptyVoltage < nominalVoltage, {
    message: 'emptyVoltage must lie below nominalVoltage',
  });
