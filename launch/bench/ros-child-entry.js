// A process begins as plain JavaScript.
import { importTypeScript } from '../../sim/load-typescript.js';

await importTypeScript(new URL('./ros-child.ts', import.meta.url));
