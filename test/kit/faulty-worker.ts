import { serveShards } from '../../sim/vec-env/worker.ts';
import { findFaultyTask } from './faulty-tasks.ts';

await serveShards(findFaultyTask);
