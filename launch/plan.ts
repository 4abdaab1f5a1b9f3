import { readFileSync } from 'node:fs';
import type { PolicyManifest } from '../policies/manifest.ts';
import { readManifest } from '../policies/onnx/read-manifest.ts';
import { loadRobot } from '../sim/robot/load.ts';
import type { RobotModel } from '../sim/robot/model.ts';
import type { CourseConfig } from '../sim/task/course.ts';
import type { StartWriter } from '../sim/world.ts';
import type { StartConfig } from './config.ts';
import { findPolicyFile } from './paths.ts';

/** What the user's input turned into, before any node exists. */
export interface Plan {
  readonly config: StartConfig;
  readonly profile: string;
  readonly model: RobotModel;
  readonly robots: readonly string[];
  readonly policyFile: string;
  readonly policyBytes: Uint8Array;
  readonly manifest: PolicyManifest;
}

/**
 * Reads everything that the configuration names.
 * @throws UserErrors for a robot or policy that cannot be read
 */
export function makePlan(config: StartConfig, profile: string): Plan {
  const policyFile = findPolicyFile(config.policy, 'policy');
  const policyBytes = readFileSync(policyFile);
  return {
    config,
    profile,
    model: loadRobot(config.robot),
    robots: Array.from(
      { length: config.numRobots },
      (_, k) => `${config.namePrefix}${String(k).padStart(2, '0')}`,
    ),
    policyFile,
    policyBytes,
    manifest: readManifest(policyBytes, policyFile),
  };
}

/** What the courses ask for that the policy was not taught; one sentence each. */
export function compareWithTraining({ config, manifest }: Plan): string[] {
  const { speed, yaw } = manifest.commandRanges;
  return config.courses.flatMap((course, k) => {
    const asked = [
      ['speed', course.speed, speed, 'm/s'],
      ['yaw', course.yaw, yaw, 'rad'],
    ] as const;
    return asked.flatMap(([name, value, range, unit]) => {
      if (range === undefined || (value >= range[0] && value <= range[1])) return [];
      return [
        `courses[${k}].${name} is ${value} ${unit}; policy '${manifest.name}' was taught ${range[0]} to ${range[1]} ${unit}`,
      ];
    });
  });
}

/** The course of one robot, begun `phaseStep` laps after its neighbour's. */
export function pickCourse(config: StartConfig, robot: number): CourseConfig {
  const course = config.courses[robot % config.courses.length]!;
  return { ...course, phase: (course.phase + robot * config.phaseStep) % 1 };
}

export function makeStartWriter({ start }: StartConfig): StartWriter {
  return (out, robot, _model, rng) => {
    out.position[3 * robot] = rng.uniform(-start.spread, start.spread);
    out.position[3 * robot + 1] = rng.uniform(-start.spread, start.spread);
    if (start.height !== undefined) out.position[3 * robot + 2] = start.height;
  };
}
