import { writeFileSync } from 'node:fs';
import { McapWriter, TempBuffer } from '@mcap/core';
import { renderQosProfiles } from '../../nodes/recording/rosbag2.ts';
import { getSchemaText, isKnownType } from '../../nodes/ros/definitions.ts';
import type { Qos } from '../../nodes/ros/port.ts';

/** A topic of a recording that somebody else's recorder wrote. */
export interface BagTopic {
  readonly topic: string;
  readonly type: string;
  /** `cdr` unless given. */
  readonly encoding?: string;
  /** `ros2msg` unless given. */
  readonly schemaEncoding?: string;
  /** That of the box unless given. */
  readonly schema?: string;
  /** Absent: the file does not tell. */
  readonly offers?: readonly Qos[] | string;
  /** [s] of log time, and bytes */
  readonly messages: readonly (readonly [atS: number, bytes: Uint8Array])[];
}

/** Writes an MCAP file by the reference library, messages in the order of their times. */
export async function writeBag(file: string, topics: readonly BagTopic[]): Promise<void> {
  const buffer = new TempBuffer();
  const writer = new McapWriter({ writable: buffer });
  await writer.start({ profile: 'ros2', library: 'test' });
  const all: { channelId: number; atS: number; bytes: Uint8Array }[] = [];
  for (const { topic, type, messages, ...given } of topics) {
    const text = given.schema ?? (isKnownType(type) ? getSchemaText(type) : '');
    const schemaId = await writer.registerSchema({
      name: type,
      encoding: given.schemaEncoding ?? 'ros2msg',
      data: new TextEncoder().encode(text),
    });
    const { offers } = given;
    const profiles = typeof offers === 'object' ? renderQosProfiles(offers) : offers;
    const channelId = await writer.registerChannel({
      ...{ schemaId, topic, messageEncoding: given.encoding ?? 'cdr' },
      metadata: new Map(profiles === undefined ? [] : [['offered_qos_profiles', profiles]]),
    });
    all.push(...messages.map(([atS, bytes]) => ({ channelId, atS, bytes })));
  }
  all.sort((a, b) => a.atS - b.atS);
  for (const [sequence, { channelId, atS, bytes }] of all.entries()) {
    const timeNs = BigInt(Math.round(atS * 1e9));
    await writer.addMessage({
      ...{ channelId, sequence, data: bytes },
      ...{ logTime: timeNs, publishTime: timeNs },
    });
  }
  await writer.end();
  writeFileSync(file, buffer.get());
}
