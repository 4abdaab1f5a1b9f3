// A thread begins as plain JavaScript.
import '../../sim/load-typescript.js';

const { serveShards } = await import('../../sim/vec-env/worker.ts');
const { findFaultyTask } = await import('./faulty-tasks.ts');
await serveShards(findFaultyTask);
