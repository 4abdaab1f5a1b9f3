import { afterEach, describe } from 'vitest';
import type { LogLevel } from '../../nodes/ros/core/log.ts';
import { makeEmbeddedContext } from '../../nodes/ros/embedded.ts';
import type { RosContext, RosNode } from '../../nodes/ros/port.ts';
import { makeRclContext } from '../../nodes/ros/rcl/context.ts';
import { findRcl, loadRcl } from '../../nodes/ros/rcl.ts';

/** One line that a node logged. */
export interface LogLine {
  readonly level: LogLevel;
  readonly node: string;
  readonly message: string;
}

/** One run of a conformance test: contexts of one backend, ended when the test is over. */
export interface Bench {
  readonly backend: RosContext['backend'];
  readonly logs: readonly LogLine[];
  makeContext(): Promise<RosContext>;
  /** A node in the first context. */
  makeNode(...args: Parameters<RosContext['createNode']>): Promise<RosNode>;
}

const BACKENDS: Readonly<
  Record<string, (log: Parameters<typeof makeEmbeddedContext>[0]) => Promise<RosContext>>
> = {
  embedded: async (options) => makeEmbeddedContext(options),
  rclnodejs: async (options) => {
    const search = findRcl();
    if (!search.found) throw new Error(`${search.reason}. ${search.remedy}`);
    return makeRclContext(await loadRcl(search), options);
  },
};

/** ROS 2 too where `npm run test:ros` says so, which has made sure that it is there. */
const names = process.env.ZEROGAP_TEST_ROS2 === '1' ? ['embedded', 'rclnodejs'] : ['embedded'];

/** The same tests for every backend: what passes here holds on a robot. */
export function describeBackends(title: string, suite: (bench: Bench) => void): void {
  describe.each(names)(`${title} on %s`, (name) => {
    const contexts: RosContext[] = [];
    const logs: LogLine[] = [];
    const makeContext = async () => {
      const make = BACKENDS[name];
      if (make === undefined) throw new RangeError(`no backend '${name}'`);
      const context = await make({
        log: (level, node, message) => logs.push({ level, node, message }),
      });
      contexts.push(context);
      return context;
    };
    afterEach(async () => {
      for (const context of contexts.splice(0)) await context.shutdown();
      logs.length = 0;
    });
    suite({
      backend: name as RosContext['backend'],
      logs,
      makeContext,
      makeNode: async (...args) => (contexts[0] ?? (await makeContext())).createNode(...args),
    });
  });
}

/** [ms] for a graph to become what it will be; far more than it takes */
const PATIENCE_MS = 30_000;

/** Resolves when something is so. @throws Error naming what was waited for */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (!isSo()) {
    if (performance.now() > endMs) throw new Error(`waited ${PATIENCE_MS} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** [ms] in which a message that can come at all has come, on any backend */
const SILENCE_MS = 400;

/** Waits long enough to say that nothing came. */
export function waitInVain(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, SILENCE_MS));
}
