import type { PlayerNode } from '../../nodes/player-node.ts';
import type { Recording } from '../../nodes/recording/mcap-reader.ts';
import { TOPICS } from '../../nodes/topics.ts';
import { throwIfAny, UserError } from '../../sim/errors.ts';

/** @throws UserError for a recording of which nothing can be played, and why */
export function assertPlayable({ path, channels, numMessages, cut, profile }: Recording): void {
  const fail = (problem: string, got: string, remedy: string) =>
    new UserError({ where: path, problem, expected: 'CDR messages of ROS 2', got, remedy });
  if (cut !== undefined && /unsupported compression/i.test(cut.reason)) {
    const remedy = 'Write it anew: mcap compress --compression zstd IN.mcap -o OUT.mcap';
    throw fail('is compressed in a way that MCAP readers do not know', cut.reason, remedy);
  }
  if (numMessages === 0) {
    const remedy = 'Nothing was recorded; `zerogap inspect` says what is in it.';
    throw fail('has no message', cut?.reason ?? '0 messages', remedy);
  }
  if (channels.some(({ encoding }) => encoding === 'cdr')) return;
  const encodings = [...new Set(channels.map(({ encoding }) => encoding || 'none'))].join(', ');
  throw fail(
    'is an MCAP file, but none of ROS 2',
    `messages in ${encodings}, profile '${profile}'`,
    encodings.includes('ros1')
      ? 'Convert it: rosbags-convert --src IN.bag --dst OUT.mcap'
      : 'Open it with the program that wrote it, or in Foxglove.',
  );
}

/**
 * @param startS [s] what is skipped of the beginning
 * @throws UserError if there is nothing to play: none was chosen, or none can be published here, or all is skipped
 */
export function assertSomethingPlays(
  { topics, skipped, lengthS }: PlayerNode,
  recording: Recording,
  startS = 0,
): void {
  if (startS > lengthS) {
    throw new UserError({
      where: '--start',
      problem: 'is behind the end of the recording',
      expected: `at most ${lengthS.toFixed(2)} s`,
      got: `${startS} s`,
      remedy: 'Give an earlier one.',
    });
  }
  if (topics.length > 0) return;
  const names = recording.topics.map(({ topic }) => topic).join(', ');
  const [first] = skipped;
  throw new UserError({
    where: recording.path,
    problem: 'none of its topics can be played',
    expected: first === undefined ? `some of ${names}` : 'topics of types that are known here',
    got: first === undefined ? 'none of those' : `${first.topic} (${first.type}): ${first.reason}`,
    remedy: first === undefined ? 'Correct --topics.' : 'Install the package of their types.',
  });
}

/**
 * What moved a robot when it was recorded would move one that listens on the same graph now: recorded topics of that kind
 * which nobody has named.
 * @param named as --topics gives them
 */
export function listMotorTopics(
  recording: Pick<Recording, 'topics'>,
  named: readonly string[],
): readonly string[] {
  const { jointCommand, policyCommand, baseCommand } = TOPICS;
  const endings = [jointCommand, policyCommand, baseCommand].map(({ name }) => `/${name}`);
  return recording.topics
    .map(({ topic }) => topic)
    .filter((topic) => endings.some((ending) => topic.endsWith(ending)))
    .filter((topic) => !named.includes(topic));
}

/** `from:=to` of the command line. @throws UserErrors */
export function parseRemaps(given: readonly string[]): Readonly<Record<string, string>> {
  const pairs = given.map((text) => ({ text, match: /^([^:=\s]+):=([^:=\s]+)$/.exec(text) }));
  throwIfAny(
    pairs
      .filter(({ match }) => match === null)
      .map(
        ({ text }) =>
          new UserError({
            where: '--remap',
            problem: 'is no remapping',
            expected: 'from:=to, such as /odom:=/robot00/odom',
            got: `'${text}'`,
            remedy: 'Correct it.',
          }),
      ),
  );
  return Object.fromEntries(pairs.map(({ match }) => [match![1]!, match![2]!]));
}
