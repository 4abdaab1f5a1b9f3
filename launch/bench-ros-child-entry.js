// A process begins as plain JavaScript.
import '../sim/load-typescript.js';

await import('./bench-ros-child.ts');
