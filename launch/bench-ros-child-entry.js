// A process of its own cannot load TypeScript by itself.
import { register } from 'tsx/esm/api';

register();
await import('./bench-ros-child.ts');
