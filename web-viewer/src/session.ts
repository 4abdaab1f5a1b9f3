import type { Action, Event, Frame, ServerMessage, Training } from '../protocol.ts';
import { type Connection, openConnection } from './connection.ts';
import { Fleet } from './fleet.ts';
import { makeObservable } from './observable.ts';
import { RateMeter } from './rate-meter.ts';

export interface Answer {
  readonly ok: boolean;
  readonly text: string;
}

export interface LogLine extends Event {
  readonly key: number;
}

const MAX_LOG_LINES = 200;
/** A request without an answer for this long has failed as far as the user is concerned. */
const ANSWER_TIMEOUT_MS = 5000;

/** What the page knows and can ask for; the user interface and the scene both read it. */
export class Session {
  readonly fleet = makeObservable<Fleet | undefined>(undefined);
  /** Index of the robot that plots and camera look at. */
  readonly selected = makeObservable(0);
  /** Of a server that learns. */
  readonly training = makeObservable<Training | undefined>(undefined);
  readonly log = makeObservable<readonly LogLine[]>([]);
  readonly connection: Connection;
  /** Stamp seconds per wall second. */
  readonly realTimeFactor = new RateMeter();
  readonly frameRate = new RateMeter();
  framesReceived = 0;
  /** Lost on the way to this page since it connected, as the server counts. */
  framesDropped = 0;
  /** [ms] of performance.now(); NaN before the first frame */
  lastFrameMs = Number.NaN;
  readonly #answers = new Map<number, (answer: Answer) => void>();
  #nextId = 1;
  #nextKey = 1;

  constructor(url: string) {
    this.connection = openConnection(url, {
      onMessage: (message) => this.#handle(message),
      onProblem: (text) => this.addLogLine({ severity: 'error', source: 'page', text }),
    });
    this.connection.state.subscribe(() => {
      if (this.connection.state.get().kind === 'waiting') this.#failRequests();
    });
  }

  /** Asks the server to act; resolves with its answer, or with why there is none. */
  request(action: Action): Promise<Answer> {
    const id = this.#nextId++;
    const answer = new Promise<Answer>((resolve) => {
      if (!this.connection.send({ type: 'request', request: { id, action } })) {
        resolve({ ok: false, text: 'not sent: the page is not connected' });
        return;
      }
      this.#answers.set(id, resolve);
      setTimeout(
        () => this.#settle(id, { ok: false, text: 'no answer within 5 s' }),
        ANSWER_TIMEOUT_MS,
      );
    });
    return answer.then((result) => {
      const text = `${action}: ${result.text}`;
      this.addLogLine({ severity: result.ok ? 'info' : 'error', source: 'page', text });
      return result;
    });
  }

  addLogLine(
    line: Pick<Event, 'severity' | 'source' | 'text'> & { readonly timeS?: number },
  ): void {
    const timeS = line.timeS ?? this.fleet.get()?.latestTimeS ?? 0;
    const key = this.#nextKey++;
    this.log.set([{ ...line, timeS, key }, ...this.log.get()].slice(0, MAX_LOG_LINES));
  }

  #handle(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        this.#begin(new Fleet(message.welcome));
        break;
      case 'frame':
        this.#takeFrame(message.frame);
        break;
      case 'path':
        this.fleet.get()?.setPath(message.path.robot, message.path.points);
        break;
      case 'points':
        this.fleet.get()?.setScan(message.scan);
        break;
      case 'training':
        this.training.set(message.training);
        break;
      case 'event':
        this.addLogLine(message.event);
        break;
      case 'reply':
        this.#settle(message.reply.id, message.reply);
        break;
      case 'pong':
        break;
    }
  }

  #begin(fleet: Fleet): void {
    this.realTimeFactor.clear();
    this.frameRate.clear();
    this.framesDropped = 0;
    // The server repeats its recent events to whoever connects.
    this.log.set([]);
    const before = this.fleet.get()?.inspector;
    if (before !== undefined) fleet.inspector?.takeOver(before);
    if (this.selected.get() >= fleet.welcome.robots.length) this.selected.set(0);
    this.fleet.set(fleet);
  }

  #takeFrame(frame: Frame): void {
    const fleet = this.fleet.get();
    if (fleet === undefined || !fleet.push(frame)) return;
    const nowMs = performance.now();
    this.lastFrameMs = nowMs;
    this.framesReceived++;
    this.framesDropped = frame.dropped;
    this.realTimeFactor.mark(nowMs, fleet.latestTimeS);
    this.frameRate.mark(nowMs, this.framesReceived);
  }

  #settle(id: number, answer: Answer): void {
    this.#answers.get(id)?.(answer);
    this.#answers.delete(id);
  }

  #failRequests(): void {
    for (const id of [...this.#answers.keys()]) {
      this.#settle(id, { ok: false, text: 'the connection broke before the answer came' });
    }
  }
}
