import type { Command } from 'commander';

const JSON_HELP = 'print one JSON object as the last line of stdout; progress goes to stderr';

/** A command, or one below another; it takes `--json`. */
export function command(parent: Command, name: string): Command {
  return parent
    .command(name)
    .option('--json', JSON_HELP)
    .configureHelp({ showGlobalOptions: true });
}
