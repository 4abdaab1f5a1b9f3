// A thread begins as plain JavaScript.
import { importTypeScript } from '../load-typescript.js';

const { serveShards } = await importTypeScript(new URL('./worker.ts', import.meta.url));
await serveShards();
