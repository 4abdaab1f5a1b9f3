// A worker thread cannot load TypeScript by itself.
import { register } from 'tsx/esm/api';

register();
await import('./preview-worker.ts');
