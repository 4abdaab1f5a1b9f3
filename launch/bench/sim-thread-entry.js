// A thread begins as plain JavaScript.
import { importTypeScript } from '../../sim/load-typescript.js';

await importTypeScript(new URL('./sim-thread.ts', import.meta.url));
