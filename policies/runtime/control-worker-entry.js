// A thread begins as plain JavaScript.
import '../../sim/load-typescript.js';

await import('./control-worker.ts');
