import { UserError } from '../errors.ts';
import { computeBodyPoses, computeJointInertia, computeLowestPoint } from './body-poses.ts';
import type { RobotDescription } from './describe.ts';
import type { Joint } from './model.ts';
import { collectMeshes } from './open.ts';
import type { UrdfDescription } from './urdf.ts';

/** [rad/s] and [-] of every servo with the inertia that it moves. */
export const TEMPLATE_SERVO = { frequency: 30, dampingRatio: 1 } as const;

/** At 2 × 8 Unitree's G1 falls within 2 s; at this, of fourteen public descriptions all but two hands stand in Rapier. */
const PHYSICS = [
  '# REVIEW: stiff rather than fast; look for the fewest sweeps at which the robot still stands. Limbs of grams',
  "# behind joints of kilograms, as fingers on an arm, shake in Rapier all the same: use `engine: 'mujoco'` there.",
  'physics: { rateHz: 500, solver: { rapier: { iterations: 2, internalIterations: 32 } } }',
];

/**
 * A robot.yaml for a URDF that has none: a position servo on every joint that moves on its own, at home where the
 * limits let it, standing on the ground. What nobody can read from a URDF is marked REVIEW.
 * @throws UserError for a URDF with problems, or without a joint that a motor could move
 */
export function makeConfigTemplate(description: RobotDescription): string {
  const { urdf, bodies, problems, path } = description;
  const [problem] = problems;
  if (urdf === undefined || problem !== undefined) {
    throw new UserError({
      where: path,
      problem: 'no robot.yaml can be written for a description with problems',
      expected: 'a description that can be read',
      got: problem?.message ?? 'none',
      remedy: 'Correct the problems first; `zerogap inspect` lists them.',
    });
  }
  const motors = pickMotors(urdf, path);
  const home = computeHome(urdf);
  const base = guessBase(description);
  const jointNames = home.map(({ joint }) => joint.name);
  const poses = computeBodyPoses(
    bodies,
    home.map(({ position }) => position),
  );
  const meshes = collectMeshes(description.meshes);
  const lowest = computeLowestPoint({ links: urdf.links, meshes }, bodies, poses);
  const inertiaOf = (name: string) => {
    const index = bodies.findIndex((body) => body.connection?.joint.name === name);
    const { beyond, before } = computeJointInertia(bodies, poses, index);
    // What stands on the ground carries the rest: a knee moves the trunk as much as the shank.
    return base.base === 'floating' ? Math.max(beyond, before) : beyond;
  };
  const positionOf = (name: string) => home[jointNames.indexOf(name)]!.position;
  return [
    `# What the URDF cannot say, begun from ${path.replace(/^.*[/\\]/, '')}. Units: SI and radians.`,
    '# REVIEW marks what was guessed. Every key is described in sim/robot/config.ts.',
    '',
    `robot: ${quote(urdf.name)}`,
    `base: ${base.base} # REVIEW: ${base.why}`,
    'commandKind: position # of each joint [rad] or [m]',
    '',
    ...writeHome(home, lowest),
    '',
    ...writeActuators(motors, inertiaOf),
    '',
    ...PHYSICS,
    '',
    ...writeSafety(motors, positionOf),
    '',
  ].join('\n');
}

/** Joints that a motor can move: neither followers nor those that the URDF gives no effort. */
function pickMotors({ joints }: UrdfDescription, path: string): readonly Joint[] {
  const movable = joints.filter((joint) => joint.type !== 'fixed');
  const motors = movable.filter((joint) => joint.mimic === undefined && joint.maxEffort > 0);
  if (motors.length > 0) return motors;
  throw new UserError({
    where: path,
    problem: 'there is no joint that a motor could move',
    expected: 'a movable joint with an effort limit above 0',
    got: movable.map((joint) => joint.name).join(', ') || 'no movable joint',
    remedy: 'Correct <limit effort="…"/> in the URDF.',
  });
}

interface HomePosition {
  readonly joint: Joint;
  readonly position: number;
  /** Where 0 lies outside the limits. */
  readonly isMiddle: boolean;
}

/** 0 for every joint, the middle of its range where 0 lies outside; followers as their rule says. */
function computeHome({ joints }: UrdfDescription): readonly HomePosition[] {
  const movable = joints.filter((joint) => joint.type !== 'fixed');
  const own = new Map(
    movable.map((joint) => {
      const isMiddle = joint.lower > 0 || joint.upper < 0;
      const middle = (joint.lower + joint.upper) / 2;
      return [joint.name, { joint, isMiddle, position: isMiddle ? middle : 0 }];
    }),
  );
  return movable.map((joint) => {
    const { mimic } = joint;
    if (mimic === undefined) return own.get(joint.name)!;
    const position = mimic.multiplier * own.get(mimic.joint)!.position + mimic.offset;
    return { joint, position, isMiddle: false };
  });
}

function guessBase({ urdf, bodies }: RobotDescription): {
  readonly base: 'fixed' | 'floating';
  readonly why: string;
} {
  const root = bodies[0];
  const numBranches = bodies.filter((body) => body.connection?.parent === 0).length;
  if (urdf?.base === 'floating') return { base: 'floating', why: 'a floating joint says so' };
  if (root === undefined || root.mass === 0) {
    return { base: 'fixed', why: 'the root link has no mass' };
  }
  if (root.rootLink === 'world') return { base: 'fixed', why: "the root link is called 'world'" };
  return numBranches > 1
    ? {
        base: 'floating',
        why: `${numBranches} limbs or wheels start at the root; fixed for a hand`,
      }
    : { base: 'fixed', why: 'one chain starts at the root, as of an arm' };
}

function writeHome(home: readonly HomePosition[], lowest: number | undefined): string[] {
  const height = lowest === undefined ? 0 : -lowest;
  const why =
    lowest === undefined
      ? 'REVIEW: nothing of the robot can touch the ground'
      : 'the lowest point that can touch anything is at z = 0';
  const moved = home.filter(({ isMiddle }) => isMiddle);
  return [
    'home:',
    `  position: [0, 0, ${formatNumber(height)}] # ${why}`,
    ...(moved.length === 0
      ? []
      : ['  joints: # REVIEW: 0 lies outside their limits, so the middle']),
    ...moved.map(({ joint, position }) => {
      const range = `${formatNumber(joint.lower)} to ${formatNumber(joint.upper)}`;
      return `    ${quote(joint.name)}: ${position} # ${range}`;
    }),
  ];
}

function writeActuators(motors: readonly Joint[], inertiaOf: (name: string) => number): string[] {
  const { frequency, dampingRatio } = TEMPLATE_SERVO;
  return [
    'actuators:',
    `  # REVIEW: stiffness = I w², damping = 2 z I w, for w = ${frequency} rad/s and z = ${dampingRatio}, where I is the inertia`,
    '  # that the joint moves at home, with all other joints held.',
    ...motors.map((joint) => {
      const inertia = inertiaOf(joint.name);
      const stiffness = inertia * frequency ** 2;
      const damping = 2 * dampingRatio * inertia * frequency;
      const unit = joint.type === 'prismatic' ? 'kg' : 'kg m²';
      const isLimited = Number.isFinite(joint.maxEffort);
      // Half a radian of error saturates a motor of which nothing is known.
      const maxEffort = isLimited ? joint.maxEffort : Number(formatNumber(stiffness / 2));
      const note = isLimited ? '' : '; REVIEW: the URDF has no effort limit';
      return `  - { kind: pd, joints: [${quote(joint.name)}], stiffness: ${formatNumber(stiffness)}, damping: ${formatNumber(damping)}, maxEffort: ${maxEffort} } # I = ${formatNumber(inertia)} ${unit}${note}`;
    }),
  ];
}

function writeSafety(motors: readonly Joint[], positionOf: (name: string) => number): string[] {
  const rates = motors.map(({ name, maxVelocity }) => {
    const isLimited = Number.isFinite(maxVelocity) && maxVelocity > 0;
    return `    ${quote(name)}: ${isLimited ? maxVelocity : 1}${isLimited ? '' : ' # no velocity limit in the URDF'}`;
  });
  const commands = motors.map(({ name }) => `    ${quote(name)}: ${positionOf(name)}`);
  return [
    'safety:',
    '  # REVIEW: the velocity limits of the URDF.',
    '  maxCommandRate:',
    ...rates,
    '  # REVIEW: the positions that calm the robot, and in which it may be left. Here: home.',
    '  damp: &home',
    ...commands,
    '  stop: *home',
    '  motorTimeoutS: 0.1 # REVIEW',
  ];
}

/** Four digits: no URDF knows more of a robot. */
function formatNumber(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** A name as YAML, in quotes unless it can only be a text. */
function quote(name: string): string {
  const isPlain = /^[A-Za-z_][A-Za-z0-9_./-]*$/.test(name);
  const isWord = /^(true|false|yes|no|on|off|null|y|n)$/i.test(name);
  return isPlain && !isWord ? name : JSON.stringify(name);
}
