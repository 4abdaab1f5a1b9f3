import type { Command } from 'commander';
import { parsePort } from '../option-values.ts';

const JSON_HELP = 'print one JSON object as the last line of stdout; progress goes to stderr';

/** A command, or one below another; it takes `--json`. */
export function command(parent: Command, name: string): Command {
  return parent
    .command(name)
    .option('--json', JSON_HELP)
    .configureHelp({ showGlobalOptions: true });
}

/** Of a command that shows a page unless it is told not to. */
export function addPageOptions(command: Command): Command {
  return addAddressOptions(command.option('--headless', 'no page'));
}

/** Where its page is to be found. */
export function addAddressOptions(command: Command): Command {
  return command
    .option('--host <address>', 'address the page listens on')
    .option('--port <number>', 'port of the page; 0 = any free one', parsePort);
}
