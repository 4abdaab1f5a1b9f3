import * as z from 'zod/mini';

/*
 * What the page knows of a robot: how it looks, and for one that is inspected, what was described. Part of the
 * welcome of protocol.ts; no platform imports.
 */

export const Vec3 = z.readonly(z.tuple([z.number(), z.number(), z.number()]));
export const Quat = z.readonly(z.tuple([z.number(), z.number(), z.number(), z.number()]));
export const Transform = z.readonly(z.object({ translation: Vec3, rotation: Quat }));
export const positive = z.number().check(z.positive());

export const Geometry = z.discriminatedUnion('kind', [
  z.readonly(z.object({ kind: z.literal('box'), size: Vec3 })),
  z.readonly(z.object({ kind: z.literal('sphere'), radius: positive })),
  z.readonly(z.object({ kind: z.literal('cylinder'), radius: positive, length: positive })),
  z.readonly(z.object({ kind: z.literal('capsule'), radius: positive, length: positive })),
  z.readonly(z.object({ kind: z.literal('mesh'), uri: z.string(), scale: Vec3 })),
]);

const Visual = z.readonly(
  z.object({ linkFromShape: Transform, geometry: Geometry, colour: z.optional(Quat) }),
);

/** Where the triangles of a mesh can be had, and how large it is. */
const VisualMesh = z.readonly(
  z.object({
    /** Beside the page, named by its content: mesh-format.ts says what lies there. */
    path: z.string().check(z.regex(/^meshes\/[\w-]{43}$/)),
    numTriangles: z.number().check(z.int(), z.minimum(1)),
    /** [m] corners of the box around it, before the shape's scale */
    lower: Vec3,
    upper: Vec3,
  }),
);
export type VisualMesh = z.infer<typeof VisualMesh>;

/** What the page draws: the kinematic tree with its shapes, nothing dynamic. */
export const VisualModel = z.readonly(
  z.object({
    name: z.string(),
    /** [kg] whole robot; forces are drawn relative to its weight. 0 where a description has none */
    mass: z.number().check(z.minimum(0)),
    rootLink: z.string(),
    links: z.readonly(
      z.array(
        z.readonly(
          z.object({
            name: z.string(),
            visuals: z.readonly(z.array(Visual)),
            /** Absent where a server knows nothing of them. */
            collisions: z.optional(z.readonly(z.array(Visual))),
          }),
        ),
      ),
    ),
    /** By the `uri` of mesh geometries; one that is not there is not drawn. */
    meshes: z.optional(z.readonly(z.record(z.string(), VisualMesh))),
    joints: z.readonly(
      z.array(
        z.readonly(
          z.object({
            name: z.string(),
            type: z.enum(['revolute', 'continuous', 'prismatic', 'fixed']),
            parent: z.string(),
            child: z.string(),
            parentFromJoint: Transform,
            axis: Vec3,
          }),
        ),
      ),
    ),
    /** Order of the fields `joint_position`, `joint_velocity` and `command`. */
    jointNames: z.readonly(z.array(z.string())),
    /** Joints that are propellers: the page blurs them instead of posing them. */
    rotorJoints: z.readonly(z.array(z.string())),
  }),
);
export type VisualModel = z.infer<typeof VisualModel>;

const Inertial = z.readonly(
  z.object({
    /** [kg] */
    mass: z.number(),
    linkFromInertia: Transform,
    /** [kg·m²] xx, yy, zz, xy, xz, yz about the centre of mass */
    inertia: z.readonly(
      z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number()]),
    ),
  }),
);

/** A joint as it was described; limits that are absent do not exist. SI, radians. */
const InspectedJoint = z.readonly(
  z.object({
    name: z.string(),
    lower: z.optional(z.number()),
    upper: z.optional(z.number()),
    maxVelocity: z.optional(z.number()),
    maxEffort: z.optional(z.number()),
    damping: z.number(),
    friction: z.number(),
    armature: z.number(),
    /** position = multiplier · position of `joint` + offset */
    mimic: z.optional(
      z.readonly(z.object({ joint: z.string(), multiplier: z.number(), offset: z.number() })),
    ),
  }),
);
export type InspectedJoint = z.infer<typeof InspectedJoint>;

/** What `zerogap inspect --page` shows of the one robot beside its shapes. */
export const Inspection = z.readonly(
  z.object({
    /** Where base_link is drawn. */
    mapFromBase: Transform,
    /** [rad] or [m] positions to begin with, joint order */
    home: z.readonly(z.array(z.number())),
    /** By link; one without is absent. */
    inertials: z.readonly(z.record(z.string(), Inertial)),
    /** Every joint, fixed ones too. */
    joints: z.readonly(z.array(InspectedJoint)),
    problems: z.readonly(z.array(z.string())),
    warnings: z.readonly(z.array(z.string())),
  }),
);
export type Inspection = z.infer<typeof Inspection>;
