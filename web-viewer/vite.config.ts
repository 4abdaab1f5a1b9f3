import { fileURLToPath } from 'node:url';
import type { InlineConfig } from 'vite';

const root = fileURLToPath(new URL('.', import.meta.url));

/** How the page is built; JSX settings come from tsconfig.json. */
export default {
  root,
  configFile: false,
  logLevel: 'warn',
  build: {
    emptyOutDir: true,
    target: 'es2022',
    // three.js alone is above vite's default warning at 500 kB.
    chunkSizeWarningLimit: 1200,
    reportCompressedSize: false,
  },
} satisfies InlineConfig;
