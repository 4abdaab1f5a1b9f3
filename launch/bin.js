#!/usr/bin/env node
// A process begins as plain JavaScript; the rest is the command line.
import '../sim/load-typescript.js';

const { main } = await import('./cli.ts');
await main(process.argv.slice(2));
