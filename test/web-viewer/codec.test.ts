import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeClientMessage,
  decodeServerMessage,
  encodeClientMessage,
  encodeServerMessage,
  writeDropped,
} from '../../web-viewer/codec.ts';
import {
  ACTIONS,
  type ClientMessage,
  computeFrameLayout,
  EVENT_SEVERITIES,
  type ServerMessage,
} from '../../web-viewer/protocol.ts';
import { makeTinyWelcome } from './tiny-welcome.ts';

const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0);
const floats = fc.float32Array({ maxLength: 60 });
const id = fc.nat();

const serverMessage: fc.Arbitrary<ServerMessage> = fc.oneof(
  fc.record({
    type: fc.constant('frame' as const),
    frame: fc.record({
      seq: uint32,
      stampNs: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      dropped: uint32,
      values: floats,
    }),
  }),
  fc.record({
    type: fc.constant('path' as const),
    path: fc.record({
      robot: fc.integer({ min: 0, max: 65_535 }),
      points: floats.map((values) => values.slice(0, values.length - (values.length % 3))),
    }),
  }),
  fc.record({
    type: fc.constant('points' as const),
    scan: fc.record({
      robot: fc.integer({ min: 0, max: 65_535 }),
      lidar: fc.integer({ min: 0, max: 65_535 }),
      points: floats.map((values) => values.slice(0, values.length - (values.length % 3))),
    }),
  }),
  fc.record({
    type: fc.constant('event' as const),
    event: fc.record({
      // JSON has one zero.
      timeS: finite.map((x) => (x === 0 ? 0 : x)),
      severity: fc.constantFrom(...EVENT_SEVERITIES),
      source: fc.string({ unit: 'grapheme' }),
      text: fc.string({ unit: 'grapheme' }),
    }),
  }),
  fc.record({
    type: fc.constant('reply' as const),
    reply: fc.record({ id, ok: fc.boolean(), text: fc.string() }),
  }),
  fc.record({ type: fc.constant('pong' as const), clientMs: finite }),
);

const clientMessage: fc.Arbitrary<ClientMessage> = fc.oneof(
  fc.record({
    type: fc.constant('request' as const),
    request: fc.record({ id, action: fc.constantFrom(...ACTIONS) }),
  }),
  fc.record({
    type: fc.constant('subscribe' as const),
    subscribe: fc.record({ rateHz: fc.double({ min: 0.1, max: 1000, noNaN: true }) }),
  }),
  fc.record({ type: fc.constant('ping' as const), clientMs: finite }),
);

describe('the viewer codec', () => {
  it('gives back every server message that it encoded', () => {
    fc.assert(
      fc.property(serverMessage, (message) => {
        expect(decodeServerMessage(encodeServerMessage(message))).toEqual(message);
      }),
    );
  });

  it('gives back every client message that it encoded', () => {
    fc.assert(
      fc.property(clientMessage, (message) => {
        expect(decodeClientMessage(encodeClientMessage(message))).toEqual(message);
      }),
    );
  });

  it('gives back the welcome with robots, fields and plots', () => {
    const welcome = makeTinyWelcome();
    const message = { type: 'welcome', welcome } as const;
    expect(decodeServerMessage(encodeServerMessage(message))).toEqual(message);
  });

  it('turns any bytes into a message or a protocol error, never a throw', () => {
    const types = [1, 2, 3, 4, 5, 6, 16, 17, 18, 99];
    const garbage = fc
      .tuple(fc.constantFrom(...types), fc.uint8Array({ maxLength: 80 }))
      .map(([type, body]) => Uint8Array.from([0xa1, type, ...body]));
    fc.assert(
      fc.property(fc.oneof(garbage, fc.uint8Array({ maxLength: 80 })), (bytes) => {
        expect(typeof decodeServerMessage(bytes).type).toBe('string');
        expect(typeof decodeClientMessage(bytes).type).toBe('string');
      }),
      { numRuns: 500 },
    );
  });

  it('calls a frame cut anywhere a protocol error', () => {
    const frame = { seq: 7, stampNs: 8n, dropped: 0, values: Float32Array.of(1, 2, 3) };
    const bytes = encodeServerMessage({ type: 'frame', frame });
    expect(bytes.length).toBe(24 + 3 * 4);
    for (let length = 0; length < bytes.length; length++) {
      expect(decodeServerMessage(bytes.subarray(0, length)).type).toBe('protocol_error');
    }
  });

  it('names both versions when the peer speaks another one', () => {
    const bytes = encodeServerMessage({ type: 'pong', clientMs: 1 });
    bytes[0] = 0xa2;
    expect(decodeServerMessage(bytes)).toEqual({
      type: 'protocol_error',
      problem: 'not this protocol version',
      expected: `first byte ${0xa1}`,
      got: `${0xa2}`,
    });
  });

  it('refuses a server message from a client', () => {
    const bytes = encodeServerMessage({ type: 'pong', clientMs: 1 });
    expect(decodeClientMessage(bytes).type).toBe('protocol_error');
  });

  it('refuses an action that does not exist, naming the field', () => {
    const bytes = encodeClientMessage({ type: 'request', request: { id: 1, action: 'stop' } });
    const text = new TextDecoder().decode(bytes).replace('stop', 'fly!');
    const forged = Uint8Array.from([...bytes.subarray(0, 4), ...Buffer.from(text.slice(4))]);
    forged.set(bytes.subarray(0, 4));
    expect(decodeClientMessage(forged)).toMatchObject({
      type: 'protocol_error',
      problem: "wrong field 'action'",
    });
  });

  it('writes the lost frames of one client into a frame that is encoded already', () => {
    const frame = { seq: 7, stampNs: 8n, dropped: 0, values: Float32Array.of(1) };
    const bytes = encodeServerMessage({ type: 'frame', frame });
    writeDropped(bytes, 41);
    expect(decodeServerMessage(bytes)).toEqual({ type: 'frame', frame: { ...frame, dropped: 41 } });
  });
});

describe('the frame layout', () => {
  it('puts robots one after another, each with its fields in order', () => {
    const { robots } = makeTinyWelcome();
    const layout = computeFrameLayout(robots);
    // Each robot: position 3 + orientation 4 + joint_position 1 + safety 2 + tilt 1 = 11.
    expect(layout.size).toBe(22);
    expect([...layout.offsets[1]!]).toEqual([
      ['position', 11],
      ['orientation', 14],
      ['joint_position', 18],
      ['safety', 19],
      ['tilt', 21],
    ]);
  });
});
