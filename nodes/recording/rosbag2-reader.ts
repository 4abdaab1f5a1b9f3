import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { UserError } from '../../sim/errors.ts';
import type { Qos } from '../ros/port.ts';

/** rmw_qos_profile_t: policies are numbers up to version 8 of the metadata, words from 9 on. */
const BEST_EFFORT: readonly unknown[] = [2, 'best_effort'];
const TRANSIENT_LOCAL: readonly unknown[] = [1, 'transient_local'];
const KEEP_ALL: readonly unknown[] = [2, 'keep_all'];
/** [1] what stands for a queue without an end */
const KEEP_ALL_DEPTH = 1000;

const Policy = z.union([z.number(), z.string()]);
const Profiles = z.array(
  z.object({
    history: Policy,
    depth: z.number().int().min(0),
    reliability: Policy,
    durability: Policy,
  }),
);

/**
 * What a topic's publishers offered, from a channel's `offered_qos_profiles`. A depth that the middleware did not tell
 * is 1 where late joiners are served, else 10. Empty for a text that says nothing that could be read.
 */
export function parseQosProfiles(text: string): readonly Qos[] {
  const profiles = Profiles.safeParse(parseQuietly(text));
  if (!profiles.success) return [];
  return profiles.data.map(({ history, depth, reliability, durability }) => {
    const isLatched = TRANSIENT_LOCAL.includes(durability);
    const told = KEEP_ALL.includes(history) ? KEEP_ALL_DEPTH : depth;
    return {
      // What is unknown, or left to the system, is reliable by default.
      reliability: BEST_EFFORT.includes(reliability) ? 'best_effort' : 'reliable',
      durability: isLatched ? 'transient_local' : 'volatile',
      depth: told > 0 ? told : isLatched ? 1 : 10,
    };
  });
}

const Information = z.object({
  rosbag2_bagfile_information: z.object({
    storage_identifier: z.string(),
    relative_file_paths: z.array(z.string()),
    compression_mode: z.string().default(''),
    compression_format: z.string().default(''),
  }),
});

/**
 * The MCAP files of a bag folder, in the order in which they were written. Without a metadata.yaml, whose last
 * minute a crash may have cost, all that lie there in the order of the numbers in their names.
 * @throws UserError for bags of another kind, or compressed as a whole or message by message
 */
export function listBagFiles(folder: string): readonly string[] {
  const names = readdirSync(folder);
  const found = names
    .filter((name) => name.endsWith('.mcap'))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  if (!names.includes('metadata.yaml')) {
    if (found.length > 0) return found.map((name) => path.join(folder, name));
    throw refuse(folder, `0 .mcap files among ${names.length} names`);
  }
  const file = path.join(folder, 'metadata.yaml');
  const parsed = Information.safeParse(parseQuietly(readFileSync(file, 'utf8')));
  if (!parsed.success) throw refuse(file, z.prettifyError(parsed.error));
  const bag = parsed.data.rosbag2_bagfile_information;
  if (bag.storage_identifier !== 'mcap') throw refuse(file, `storage ${bag.storage_identifier}`);
  if (bag.compression_mode !== '' && !/^none$/i.test(bag.compression_mode)) {
    throw refuse(file, `${bag.compression_format} of ${bag.compression_mode.toLowerCase()}s`);
  }
  // Older bags name their files from the folder above.
  return bag.relative_file_paths.map((name) =>
    path.join(folder, names.includes(name) ? name : path.basename(name)),
  );
}

function refuse(where: string, got: string): UserError {
  return new UserError({
    where: `recording ${where}`,
    problem: 'this is no bag that can be read',
    expected: 'MCAP files, compressed in chunks or not at all',
    got,
    remedy:
      'Have rosbag2 write it anew: ros2 bag convert -i FOLDER -o out.yaml, with storage_id: mcap and no compression_mode.',
  });
}

function parseQuietly(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
