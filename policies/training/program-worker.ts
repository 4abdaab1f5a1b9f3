import { serveThread } from '../../sim/serve-thread.ts';
import { openProgram, type Program } from '../onnx/program.ts';
import type { ProgramAnswer, ProgramRequest } from './program-thread.ts';

let program: Program | undefined;

async function answer(request: ProgramRequest): Promise<ProgramAnswer> {
  if (request.kind === 'open') {
    program = await openProgram(request.graph);
    return {};
  }
  if (program === undefined) throw new RangeError(`program thread: asked to ${request.kind} first`);
  if (request.kind === 'run') return program.run(request.arrays);
  await program.hold(request.arrays);
  return {};
}

serveThread(answer, (arrays) => Object.values(arrays).map((array) => array.buffer as ArrayBuffer));
