#!/usr/bin/env node
// Registers the TypeScript loader (Node 20 has none of its own), then hands over to the command line.
import { register } from 'tsx/esm/api';

register();
const { main } = await import('./cli.ts');
await main(process.argv.slice(2));
