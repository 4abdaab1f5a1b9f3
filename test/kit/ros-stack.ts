import type { RoleName } from '../../launch/node/roles.ts';
import { type CliOptions, type CliResult, type RunningCli, startCli } from './cli.ts';

/** Four nodes, each in a process of its own, on a real ROS graph. */
export interface RosStack {
  readonly processes: ReadonlyMap<RoleName, RunningCli>;
  /** Starts one of them anew; the old one must have ended. */
  start(role: RoleName, parameters?: Readonly<Record<string, string>>): RunningCli;
  /** Ends all as Ctrl-C does, the motors' side last; kills what does not end in time. */
  end(): Promise<ReadonlyMap<RoleName, CliResult>>;
}

/** The safety node outlives whoever asks something of the motors, the simulator whoever stops them. */
const END_ORDER = ['reference_node', 'policy_node', 'safety_node', 'simulator_node'] as const;
/** [ms] */
const END_TIMEOUT_MS = 15_000;

export const SOAK_PROFILE = new URL('../ros/soak/profile.yaml', import.meta.url).pathname;

export interface StackOptions {
  readonly profile?: string;
  /** Of single nodes. */
  readonly parameters?: Partial<Record<RoleName, Readonly<Record<string, string>>>>;
  /** Where a node runs and what its environment says. */
  readonly place?: (role: RoleName) => CliOptions;
}

/** Nothing is started yet. */
export function makeRosStack({
  profile = SOAK_PROFILE,
  parameters = {},
  place = () => ({}),
}: StackOptions = {}): RosStack {
  const processes = new Map<RoleName, RunningCli>();
  const end = async (role: RoleName): Promise<CliResult | undefined> => {
    const running = processes.get(role);
    if (running === undefined) return undefined;
    processes.delete(role);
    running.child.kill('SIGINT');
    const timer = setTimeout(() => running.child.kill('SIGKILL'), END_TIMEOUT_MS);
    const result = await running.result;
    clearTimeout(timer);
    return result;
  };
  return {
    processes,
    start(role, more = {}) {
      const given = { profile, use_sim_time: 'true', ...parameters[role], ...more };
      const settings = Object.entries(given).flatMap(([key, value]) => ['-p', `${key}:=${value}`]);
      const running = startCli(['node', role, '--ros-args', ...settings], place(role));
      processes.set(role, running);
      return running;
    },
    async end() {
      const results = new Map<RoleName, CliResult>();
      for (const role of END_ORDER) {
        const result = await end(role);
        if (result !== undefined) results.set(role, result);
      }
      return results;
    },
  };
}

/** Starts a simulator, a policy, a safety node and whoever leads the robots. */
export function startAll(stack: RosStack): void {
  for (const role of [...END_ORDER].reverse()) stack.start(role);
}
