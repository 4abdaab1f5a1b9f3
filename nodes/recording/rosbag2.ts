import { stringify } from 'yaml';
import type { Qos } from '../ros/port.ts';

/**
 * What rosbag2 wants beside the MCAP format itself: QoS in each channel's metadata, and its own
 * metadata, both inside the file and as metadata.yaml in a bag folder. Written as metadata version
 * 5, which Humble and everything later reads; from version 9 on the QoS policies would be words.
 */
const METADATA_VERSION = 5;

/** Anchors would be valid YAML, but are not what rosbag2 writes. */
const PLAIN = { aliasDuplicateObjects: false };

/** rmw_qos_profile_t: history, reliability, durability and liveliness as the numbers of their enums. */
const KEEP_LAST = 1;
const RELIABILITY = { reliable: 1, best_effort: 2 } as const;
const DURABILITY = { transient_local: 1, volatile: 2 } as const;
const LIVELINESS_AUTOMATIC = 1;
/** RMW_DURATION_INFINITE: 2⁶³ − 1 ns */
const INFINITE = { sec: 9_223_372_036, nsec: 854_775_807 };

/** The text of a channel's `offered_qos_profiles`. */
export function renderQosProfiles(offers: readonly Qos[]): string {
  const profiles = offers.map(({ reliability, durability, depth }) => ({
    history: KEEP_LAST,
    depth,
    reliability: RELIABILITY[reliability],
    durability: DURABILITY[durability],
    deadline: INFINITE,
    lifespan: INFINITE,
    liveliness: LIVELINESS_AUTOMATIC,
    liveliness_lease_duration: INFINITE,
    avoid_ros_namespace_conventions: false,
  }));
  return stringify(profiles, PLAIN);
}

export interface BagSummary {
  /** Name of the MCAP file inside the folder. */
  readonly fileName: string;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly numMessages: bigint;
  readonly topics: readonly {
    readonly topic: string;
    readonly type: string;
    readonly qosProfiles: string;
    readonly numMessages: bigint;
  }[];
}

/** The record named `rosbag2` that a file starts with: without it rosbag2 would guess how QoS is written. */
export function renderEmbeddedMetadata(): string {
  const empty = { fileName: '', startNs: 0n, endNs: 0n, numMessages: 0n, topics: [] };
  const information = { ...makeInformation(empty), relative_file_paths: [], files: [] };
  return stringify(information, PLAIN);
}

/** The text of metadata.yaml. */
export function renderMetadataYaml(summary: BagSummary): string {
  return stringify({ rosbag2_bagfile_information: makeInformation(summary) }, PLAIN);
}

function makeInformation(summary: BagSummary): Record<string, unknown> {
  const duration = { nanoseconds: summary.endNs - summary.startNs };
  const startingTime = { nanoseconds_since_epoch: summary.startNs };
  return {
    version: METADATA_VERSION,
    storage_identifier: 'mcap',
    duration,
    starting_time: startingTime,
    message_count: summary.numMessages,
    topics_with_message_count: summary.topics.map(({ topic, type, qosProfiles, numMessages }) => ({
      topic_metadata: {
        name: topic,
        type,
        serialization_format: 'cdr',
        offered_qos_profiles: qosProfiles,
      },
      message_count: numMessages,
    })),
    // Of the file as a whole, which MCAP's chunks make unnecessary.
    compression_format: '',
    compression_mode: '',
    relative_file_paths: [summary.fileName],
    files: [
      {
        path: summary.fileName,
        starting_time: startingTime,
        duration,
        message_count: summary.numMessages,
      },
    ],
  };
}
