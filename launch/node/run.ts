import { chooseContext } from '../../nodes/ros/context.ts';
import { UserError } from '../../sim/errors.ts';
import { EXIT } from '../output.ts';
import { compareWithTraining, makePlan } from '../plan.ts';
import { listenForSignals } from '../signals.ts';
import { makeNodeLog } from './node-log.ts';
import { CONTROLLER_PARAMETERS, type NodeParameters, readNodeParameters } from './parameters.ts';
import { ROLES, type RoleName } from './roles.ts';
import { configureContext, readNodeSettings, resolveSettings, type Shown } from './settings.ts';

/**
 * Runs one node in this process until it is told to end, or ends by itself.
 * @param name of the executable, such as `policy_node`
 * @param args ROS 2's own arguments
 * @returns the exit code
 */
export async function runNode(name: string, args: readonly string[]): Promise<number> {
  // From the beginning: a launch file may tell its end at any time, and passes on what the terminal has sent already.
  const end = listenForTheEnd();
  try {
    await runUntil(end.told, name, args);
  } finally {
    end.stop();
  }
  return EXIT.success;
}

async function runUntil(told: Promise<void>, name: string, args: readonly string[]): Promise<void> {
  const role = getRole(name);
  const settings = readNodeSettings(args);
  const { parameters: given } = resolveSettings(settings, role.replace(/_node$/, ''));
  const parameters = readNodeParameters(role.replace(/_node$/, ''), given);
  const plan = await makePlan(parameters.config, parameters.profile);
  const log = makeNodeLog(settings.args.logLevels);
  for (const warning of [...plan.warnings, ...compareWithTraining(plan)])
    log('warn', name, warning);
  const { context, reason } = await chooseContext({ log });
  // Alone in its process, a node that reaches nobody is hardly what was meant.
  log(context.backend === 'embedded' ? 'warn' : 'info', name, `middleware ${reason}`);
  const configured = configureContext(context, settings, show(role, parameters));
  let ending: Promise<void> | undefined;
  try {
    const node = await ROLES[role](configured, plan, parameters);
    // Motors first: what a node has to say at its end must leave before its context goes.
    context.onShutdown(() => {
      ending = (async () => node.end())();
      return ending;
    });
    await Promise.race(node.ended === undefined ? [told] : [told, node.ended]);
  } finally {
    await context.shutdown();
    // A recording may take longer than a hook is given, and what goes wrong in it is told.
    await ending;
  }
}

function getRole(name: string): RoleName {
  const names = Object.keys(ROLES) as RoleName[];
  const role = names.find((one) => one === name);
  if (role !== undefined) return role;
  throw new UserError({
    where: `node ${name}`,
    problem: 'no such node',
    expected: names.join(', '),
    got: `'${name}'`,
    remedy: 'Correct the name.',
  });
}

function show(role: RoleName, { profile, startState, autostart, config }: NodeParameters): Shown {
  const shown = {
    profile: {
      value: profile,
      description: 'Robot, policy and limits; fixed when the node starts.',
    },
  };
  const managed = {
    autostart: { value: autostart, description: 'Whether it is active from its start.' },
  };
  if (role === 'policy_node') return { ...shown, ...managed };
  if (role === 'safety_node') return { ...shown, ...managed, ...showController(config) };
  if (role !== 'simulator_node') return shown;
  const description = 'Whether the simulation begins playing, paused or stopped.';
  return { ...shown, start_state: { value: startState, description } };
}

function showController({ controllerCommand }: NodeParameters['config']): Shown {
  const description = 'Of controllerCommand in the profile; fixed when the node starts.';
  return Object.fromEntries(
    CONTROLLER_PARAMETERS.flatMap((key) => {
      const value = controllerCommand[key];
      return value === undefined ? [] : [[`controller_command.${key}`, { value, description }]];
    }),
  );
}

/** Keeps the process alive, which with nothing but subscriptions would end by itself, until it is told to end. */
function listenForTheEnd(): { readonly told: Promise<void>; stop(): void } {
  let tell = () => {};
  const told = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const signals = listenForSignals(tell, { sameAgain: 'isHeardOnce' });
  const keepAlive = setInterval(() => {}, 60_000);
  return {
    told,
    stop() {
      clearInterval(keepAlive);
      signals.end();
    },
  };
}
