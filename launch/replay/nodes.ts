import type { RosContext } from '../../nodes/ros/port.ts';
import { UserError } from '../../sim/errors.ts';
import { listProfiles, readProfile } from '../config.ts';
import { ROLES, type RunningNode } from '../node/roles.ts';
import { compareWithTraining, makePlan } from '../plan.ts';

/** Nodes that can be fed from a recording: they listen, and what they say needs nobody's answer. */
export const FED_NODES = ['policy_node', 'safety_node', 'reference_node'] as const;
type FedNode = (typeof FED_NODES)[number];

export interface FedNodes {
  /** Topics that these nodes publish themselves. */
  readonly topics: ReadonlySet<string>;
  end(): Promise<void>;
}

/**
 * Nodes beside the recording, in this process and by its time: what would this policy have said to what was measured
 * then? What they publish themselves is not played, so that nobody hears both.
 * @throws UserError for a node that cannot be fed, or without a profile that says robot, policy and limits
 */
export async function makeFedNodes(
  context: RosContext,
  names: readonly string[],
  options: { readonly profile?: string | undefined; readonly warn: (text: string) => void },
): Promise<FedNodes> {
  if (names.length === 0) return { topics: new Set(), end: async () => {} };
  const wanted = names.map(checkName);
  const profile = checkProfile(options.profile);
  const config = readProfile(profile);
  const plan = await makePlan(config, profile);
  for (const warning of [...plan.warnings, ...compareWithTraining(plan)]) options.warn(warning);
  const { watched, topics } = watchPublishers(context);
  const running: RunningNode[] = [];
  const end = async () => {
    for (const node of running) await node.end();
  };
  try {
    for (const name of wanted) {
      const fixed = { clock: 'ros', startState: 'playing', autostart: true } as const;
      const parameters = { profile, config, ...fixed };
      running.push(await ROLES[name](watched, plan, parameters));
    }
  } catch (error) {
    await end();
    throw error;
  }
  return { topics, end };
}

/** The context itself, and the topics on which nodes that are made through it publish. */
function watchPublishers(context: RosContext) {
  const topics = new Set<string>();
  const createNode: RosContext['createNode'] = (...given) => {
    const node = context.createNode(...given);
    return new Proxy(node, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          const made: unknown = value.apply(target, args);
          if (key === 'createPublisher') topics.add((made as { topic: string }).topic);
          return made;
        };
      },
    });
  };
  return { topics, watched: { ...context, createNode } };
}

function checkName(given: string): FedNode {
  const name = FED_NODES.find((one) => one === given);
  if (name !== undefined) return name;
  throw new UserError({
    where: '--node',
    problem: 'cannot be fed from a recording',
    expected: FED_NODES.join(', '),
    got: `'${given}'`,
    remedy: 'Correct the name.',
  });
}

function checkProfile(profile: string | undefined): string {
  if (profile !== undefined) return profile;
  throw new UserError({
    where: '--node',
    problem: 'nothing says which robot and policy the nodes are for',
    expected: `--profile with one of ${listProfiles().join(', ')}, or a path to a YAML file`,
    got: 'no profile',
    remedy: 'Add --profile.',
  });
}
