import { z } from 'zod';
import type { Recording } from '../nodes/recording/mcap-reader.ts';
import { UserError } from '../sim/errors.ts';
import { findRobotFiles } from '../sim/robot/load.ts';
import type { RobotModel } from '../sim/robot/model.ts';
import { collectMeshes, readMeshes } from '../sim/robot/open.ts';
import { parseRobot } from '../sim/robot/parse.ts';

/** What a recorded configuration says of where the robot came from. */
const Origin = z.object({ robot: z.string(), packagePaths: z.array(z.string()).default([]) });

/**
 * The robot as it was at the time of the recording, not as it is described today. Meshes are no part of a recording:
 * they are read from where they were then; those that are not there any more are absent.
 * @throws UserError, or UserErrors, for a recording whose robot cannot be read
 */
export async function readRecordedRobot(
  recording: Pick<Recording, 'path' | 'attachments' | 'metadata'>,
): Promise<RobotModel> {
  const read = (name: string) => {
    const attachment = recording.attachments.find((entry) => entry.name === name);
    return attachment === undefined ? '' : new TextDecoder().decode(attachment.data);
  };
  const where = (name: string) => `${recording.path}, attachment ${name}`;
  const model = parseRobot({
    urdf: read('robot.urdf'),
    yaml: read('robot.yaml'),
    where: { urdf: where('robot.urdf'), yaml: where('robot.yaml') },
    sha256: '0'.repeat(64),
  });
  const origin = Origin.safeParse(parseJson(recording.metadata.zerogap?.config));
  if (!origin.success) return model;
  const { robot, packagePaths } = origin.data;
  const meshes = await readMeshes(model.links, findDescription(robot), { packagePaths });
  return { ...model, meshes: collectMeshes(meshes) };
}

/** Where the description lay, whether or not it is still there: meshes are looked for from there. */
function findDescription(robot: string): string {
  try {
    return findRobotFiles(robot).urdf;
  } catch (error) {
    if (error instanceof UserError) return robot;
    throw error;
  }
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
