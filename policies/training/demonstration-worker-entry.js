// A thread begins as plain JavaScript.
import { importTypeScript } from '../../sim/load-typescript.js';

await importTypeScript(new URL('./demonstration-worker.ts', import.meta.url));
