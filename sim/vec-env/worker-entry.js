// A worker thread cannot load TypeScript by itself.
import { register } from 'tsx/esm/api';

register();
const { serveShards } = await import('./worker.ts');
await serveShards();
