import type { Socket } from 'node:net';
import { FrameReader, ProtocolError } from './frame.ts';
import type { Session } from './session.ts';

/** [ms] for a client to say hello in */
const HELLO_TIMEOUT_MS = 10_000;

/**
 * Carries a session over a socket. Requests are handled in the order in which they come; while one is, no more is
 * read than has arrived already, so that a client which does not wait for replies fills its own buffers.
 * @returns when the connection has ended, for whatever reason, and its environments are freed
 */
export async function carrySession(socket: Socket, session: Session): Promise<void> {
  const reader = new FrameReader(session.limits);
  const pieces: Buffer[] = [];
  let working: Promise<void> | undefined;
  const work = async () => {
    for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) {
      await handlePiece(socket, session, reader, piece);
      if (session.isOver) break;
    }
    working = undefined;
    if (!session.isOver) socket.resume();
  };
  // Small frames go out at once; Nagle's algorithm would hold them back for the acknowledgement of the last.
  socket.setNoDelay(true);
  socket.setTimeout(HELLO_TIMEOUT_MS, () => {
    if (session.numEnvs !== undefined || working !== undefined) return;
    const error = new ProtocolError({
      where: 'connection',
      problem: 'nothing was said',
      expected: `hello within ${HELLO_TIMEOUT_MS / 1000} s`,
      got: 'nothing',
      remedy: 'Send hello right after connecting',
    });
    socket.end(session.fail(error, 0));
  });
  socket.on('data', (piece: Buffer) => {
    if (session.isOver) return;
    pieces.push(piece);
    if (working === undefined) working = work();
    else socket.pause();
  });
  // A client that was killed is no fault of the server; 'close' follows.
  socket.on('error', () => {});
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  pieces.length = 0;
  await working;
  await session.end();
}

async function handlePiece(
  socket: Socket,
  session: Session,
  reader: FrameReader,
  piece: Buffer,
): Promise<void> {
  try {
    for (const frame of reader.read(piece)) {
      const reply = await session.handle(frame);
      reader.setLimits(session.limits);
      if (session.numEnvs !== undefined) socket.setTimeout(0);
      await send(socket, reply);
      if (session.isOver) break;
    }
  } catch (error) {
    await send(socket, [session.fail(error, 0)]);
  }
  if (session.isOver) socket.end();
}

/** Waits until the bytes have left, because the next reply is written into the same buffer. */
async function send(socket: Socket, pieces: readonly Uint8Array[]): Promise<void> {
  if (socket.destroyed || socket.writableEnded) return;
  if (pieces.length > 1) socket.cork();
  for (const piece of pieces) socket.write(piece);
  if (pieces.length > 1) socket.uncork();
  if (socket.writableLength === 0) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
  });
}
