import pc from 'picocolors';
import { z } from 'zod';
import type { Recording } from '../../nodes/recording/mcap-reader.ts';
import type { RosContext } from '../../nodes/ros/port.ts';
import { makeViewerNode, type ViewerNode, type ViewerOptions } from '../../nodes/viewer-node.ts';
import { UserError } from '../../sim/errors.ts';
import { listOrigins } from '../plan-nodes.ts';
import { readRecordedRobot } from '../recorded-robot.ts';
import { readSceneRecord } from '../scene-record.ts';

const RunRecord = z.object({
  robots: z.string().transform((text) => z.array(z.string()).parse(JSON.parse(text))),
  mapFromOdom: z.string().transform((text) => z.array(z.number()).parse(JSON.parse(text))),
  profile: z.string(),
  policy: z.string(),
  seed: z.string(),
  scene: z.string().optional(),
});

/** What differs from recording to recording. */
export type Shown = Pick<ViewerOptions, 'model' | 'scene' | 'robots' | 'mapFromOdom' | 'runInfo'>;

export interface PageOptions {
  readonly host?: string;
  readonly port?: number;
}

export async function openPage(
  context: RosContext,
  shown: Shown,
  options: PageOptions,
): Promise<ViewerNode> {
  return makeViewerNode(context, {
    ...shown,
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 8080,
    frameRateHz: 30,
    actions: [],
    node: { parameters: { use_sim_time: true } },
  });
}

/** Whether a recording says which robots it shows, as those of `zerogap start` do. */
export function saysWhatItShows({ metadata }: Recording): boolean {
  return RunRecord.safeParse(metadata.zerogap).success;
}

/** What the page shows of a recording of `zerogap start`. @throws UserError for one that does not say */
export async function describeRun(
  recording: Recording,
  print: (text: string) => void,
): Promise<Shown> {
  const record = RunRecord.safeParse(recording.metadata.zerogap);
  if (!record.success) {
    throw new UserError({
      where: recording.path,
      problem: 'does not say which robots it shows',
      expected: "a metadata record 'zerogap', as `zerogap start` writes",
      got: Object.keys(recording.metadata).join(', ') || 'no metadata',
      remedy:
        'Play it to other nodes (--ros), without the page (--headless), or open it in another MCAP viewer.',
    });
  }
  const { robots, mapFromOdom, profile, policy, seed } = record.data;
  const { scene, problem } = readSceneRecord(record.data.scene);
  if (problem !== undefined) print(`${pc.yellow('terrain not shown:')} ${problem}`);
  return {
    model: await readRecordedRobot(recording),
    scene,
    robots,
    mapFromOdom: listOrigins(mapFromOdom),
    runInfo: { replay: recording.path, profile, policy, seed },
  };
}
