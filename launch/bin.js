#!/usr/bin/env node
// A process begins as plain JavaScript; the rest is the command line.
import { importTypeScript } from '../sim/load-typescript.js';

const { main } = await importTypeScript(new URL('./cli.ts', import.meta.url));
await main(process.argv.slice(2));
