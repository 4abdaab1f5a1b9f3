import * as z from 'zod/mini';
import { Geometry, Inspection, positive, Quat, Transform, VisualModel } from './robot-schema.ts';

/*
 * What the viewer node and the page say to one another. No platform imports: Node and browser
 * run this same file. Bytes: codec.ts.
 */

/** Grows with every change that an older peer would misread. */
export const PROTOCOL_VERSION = 1;
export const SUBPROTOCOL = `zerogap.viewer.v${PROTOCOL_VERSION}`;

/** One run of numbers in a robot's part of a frame. NaN means not known. */
const Field = z.readonly(
  z.object({
    name: z.string(),
    width: z.number().check(z.int(), z.minimum(1), z.maximum(1024)),
    unit: z.string(),
    frame: z.optional(z.string()),
  }),
);
export type Field = z.infer<typeof Field>;

/** A chart that the server proposes: series name a component of a field. */
const Plot = z.readonly(
  z.object({
    title: z.string(),
    unit: z.string(),
    /** Of the y axis; without it, the axis follows the data. */
    range: z.optional(z.readonly(z.tuple([z.number(), z.number()]))),
    series: z.readonly(
      z.array(
        z.readonly(z.object({ label: z.string(), field: z.string(), component: z.number() })),
      ),
    ),
  }),
);
export type Plot = z.infer<typeof Plot>;

const RobotEntry = z.readonly(
  z.object({
    name: z.string(),
    /** Index into `models`. */
    model: z.number().check(z.int(), z.minimum(0)),
    mapFromOdom: Transform,
    /** `truth`: no sensor tells where it is; its pose is the true one, which only a simulator knows. */
    poseSource: z.optional(z.literal('truth')),
    /** In the order in which they lie in a frame. */
    fields: z.readonly(z.array(Field)),
  }),
);
export type RobotEntry = z.infer<typeof RobotEntry>;

const Point = z.readonly(z.tuple([z.number(), z.number()]));
const Motion = z.discriminatedUnion('kind', [
  z.readonly(
    z.object({
      kind: z.literal('back_and_forth'),
      ...{ from: Point, to: Point, speed: z.number(), phase: z.number() },
    }),
  ),
  z.readonly(
    z.object({
      kind: z.literal('circle'),
      ...{ centre: Point, radius: positive, speed: z.number(), phase: z.number() },
    }),
  ),
  z.readonly(
    z.object({
      kind: z.literal('waypoints'),
      points: z.readonly(z.array(Point).check(z.minLength(2))),
      ...{ speed: z.number(), phase: z.number() },
    }),
  ),
]);

/** What stands around every robot, in its odom frame: sim/terrain/scene.ts says what each part means. */
const VisualScene = z.readonly(
  z.object({
    ground: z.optional(
      z.discriminatedUnion('kind', [
        z.readonly(z.object({ kind: z.literal('plane') })),
        z.readonly(
          z.object({
            kind: z.literal('height_field'),
            numX: z.number().check(z.int(), z.minimum(2)),
            numY: z.number().check(z.int(), z.minimum(2)),
            cellSize: positive,
            origin: Point,
            /** [m] heights lie in between */
            lowest: z.number(),
            highest: z.number(),
            /** [numX, numY] u16 little endian in base64: 0 is `lowest`, 65535 `highest` */
            heights: z.string(),
          }),
        ),
      ]),
    ),
    objects: z.readonly(
      z.array(
        z.readonly(
          z.object({
            name: z.string(),
            geometry: Geometry,
            odomFromObject: Transform,
            colour: z.optional(Quat),
            /** Its way, by the robot's field `scene_time`. */
            motion: z.optional(Motion),
            /** Where it is, is told in the robot's field `obstacles`, in the order of these objects. */
            isPlaced: z.optional(z.literal(true)),
          }),
        ),
      ),
    ),
  }),
);
export type VisualScene = z.infer<typeof VisualScene>;

/** A run of learning, beside whose curves a few robots show what has been learnt. */
const TrainingRun = z.readonly(
  z.object({
    task: z.string(),
    algorithm: z.string(),
    /** What the robots on the page are, for whoever might take them for those that are learnt from. */
    preview: z.string(),
  }),
);

const CurveSeries = z.readonly(
  z.object({
    label: z.string(),
    /** [-] control steps of single robots, ascending */
    steps: z.readonly(z.array(z.number())),
    /** One per step; null: not known. */
    values: z.readonly(z.array(z.nullable(z.number()))),
  }),
);

/** How a run of learning is getting on: all that a page shows of it, in the place of what it showed before. */
export const TrainingSchema = z.readonly(
  z.object({
    /** [-] @range 0, 1 of what was asked for */
    share: z.number(),
    status: z.string(),
    curves: z.readonly(
      z.array(
        z.readonly(
          z.object({
            title: z.string(),
            unit: z.string(),
            range: z.optional(z.readonly(z.tuple([z.number(), z.number()]))),
            series: z.readonly(z.array(CurveSeries)),
          }),
        ),
      ),
    ),
    /** Success by numbers that were drawn, each in equally likely parts of its range, of the last episodes. */
    byContext: z.readonly(
      z.array(
        z.readonly(
          z.object({
            name: z.string(),
            bins: z.readonly(
              z.array(
                z.readonly(
                  z.object({
                    mean: z.nullable(z.number()),
                    episodes: z.number(),
                    successRate: z.nullable(z.number()),
                  }),
                ),
              ),
            ),
          }),
        ),
      ),
    ),
    /** [1] episodes that `byContext` counts */
    episodes: z.number(),
  }),
);
export type Training = z.infer<typeof TrainingSchema>;
export type Curve = Training['curves'][number];

export const ACTIONS = ['stop', 'clear_stop', 'reset'] as const;
export type Action = (typeof ACTIONS)[number];

export const WelcomeSchema = z.readonly(
  z.object({
    version: z.literal(PROTOCOL_VERSION),
    /** Name and version of the server. */
    server: z.string(),
    /** [Hz] wall-clock rate of frames at most */
    frameRateHz: positive,
    models: z.readonly(z.array(VisualModel)),
    robots: z.readonly(z.array(RobotEntry)),
    /** Absent where nothing is known of it. */
    scene: z.optional(VisualScene),
    /** Where a description is looked at, not robots that run: the page poses the only robot itself. */
    inspection: z.optional(Inspection),
    /** Where robots show what is being learnt. */
    training: z.optional(TrainingRun),
    plots: z.readonly(z.array(Plot)),
    /** What this client may ask for; empty for a spectator. */
    actions: z.readonly(z.array(z.enum(ACTIONS))),
    /** Names behind the numbers of the field `safety`: action (by severity) and rule. */
    safetyActions: z.readonly(z.array(z.string())),
    safetyRules: z.readonly(z.array(z.string())),
    /** Label → text, shown as it is: profile, policy, seed, … */
    run: z.readonly(z.record(z.string(), z.string())),
  }),
);
export type Welcome = z.infer<typeof WelcomeSchema>;

export const EVENT_SEVERITIES = ['info', 'warning', 'error'] as const;
export const EventSchema = z.readonly(
  z.object({
    /** [s] node clock */
    timeS: z.number(),
    severity: z.enum(EVENT_SEVERITIES),
    /** Robot or node. */
    source: z.string(),
    text: z.string(),
  }),
);
export type Event = z.infer<typeof EventSchema>;

const id = z.number().check(z.int(), z.minimum(0));
export const RequestSchema = z.readonly(z.object({ id, action: z.enum(ACTIONS) }));
export type Request = z.infer<typeof RequestSchema>;
export const ReplySchema = z.readonly(z.object({ id, ok: z.boolean(), text: z.string() }));
export type Reply = z.infer<typeof ReplySchema>;
export const SubscribeSchema = z.readonly(
  z.object({ /** [Hz] most frames per wall-clock second */ rateHz: positive }),
);
export type Subscribe = z.infer<typeof SubscribeSchema>;

export interface Frame {
  /** Counts frames made by the server, whoever got them; wraps at 2³². */
  readonly seq: number;
  /** [ns] node clock: simulated time in simulation */
  readonly stampNs: bigint;
  /** Frames that this client lost since it connected; wraps at 2³². */
  readonly dropped: number;
  /** [layout.size] laid out by {@link computeFrameLayout} */
  readonly values: Float32Array;
}

export interface Path {
  /** Index into `robots`. */
  readonly robot: number;
  /** [numPoints, 3] m [@frame map] */
  readonly points: Float32Array;
}

/** What one lidar of a robot saw in its newest scan, hits alone. */
export interface ScanPoints {
  /** Index into `robots`. */
  readonly robot: number;
  /** Number of the lidar on its robot, from 0. */
  readonly lidar: number;
  /** [numPoints, 3] m [@frame map] from where the robot was when the scan was taken */
  readonly points: Float32Array;
}

export type ServerMessage =
  | { readonly type: 'welcome'; readonly welcome: Welcome }
  | { readonly type: 'frame'; readonly frame: Frame }
  | { readonly type: 'path'; readonly path: Path }
  | { readonly type: 'points'; readonly scan: ScanPoints }
  | { readonly type: 'event'; readonly event: Event }
  | { readonly type: 'training'; readonly training: Training }
  | { readonly type: 'reply'; readonly reply: Reply }
  | { readonly type: 'pong' /** as sent in the ping */; readonly clientMs: number };

export type ClientMessage =
  | { readonly type: 'request'; readonly request: Request }
  | { readonly type: 'subscribe'; readonly subscribe: Subscribe }
  | { readonly type: 'ping' /** [ms] any clock of the client */; readonly clientMs: number };

/** Bytes that are not a message; a value, because a peer's mistake must not stop a server. */
export interface ProtocolError {
  readonly type: 'protocol_error';
  readonly problem: string;
  readonly expected: string;
  readonly got: string;
}

/** Where each robot's fields start in `frame.values`. */
export interface FrameLayout {
  readonly size: number;
  /** Per robot: field name → first index. */
  readonly offsets: readonly ReadonlyMap<string, number>[];
}

/** Robots one after another, each one's fields in the order of its entry. */
export function computeFrameLayout(robots: readonly RobotEntry[]): FrameLayout {
  let size = 0;
  const offsets = robots.map((robot) => {
    const map = new Map<string, number>();
    for (const field of robot.fields) {
      map.set(field.name, size);
      size += field.width;
    }
    return map;
  });
  return { size, offsets };
}
