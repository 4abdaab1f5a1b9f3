// A worker thread cannot load TypeScript by itself.
import { register } from 'tsx/esm/api';

register();
const { serveShards } = await import('../../sim/vec-env/worker.ts');
const { findFaultyTask } = await import('./faulty-tasks.ts');
await serveShards(findFaultyTask);
