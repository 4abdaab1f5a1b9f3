// A thread begins as plain JavaScript.
import { importTypeScript } from '../../sim/load-typescript.js';

await importTypeScript(new URL('./faulty-worker.ts', import.meta.url));
