import type { RecordedMessage, RecordedTopic, Recording } from './mcap-reader.ts';

/**
 * Several files as the one recording that was split into them. Of metadata with one name the last counts.
 * @param path the folder
 */
export function joinRecordings(path: string, parts: readonly Recording[]): Recording {
  const cut = parts.find((part) => part.cut !== undefined)?.cut;
  const begun = parts.filter(({ startNs }) => startNs !== undefined);
  const startNs = begun.map((part) => part.startNs!).reduce(min, begun[0]?.startNs ?? 0n);
  const endNs = begun.map((part) => part.endNs!).reduce(max, begun[0]?.endNs ?? 0n);
  return {
    path,
    size: parts.reduce((sum, { size }) => sum + size, 0),
    isComplete: cut === undefined,
    ...(cut !== undefined && { cut }),
    profile: parts[0]?.profile ?? '',
    topics: joinTopics(parts),
    channels: parts.flatMap(({ channels }) => channels),
    numMessages: parts.reduce((sum, { numMessages }) => sum + numMessages, 0),
    ...(begun.length > 0 && { startNs, endNs }),
    metadata: Object.assign({}, ...parts.map(({ metadata }) => metadata)),
    attachments: parts.flatMap(({ attachments }) => attachments),
    messages: () => merge(begun),
  };
}

function joinTopics(parts: readonly Recording[]): RecordedTopic[] {
  const topics = new Map<string, RecordedTopic>();
  for (const { topic, type, numMessages } of parts.flatMap((part) => part.topics)) {
    const before = topics.get(topic)?.numMessages ?? 0;
    topics.set(topic, { topic, type, numMessages: before + numMessages });
  }
  return [...topics.values()].sort((a, b) => (a.topic < b.topic ? -1 : 1));
}

/** In order of log time. A file is opened when its time has come, so that thousands need no thousand handles. */
async function* merge(parts: readonly Recording[]): AsyncGenerator<RecordedMessage, void, void> {
  const waiting = parts.toSorted((a, b) => compare(a.startNs!, b.startNs!));
  const open: { head: RecordedMessage; rest: AsyncGenerator<RecordedMessage, void, void> }[] = [];
  while (waiting.length + open.length > 0) {
    const next = open.reduce<bigint | undefined>((least, { head }) => {
      return least === undefined || head.logTimeNs < least ? head.logTimeNs : least;
    }, undefined);
    if (waiting[0] !== undefined && (next === undefined || waiting[0].startNs! <= next)) {
      const rest = waiting.shift()!.messages();
      const first = await rest.next();
      if (first.done !== true) open.push({ head: first.value, rest });
      continue;
    }
    // Of equal times, the earlier file's first.
    const from = open.find(({ head }) => head.logTimeNs === next)!;
    yield from.head;
    const step = await from.rest.next();
    if (step.done === true) open.splice(open.indexOf(from), 1);
    else from.head = step.value;
  }
}

const compare = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0);
const min = (a: bigint, b: bigint) => (b < a ? b : a);
const max = (a: bigint, b: bigint) => (b > a ? b : a);
