import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, it } from 'vitest';
import { makeTwoHosts, type TwoHosts } from '../../kit/namespaces.ts';
import { makeRosStack, type RosStack, startAll } from '../../kit/ros-stack.ts';

const WATCHER = new URL('../../kit/ros-watcher.ts', import.meta.url).pathname;
/** [ms] for DDS to find who was away: it announces itself every 30 s */
const PATIENCE_MS = 120_000;
const ENVIRONMENT = { ROS_LOCALHOST_ONLY: '0', ROS_AUTOMATIC_DISCOVERY_RANGE: 'SUBNET' };

interface Heard {
  readonly policy: number;
  readonly motors: number;
  readonly status: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

let hosts: TwoHosts;
let stack: RosStack;
let watcher: ChildProcess;
let heard: Heard = { policy: 0, motors: 0, status: {} };

/** What the simulator's host hears. */
function startWatcher(host: string): void {
  const line = [
    'netns',
    'exec',
    host,
    process.execPath,
    '--import',
    'tsx',
    WATCHER,
    'cf00',
    '0.01',
  ];
  watcher = spawn('ip', line, {
    env: { ...process.env, ...ENVIRONMENT },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface({ input: watcher.stdout! }).on('line', (text) => {
    heard = JSON.parse(text) as Heard;
  });
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (!isSo()) {
    if (performance.now() > endMs) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

beforeEach(() => {
  hosts = makeTwoHosts();
  const [simulation, robot] = hosts.names;
  stack = makeRosStack({
    place: (role) => ({
      under: ['ip', 'netns', 'exec', role === 'simulator_node' ? simulation : robot],
      environment: ENVIRONMENT,
    }),
  });
  startWatcher(simulation);
  startAll(stack);
});

afterEach(async () => {
  await stack.end();
  watcher.kill('SIGKILL');
  hosts.remove();
}, PATIENCE_MS);

describe('a simulator on one host, policy and safety on another', () => {
  it('fly, and fly on when the cable was out', async () => {
    await until('two hundred commands over the cable', () => heard.motors > 200);
    const late = () => Number(heard.status['timing: simulator']?.['late commands']);
    hosts.setCable('down');
    const lateBefore = late();
    await until('the simulator to miss commands', () => late() > lateBefore);
    hosts.setCable('up');
    const motorsBefore = heard.motors;
    await until('commands again', () => heard.motors > motorsBefore + 200);
  });
});
