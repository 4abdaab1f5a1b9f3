// Imported first by what Node starts as plain JavaScript: processes and threads. From 24 on Node reads TypeScript by
// itself, and keeps what it has compiled for the next one; older ones have a loader.
import module from 'node:module';

if (Number.parseInt(process.versions.node, 10) >= 24) module.enableCompileCache();
else (await import('tsx/esm/api')).register();
