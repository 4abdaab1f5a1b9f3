import { UserError } from '../sim/errors.ts';

/** Options of `zerogap episodes` that mean nothing to a server: its clients decide on these. */
const NOT_SERVED = [
  'episodes',
  'seed',
  'policy',
  'adversary',
  'out',
  'format',
  'resume',
  'force',
] as const;
/** And those that mean nothing without one. */
const SERVED_ONLY = ['numEnvs', 'autoreset', 'maxClients', 'exitWithStdin'] as const;

/**
 * Options that would have no effect.
 * @param given names of the options that stand on the command line
 */
export function checkEnvServerOptions(given: readonly string[]): UserError[] {
  const isServed = given.includes('envServer');
  const idle: readonly string[] = isServed ? NOT_SERVED : SERVED_ONLY;
  return given
    .filter((name) => idle.includes(name))
    .map((name) => {
      const option = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      return new UserError({
        where: option,
        problem: `the option has no effect ${isServed ? 'with' : 'without'} --env-server`,
        expected: isServed ? 'options of the environments and of the server' : '--env-server too',
        got: option,
        remedy: isServed
          ? 'Leave it out; seeds and actions come from the client'
          : 'Leave it out, or add --env-server',
      });
    });
}
