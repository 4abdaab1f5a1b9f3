// A thread begins as plain JavaScript.
import { importTypeScript } from '../../sim/load-typescript.js';

await importTypeScript(new URL('./program-worker.ts', import.meta.url));
