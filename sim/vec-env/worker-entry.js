// A thread begins as plain JavaScript.
import '../load-typescript.js';

const { serveShards } = await import('./worker.ts');
await serveShards();
