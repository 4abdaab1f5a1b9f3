import * as z from 'zod/mini';
import {
  type ClientMessage,
  EventSchema,
  type Frame,
  type Path,
  PROTOCOL_VERSION,
  type ProtocolError,
  ReplySchema,
  RequestSchema,
  type ScanPoints,
  type ServerMessage,
  SubscribeSchema,
  TrainingSchema,
  WelcomeSchema,
} from './protocol.ts';

/*
 * Messages ↔ bytes. Layout: web-viewer/README.md. All numbers are little endian.
 */

/** First byte of each message: high nibble 0xA marks ours, low nibble is the version. */
const MAGIC = 0xa0 | PROTOCOL_VERSION;
const HEADER_BYTES = 4;
const FRAME_HEADER_BYTES = 24;
const PATH_HEADER_BYTES = 8;
const POINTS_HEADER_BYTES = 12;

const TYPE_CODES = {
  welcome: 1,
  frame: 2,
  path: 3,
  event: 4,
  reply: 5,
  pong: 6,
  points: 7,
  training: 8,
  request: 16,
  subscribe: 17,
  ping: 18,
} as const;

/** Writes the number of lost frames into an encoded frame, in place. */
export function writeDropped(frame: Uint8Array, dropped: number): void {
  new DataView(frame.buffer, frame.byteOffset).setUint32(16, dropped, true);
}

export function encodeServerMessage(message: ServerMessage): Uint8Array<ArrayBuffer> {
  switch (message.type) {
    case 'welcome':
      return encodeJson('welcome', message.welcome);
    case 'event':
      return encodeJson('event', message.event);
    case 'training':
      return encodeJson('training', message.training);
    case 'reply':
      return encodeJson('reply', message.reply);
    case 'pong':
      return encodeTime('pong', message.clientMs);
    case 'frame':
      return encodeFrame(message.frame);
    case 'path':
      return encodePath(message.path);
    case 'points':
      return encodePoints(message.scan);
  }
}

export function encodeClientMessage(message: ClientMessage): Uint8Array<ArrayBuffer> {
  switch (message.type) {
    case 'request':
      return encodeJson('request', message.request);
    case 'subscribe':
      return encodeJson('subscribe', message.subscribe);
    case 'ping':
      return encodeTime('ping', message.clientMs);
  }
}

/** Never throws. Arrays in the result are copies. */
export function decodeServerMessage(bytes: Uint8Array): ServerMessage | ProtocolError {
  const type = decodeHeader(bytes);
  if (typeof type !== 'number') return type;
  switch (type) {
    case TYPE_CODES.welcome:
      return decodeJson(bytes, WelcomeSchema, (welcome) => ({ type: 'welcome', welcome }));
    case TYPE_CODES.event:
      return decodeJson(bytes, EventSchema, (event) => ({ type: 'event', event }));
    case TYPE_CODES.training:
      return decodeJson(bytes, TrainingSchema, (training) => ({ type: 'training', training }));
    case TYPE_CODES.reply:
      return decodeJson(bytes, ReplySchema, (reply) => ({ type: 'reply', reply }));
    case TYPE_CODES.pong:
      return decodeTime(bytes, (clientMs) => ({ type: 'pong', clientMs }));
    case TYPE_CODES.frame:
      return decodeFrame(bytes);
    case TYPE_CODES.path:
      return decodePath(bytes);
    case TYPE_CODES.points:
      return decodePoints(bytes);
    default:
      return fail('unknown message type', 'a server message type', String(type));
  }
}

/** Never throws. */
export function decodeClientMessage(bytes: Uint8Array): ClientMessage | ProtocolError {
  const type = decodeHeader(bytes);
  if (typeof type !== 'number') return type;
  switch (type) {
    case TYPE_CODES.request:
      return decodeJson(bytes, RequestSchema, (request) => ({ type: 'request', request }));
    case TYPE_CODES.subscribe:
      return decodeJson(bytes, SubscribeSchema, (subscribe) => ({ type: 'subscribe', subscribe }));
    case TYPE_CODES.ping:
      return decodeTime(bytes, (clientMs) => ({ type: 'ping', clientMs }));
    default:
      return fail('unknown message type', 'a client message type', String(type));
  }
}

function fail(problem: string, expected: string, got: string): ProtocolError {
  return { type: 'protocol_error', problem, expected, got };
}

function allocate(type: keyof typeof TYPE_CODES, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  bytes[0] = MAGIC;
  bytes[1] = TYPE_CODES[type];
  return bytes;
}

function viewData(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function encodeJson(type: keyof typeof TYPE_CODES, value: unknown): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify(value));
  const bytes = allocate(type, HEADER_BYTES + text.length);
  bytes.set(text, HEADER_BYTES);
  return bytes;
}

function encodeTime(type: 'ping' | 'pong', clientMs: number): Uint8Array<ArrayBuffer> {
  const bytes = allocate(type, HEADER_BYTES + 8);
  viewData(bytes).setFloat64(HEADER_BYTES, clientMs, true);
  return bytes;
}

function encodeFrame(frame: Frame): Uint8Array<ArrayBuffer> {
  const bytes = allocate('frame', FRAME_HEADER_BYTES + 4 * frame.values.length);
  const view = viewData(bytes);
  view.setUint32(4, frame.seq, true);
  view.setBigUint64(8, frame.stampNs, true);
  view.setUint32(16, frame.dropped, true);
  view.setUint32(20, frame.values.length, true);
  writeFloats(view, FRAME_HEADER_BYTES, frame.values);
  return bytes;
}

function encodePath(path: Path): Uint8Array<ArrayBuffer> {
  const bytes = allocate('path', PATH_HEADER_BYTES + 4 * path.points.length);
  const view = viewData(bytes);
  view.setUint16(2, path.robot, true);
  view.setUint32(4, path.points.length, true);
  writeFloats(view, PATH_HEADER_BYTES, path.points);
  return bytes;
}

function encodePoints({ robot, lidar, points }: ScanPoints): Uint8Array<ArrayBuffer> {
  const bytes = allocate('points', POINTS_HEADER_BYTES + 4 * points.length);
  const view = viewData(bytes);
  view.setUint16(2, robot, true);
  view.setUint16(4, lidar, true);
  view.setUint32(8, points.length, true);
  writeFloats(view, POINTS_HEADER_BYTES, points);
  return bytes;
}

function writeFloats(view: DataView, offset: number, values: Float32Array): void {
  for (let i = 0; i < values.length; i++) view.setFloat32(offset + 4 * i, values[i]!, true);
}

function decodeHeader(bytes: Uint8Array): number | ProtocolError {
  if (bytes.length < HEADER_BYTES) {
    return fail('message too short', `at least ${HEADER_BYTES} bytes`, `${bytes.length}`);
  }
  if (bytes[0] !== MAGIC) {
    return fail('not this protocol version', `first byte ${MAGIC}`, `${bytes[0]}`);
  }
  return bytes[1]!;
}

function decodeJson<S extends z.ZodMiniType, M>(
  bytes: Uint8Array,
  schema: S,
  wrap: (value: z.infer<S>) => M,
): M | ProtocolError {
  let json: unknown;
  try {
    json = JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(HEADER_BYTES)),
    );
  } catch (error) {
    return fail('unreadable text', 'JSON in UTF-8', String(error));
  }
  const parsed = z.safeParse(schema, json);
  if (parsed.success) return wrap(parsed.data);
  const issue = parsed.error.issues[0];
  return fail(`wrong field '${issue?.path.join('.') ?? ''}'`, issue?.message ?? '', 'other JSON');
}

function decodeTime<M>(bytes: Uint8Array, wrap: (clientMs: number) => M): M | ProtocolError {
  if (bytes.length !== HEADER_BYTES + 8) {
    return fail('wrong length', `${HEADER_BYTES + 8} bytes`, `${bytes.length}`);
  }
  return wrap(viewData(bytes).getFloat64(HEADER_BYTES, true));
}

function decodeFrame(bytes: Uint8Array): ServerMessage | ProtocolError {
  const values = decodeFloats(bytes, FRAME_HEADER_BYTES);
  if (!(values instanceof Float32Array)) return values;
  const view = viewData(bytes);
  return {
    type: 'frame',
    frame: {
      seq: view.getUint32(4, true),
      stampNs: view.getBigUint64(8, true),
      dropped: view.getUint32(16, true),
      values,
    },
  };
}

function decodePath(bytes: Uint8Array): ServerMessage | ProtocolError {
  const points = decodeTriples(bytes, PATH_HEADER_BYTES);
  if (!(points instanceof Float32Array)) return points;
  return { type: 'path', path: { robot: viewData(bytes).getUint16(2, true), points } };
}

function decodePoints(bytes: Uint8Array): ServerMessage | ProtocolError {
  const points = decodeTriples(bytes, POINTS_HEADER_BYTES);
  if (!(points instanceof Float32Array)) return points;
  const view = viewData(bytes);
  const [robot, lidar] = [view.getUint16(2, true), view.getUint16(4, true)];
  return { type: 'points', scan: { robot, lidar, points } };
}

function decodeTriples(bytes: Uint8Array, headerBytes: number): Float32Array | ProtocolError {
  const points = decodeFloats(bytes, headerBytes);
  if (!(points instanceof Float32Array) || points.length % 3 === 0) return points;
  return fail('incomplete point', 'a multiple of 3 numbers', `${points.length}`);
}

/** The count is the last u32 of the header; the numbers follow to the end. */
function decodeFloats(bytes: Uint8Array, headerBytes: number): Float32Array | ProtocolError {
  if (bytes.length < headerBytes) {
    return fail('message too short', `at least ${headerBytes} bytes`, `${bytes.length}`);
  }
  const view = viewData(bytes);
  const count = view.getUint32(headerBytes - 4, true);
  if (bytes.length !== headerBytes + 4 * count) {
    return fail('wrong length', `${headerBytes + 4 * count} bytes`, `${bytes.length}`);
  }
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = view.getFloat32(headerBytes + 4 * i, true);
  return values;
}
