import type { Recording } from '../../nodes/recording/mcap-reader.ts';
import { EPISODE_SCHEMA } from '../../sim/episode/record.ts';
import type { InspectReport } from './report.ts';

/** Before what stays for a whole episode was kept once. */
const OLDER_SCHEMA = 'zerogap.episode/1';

/** Whether an MCAP file is an episode of a dataset: it says so, and its messages are JSON. */
export function isEpisode({ metadata }: Recording): boolean {
  const schema = metadata.episode?.schema;
  return schema === EPISODE_SCHEMA || schema === OLDER_SCHEMA;
}

/** `zerogap inspect` of an episode of a dataset: what it says of itself, and whether all its frames are there. */
export async function inspectEpisode(recording: Recording): Promise<InspectReport> {
  const { path, size, cut, topics } = recording;
  const about = recording.metadata.episode ?? {};
  const frames = Number(about.steps);
  const problems: string[] = [];
  // Episodes get their names when they are complete.
  if (cut !== undefined) problems.push(`reading ended at byte ${cut.atByte}: ${cut.reason}`);
  for (const { topic, numMessages } of topics) {
    // Of what is seen there is one more, after the last step.
    if (numMessages === frames || (numMessages === frames + 1 && SEEN.test(topic))) continue;
    problems.push(`${topic} has ${numMessages} messages, and the episode ${frames} frames`);
  }
  problems.push(...(await findUnreadable(recording)));
  return {
    kind: 'episode',
    ok: problems.length === 0,
    problems,
    warnings: [],
    details: { path, size, frames, topics, episode: about },
    lines: [
      `episode  ${path} (${size} bytes)`,
      ...describe(about).map(([name, value]) => `  ${name.padEnd(10)} ${value}`),
      ...topics.map(({ topic, numMessages }) => `  ${String(numMessages).padStart(8)}  ${topic}`),
    ],
  };
}

const SEEN = /^\/(observation|critic|pose|goal\/)/;

async function findUnreadable(recording: Recording): Promise<readonly string[]> {
  const counts = new Map<string, number>();
  const decoder = new TextDecoder();
  for await (const { topic, bytes } of recording.messages()) {
    try {
      JSON.parse(decoder.decode(bytes));
    } catch {
      counts.set(topic, (counts.get(topic) ?? 0) + 1);
    }
  }
  return [...counts].map(([topic, count]) => `${topic}: ${count} messages are no JSON`);
}

function describe(about: Readonly<Record<string, string>>): (readonly [string, string])[] {
  const { task, robot, policy, engine, index, seed, steps, lengthS, end, reason, success } = about;
  return [
    ['task', `${task} by ${policy}, ${robot} in ${engine}`],
    ['episode', `${index} of its dataset, seed ${seed}, environment ${about.env}`],
    ['frames', `${steps}, ${lengthS} s`],
    ['reward', `${about.return} altogether`],
    ['end', `${end}: ${reason}, ${success === 'true' ? 'a success' : 'no success'}`],
    ['digest', `${about.digest}`],
  ];
}
