import { writeSync } from 'node:fs';
import { makeHillRun } from './hill-run.ts';

/**
 * A process of its own that trains, until all rounds are done or it is killed; goes on with what is in the folder.
 * Prints every round. Arguments: folder, number of rounds.
 */
const [, , folder = '', rounds = '1'] = process.argv;
const run = await makeHillRun({
  folder,
  rounds: Number(rounds),
  onEvent: (event) => {
    if (event.kind === 'round') writeSync(1, `round ${event.line.round}\n`);
  },
});
await run.run();
