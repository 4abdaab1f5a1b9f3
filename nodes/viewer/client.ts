import type { RawData, WebSocket } from 'ws';
import { decodeClientMessage, encodeServerMessage, writeDropped } from '../../web-viewer/codec.ts';
import type { Action, Request } from '../../web-viewer/protocol.ts';

type Act = (action: Action) => Promise<{ readonly ok: boolean; readonly text: string }>;

/** [bytes] a client that leaves this much unread is disconnected: only frames may be lost */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;
const CLOSE_TIMEOUT_MS = 200;
/** Requests of one client that may wait for an answer at once. */
const MAX_REQUESTS = 16;

/** One connected browser. Holds at most its socket's bounded buffer. */
export class ViewerClient {
  framesSent = 0;
  framesDropped = 0;
  readonly #socket: WebSocket;
  readonly #maxBufferedBytes: number;
  readonly #act: Act;
  #minIntervalMs = 0;
  #dueMs = 0;
  #requests = 0;
  #isAlive = true;

  constructor(socket: WebSocket, maxBufferedBytes: number, act: Act) {
    this.#socket = socket;
    this.#maxBufferedBytes = maxBufferedBytes;
    this.#act = act;
    socket.on('pong', () => {
      this.#isAlive = true;
    });
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    // ws closes the socket after an error such as an oversized message.
    socket.on('error', () => {});
  }

  /** Sends a copy unless the socket is behind (then the frame is lost and counted). */
  sendFrame(frame: Uint8Array): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    const nowMs = performance.now();
    // A quarter interval of slack, so that a rate equal to the server's loses nothing to jitter.
    if (nowMs < this.#dueMs - 0.25 * this.#minIntervalMs) return;
    if (this.#socket.bufferedAmount > this.#maxBufferedBytes) {
      this.framesDropped++;
      return;
    }
    this.#dueMs = Math.max(this.#dueMs + this.#minIntervalMs, nowMs);
    const copy = frame.slice();
    writeDropped(copy, this.framesDropped);
    this.#socket.send(copy);
    this.framesSent++;
  }

  /** Sends a message that a newer one will replace, unless the socket is behind. */
  sendIfKeepingUp(message: Uint8Array): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount <= this.#maxBufferedBytes) this.#socket.send(message);
  }

  /** Sends a message that must not be lost. */
  send(message: Uint8Array): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > MAX_UNREAD_BYTES) this.#socket.terminate();
    else this.#socket.send(message);
  }

  /** Call at the heartbeat: cuts the connection if the last ping was not answered. */
  checkAlive(): void {
    if (!this.#isAlive) {
      this.#socket.terminate();
      return;
    }
    this.#isAlive = false;
    this.#socket.ping();
  }

  /** Says goodbye, and cuts the connection of a client that does not answer. */
  close(): void {
    this.#socket.close(1001, 'the viewer node ended');
    setTimeout(() => this.#socket.terminate(), CLOSE_TIMEOUT_MS).unref();
  }

  #receive(data: RawData, isBinary: boolean): void {
    this.#isAlive = true;
    if (!isBinary || !Buffer.isBuffer(data)) {
      this.#socket.close(1003, 'only binary messages');
      return;
    }
    const message = decodeClientMessage(data);
    switch (message.type) {
      case 'ping':
        this.send(encodeServerMessage({ type: 'pong', clientMs: message.clientMs }));
        break;
      case 'subscribe':
        this.#minIntervalMs = 1000 / message.subscribe.rateHz;
        break;
      case 'request':
        void this.#answer(message.request);
        break;
      case 'protocol_error':
        this.#socket.close(1002, `${message.problem}: expected ${message.expected}`.slice(0, 120));
    }
  }

  async #answer({ id, action }: Request): Promise<void> {
    if (this.#requests >= MAX_REQUESTS) {
      this.#reply(id, { ok: false, text: `${MAX_REQUESTS} requests are still unanswered` });
      return;
    }
    this.#requests++;
    try {
      this.#reply(id, await this.#act(action));
    } catch (error) {
      this.#reply(id, { ok: false, text: error instanceof Error ? error.message : String(error) });
    } finally {
      this.#requests--;
    }
  }

  #reply(id: number, answer: { readonly ok: boolean; readonly text: string }): void {
    this.send(encodeServerMessage({ type: 'reply', reply: { id, ...answer } }));
  }
}
