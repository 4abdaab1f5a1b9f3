import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { ENGINE_NAMES, type EngineName } from '../../sim/engine/engine.ts';
import { computeTotalMass, type RobotModel } from '../../sim/robot/model.ts';
import { openRobot } from '../../sim/robot/open.ts';
import { ROBOT_NOTES } from './explanations.ts';
import { advanceUntil, computeDrift, copyStance, makeHomeCommand } from './legged.ts';
import { format } from './report.ts';
import type { Table } from './results.ts';
import { withWorld } from './worlds.ts';

const LIST_FILE = fileURLToPath(new URL('./real-robots.yaml', import.meta.url));

const RealRobot = z.strictObject({
  name: z.string(),
  /** owner/name on GitHub */
  repository: z.string(),
  commit: z.string().regex(/^[0-9a-f]{40}$/),
  /** Folder of the clone inside the directory that is given. */
  folder: z.string(),
  /** Of the .urdf or .xacro file, inside the clone. */
  path: z.string(),
  /** Folders to look for ROS packages in, relative to the directory that is given. */
  packagePaths: z.array(z.string()).default([]),
  xacroArguments: z.record(z.string(), z.string()).default({}),
  /** Part of the message with which a description that cannot be true has to be refused. */
  refusedFor: z.string().optional(),
});
type RealRobot = z.infer<typeof RealRobot>;

const SETTLE_S = 2;
const TO_S = 10;
/** [mm], [°], [mm] between settling and the end */
const BOUNDS = { drift: 5, turn: 0.5, depth: 2 } as const;
/** [rad/s] or [m/s] that no joint of a standing robot reaches */
const JOINT_SPEED = 50;

/** Robots that are kept elsewhere; nothing of them is part of this project but a robot.yaml of ours. */
export function listRealRobots(): readonly RealRobot[] {
  return z.array(RealRobot).parse(parse(readFileSync(LIST_FILE, 'utf8')));
}

/** The robot.yaml that we wrote for a robot. */
export function getConfigFile(robot: RealRobot): string {
  return fileURLToPath(new URL(`./robots/${robot.name}.yaml`, import.meta.url));
}

interface Outcome {
  readonly cells: string[];
  readonly passes: boolean;
}

async function stand(model: RobotModel, engine: EngineName): Promise<Outcome> {
  const { rateHz, solver } = model.physics;
  const setup = { engine, timestepS: 1 / rateHz, solver };
  return await withWorld(model, setup, {}, (open) => {
    const { world, engine: physics } = open;
    const command =
      model.commandKind === 'position'
        ? makeHomeCommand(model)
        : new Float64Array(model.actuatedJointNames.length);
    world.setCommand(0, command);
    let fastest = 0;
    const watch = () => {
      for (const speed of world.truth.jointVelocity) {
        if (!(Math.abs(speed) <= fastest)) fastest = Math.abs(speed);
      }
    };
    advanceUntil(open, SETTLE_S, () => {}, watch);
    const start = copyStance(world.truth);
    const worst = { metres: 0, degrees: 0, joint: 0, depth: 0 };
    const larger = (a: number, b: number) => (b <= a ? a : b);
    advanceUntil(
      open,
      TO_S,
      () => {},
      () => {
        watch();
        const now = copyStance(world.truth);
        const drift = computeDrift(start, now);
        worst.metres = larger(worst.metres, drift.metres);
        worst.degrees = larger(worst.degrees, drift.degrees);
        for (const [j, angle] of now.jointPosition.entries()) {
          const moved = Math.abs(angle - start.jointPosition[j]!);
          worst.joint = larger(worst.joint, (180 / Math.PI) * moved);
        }
        worst.depth = larger(worst.depth, physics.computePenetration(0));
      },
    );
    const passes =
      1000 * worst.metres <= BOUNDS.drift &&
      worst.degrees <= BOUNDS.turn &&
      worst.joint <= BOUNDS.turn &&
      1000 * worst.depth <= BOUNDS.depth &&
      fastest <= JOINT_SPEED;
    return {
      cells: [
        format(1000 * worst.metres),
        format(worst.degrees),
        format(worst.joint),
        format(1000 * worst.depth),
        format(fastest),
      ],
      passes,
    };
  });
}

async function tryRobot(
  robot: RealRobot,
  directory: string,
): Promise<readonly (Outcome & { engine: string; model: string })[]> {
  const path = join(directory, robot.folder, robot.path);
  const fail = (engine: string, cause: unknown) => {
    const message = cause instanceof Error ? cause.message : String(cause);
    const short = message.replaceAll(directory, 'DIR').slice(0, 300);
    const passes = robot.refusedFor !== undefined && message.includes(robot.refusedFor);
    const text = passes ? `refused, as it should be: ${short}` : short;
    return { engine, model: '', cells: [text, '', '', '', ''], passes };
  };
  if (!existsSync(path))
    return [fail('', new Error(`${path} is not there; clone ${robot.repository}`))];
  let model: RobotModel;
  try {
    model = await openRobot(path, {
      config: getConfigFile(robot),
      packagePaths: robot.packagePaths.map((folder) => join(directory, folder)),
      xacroArguments: robot.xacroArguments,
      meshes: 'collision',
    });
  } catch (cause) {
    return [fail('', cause)];
  }
  if (robot.refusedFor !== undefined) {
    return [fail('', new Error(`it was not refused for '${robot.refusedFor}'`))].map((row) => ({
      ...row,
      passes: false,
    }));
  }
  const shapes = model.links.reduce((sum, link) => sum + link.collisions.length, 0);
  const described = `${model.jointNames.length} joints, ${format(computeTotalMass(model))} kg, ${shapes} shapes`;
  const outcomes = [];
  for (const engine of ENGINE_NAMES) {
    try {
      outcomes.push({ engine, model: described, ...(await stand(model, engine)) });
    } catch (cause) {
      outcomes.push({ ...fail(engine, cause), model: described });
    }
  }
  return outcomes;
}

/** Loads every listed robot from its clone and lets it stand. */
export async function runRealRobots(
  directory: string,
  only: string | undefined,
  onProgress: (line: string) => void,
): Promise<Table> {
  const rows: string[][] = [];
  const passes: boolean[] = [];
  for (const robot of listRealRobots()) {
    if (only !== undefined && robot.name !== only) continue;
    const source = `${robot.repository}@${robot.commit.slice(0, 7)} ${robot.path}`;
    for (const outcome of await tryRobot(robot, directory)) {
      rows.push([robot.name, source, outcome.model, outcome.engine, ...outcome.cells]);
      passes.push(outcome.passes);
      onProgress(`  ${rows.at(-1)!.join(' | ')}: ${outcome.passes ? 'ok' : 'MISS'}`);
    }
  }
  return {
    command: 'npm run fidelity -- --robots DIR',
    shows:
      'Each robot is read from the files of its maker, unchanged, with a robot.yaml of ours (`test/fidelity/robots`), and stands ' +
      `on its home pose for ${TO_S} s; movements count from ${SETTLE_S} s on. Bounds: ${BOUNDS.drift} mm and ${BOUNDS.turn}° of the base, ${BOUNDS.turn}° of any joint, ${BOUNDS.depth} mm deep, ${JOINT_SPEED} rad/s.`,
    columns: [
      'robot',
      'source',
      'read as',
      'engine',
      'drift mm',
      'turn °',
      'worst joint °',
      'deepest mm',
      'fastest joint rad/s',
    ],
    rows,
    passes,
    notes: [...ROBOT_NOTES],
  };
}
