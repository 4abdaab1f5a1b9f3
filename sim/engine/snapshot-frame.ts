import { UserError } from '../errors.ts';
import type { EngineConfig, EngineName } from './engine.ts';

/** 'ZGS1', the first layout of this frame. */
const MAGIC = 0x5a475331;
/** Magic number, bytes of the label, bytes of the payload, checksum of both. */
const HEADER_BYTES = 16;
/** Payloads begin on whole numbers of 64 bits. */
const ALIGNMENT = 8;

/** What of a world must be the same for a snapshot to fit. */
export interface SnapshotLabel {
  readonly engine: string;
  readonly robot: string;
  /** Checksum of its links, joints and files. */
  readonly description: number;
  readonly numRobots: number;
  readonly timestepS: number;
  /** Checksum of gravity, solver and scene. */
  readonly surroundings: number;
}

export function makeSnapshotLabel(engine: EngineName, config: EngineConfig): SnapshotLabel {
  const { model, numRobots, timestepS, gravityW, solver, scene } = config;
  const heights = scene.ground?.kind === 'height_field' ? scene.ground.heights : undefined;
  const ground = heights === undefined ? scene.ground : { ...scene.ground, heights: [] };
  const plain = JSON.stringify([gravityW, solver[engine], ground, scene.objects]);
  return {
    engine,
    robot: model.name,
    description: sumText(
      JSON.stringify([model.sha256, model.base, model.links, model.joints, model.selfCollision]),
    ),
    numRobots,
    timestepS,
    surroundings: heights === undefined ? sumText(plain) : sum(viewBytes(heights), sumText(plain)),
  };
}

/** The parts, one after another, behind a header that says what they are of and how long they are. */
export function packFrame(label: SnapshotLabel, parts: readonly Uint8Array[]): Uint8Array {
  const text = encodeLabel(label);
  const payloadBytes = parts.reduce((total, part) => total + part.byteLength, 0);
  const out = new Uint8Array(HEADER_BYTES + text.byteLength + payloadBytes);
  let at = HEADER_BYTES;
  for (const part of [text, ...parts]) {
    out.set(part, at);
    at += part.byteLength;
  }
  new Uint32Array(out.buffer, 0, 4).set([
    MAGIC,
    text.byteLength,
    payloadBytes,
    sum(out.subarray(HEADER_BYTES)),
  ]);
  return out;
}

/**
 * The payload of {@link packFrame}, a copy.
 * @throws UserError for what is no snapshot, one that is cut short or damaged, or one of another robot or world
 */
export function openFrame(label: SnapshotLabel, snapshot: Uint8Array): Uint8Array {
  const bytes = snapshot.slice();
  const [magic, textBytes = 0, payloadBytes = 0, checksum] =
    bytes.byteLength < HEADER_BYTES ? [] : new Uint32Array(bytes.buffer, 0, 4);
  if (magic !== MAGIC) {
    throw refuse('this is no snapshot', 'one that an engine made', `${bytes.byteLength} bytes`);
  }
  const total = HEADER_BYTES + textBytes + payloadBytes;
  if (bytes.byteLength !== total) {
    const problem =
      bytes.byteLength < total ? 'the snapshot is cut short' : 'the snapshot is too long';
    throw refuse(problem, `${total} bytes`, `${bytes.byteLength}`);
  }
  if (sum(bytes.subarray(HEADER_BYTES)) !== checksum) {
    throw refuse('the snapshot is damaged', 'the bytes that were written', 'others');
  }
  const text = bytes.subarray(HEADER_BYTES, HEADER_BYTES + textBytes);
  const found = JSON.parse(new TextDecoder().decode(text)) as SnapshotLabel;
  const differing = (Object.keys(label) as (keyof SnapshotLabel)[]).filter(
    (key) => label[key] !== found[key],
  );
  if (differing.length > 0) {
    const describe = (of: SnapshotLabel) => differing.map((key) => WORDS[key](of)).join(', ');
    throw refuse('the snapshot is of another world', describe(label), describe(found));
  }
  return bytes.slice(HEADER_BYTES + textBytes);
}

/** @throws UserError where an engine cannot read what it wrote itself, for the two are of different versions */
export function refuseContent(engine: EngineName, got: string): UserError {
  return refuse('the snapshot does not fit', `what this version of ${engine} writes`, got);
}

const WORDS: Readonly<Record<keyof SnapshotLabel, (label: SnapshotLabel) => string>> = {
  engine: ({ engine }) => `engine ${engine}`,
  robot: ({ robot }) => `robot '${robot}'`,
  description: ({ description }) => `description ${description.toString(16)}`,
  numRobots: ({ numRobots }) => `${numRobots} robots`,
  timestepS: ({ timestepS }) => `steps of ${timestepS} s`,
  surroundings: ({ surroundings }) => `gravity, solver and scene ${surroundings.toString(16)}`,
};

function refuse(problem: string, expected: string, got: string): UserError {
  return new UserError({
    ...{ where: 'restore', problem, expected, got },
    remedy: 'Restore what the same robots in the same world wrote, whole and unchanged.',
  });
}

/** JSON, filled up with blanks. */
function encodeLabel(label: SnapshotLabel): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(label));
  const out = new Uint8Array(Math.ceil(text.byteLength / ALIGNMENT) * ALIGNMENT).fill(0x20);
  out.set(text);
  return out;
}

function sumText(text: string): number {
  return sum(new TextEncoder().encode(text));
}

/** FNV-1a over 32-bit words, then over the bytes that are left: finds accidents, not intent. */
function sum(bytes: Uint8Array, start = 0x811c9dc5): number {
  const PRIME = 0x01000193;
  const whole = bytes.byteLength - (bytes.byteLength % 4);
  // A view needs an offset that four divides.
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, whole / 4);
  let hash = start;
  for (let k = 0; k < words.length; k++) hash = Math.imul(hash ^ words[k]!, PRIME);
  for (let k = whole; k < bytes.byteLength; k++) hash = Math.imul(hash ^ bytes[k]!, PRIME);
  return hash >>> 0;
}

export function viewBytes(
  array: Float64Array | Float32Array | Uint32Array | Uint8Array,
): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
