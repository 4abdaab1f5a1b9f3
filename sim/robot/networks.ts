import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { UserError } from '../errors.ts';
import { type DenseLayer, readDenseLayers } from '../onnx/dense-layers.ts';

/** The learned actuators that a robot.yaml names. */
export interface NetworkFiles {
  /** By the file's path as written in robot.yaml. */
  readonly layers: ReadonlyMap<string, readonly DenseLayer[]>;
  /** In the order of robot.yaml, for provenance. */
  readonly bytes: readonly Uint8Array[];
}

/**
 * Reads the networks of a robot's actuators.
 * @param yamlPath where robot.yaml lies; the files' paths are relative to it
 * @throws UserError for a file that is missing or no plain network
 */
export function readNetworkFiles(yaml: string, yamlPath: string): NetworkFiles {
  const files = [...new Set(listNetworkFiles(yaml))];
  const bytes = files.map((file) => readBytes(join(dirname(yamlPath), file), yamlPath));
  const layers = files.map((file, i) => [file, readDenseLayers(bytes[i]!, file)] as const);
  return { layers: new Map(layers), bytes };
}

/** `actuators[…].network.file`, as far as the text has it: what is wrong with the rest is for the schema to say. */
function listNetworkFiles(yaml: string): string[] {
  const actuators = getField(parseLeniently(yaml), 'actuators');
  if (!Array.isArray(actuators)) return [];
  return actuators.flatMap((group: unknown) => {
    const file = getField(getField(group, 'network'), 'file');
    return typeof file === 'string' && file !== '' ? [file] : [];
  });
}

function parseLeniently(yaml: string): unknown {
  try {
    return parse(yaml);
  } catch {
    return undefined;
  }
}

function getField(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}

function readBytes(path: string, yamlPath: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new UserError({
      where: `${yamlPath}: actuators[…].network.file`,
      problem: 'the network cannot be read',
      expected: `an ONNX file at ${path}`,
      got: cause instanceof Error ? cause.message : String(cause),
      remedy: 'Give its path relative to robot.yaml.',
      cause,
    });
  }
}
