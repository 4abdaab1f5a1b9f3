import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { planEnv } from '../../../sim/env-plan.ts';
import { checkRandomization } from '../../../sim/randomize/check.ts';
import { describeRange } from '../../../sim/randomize/check-distribution.ts';
import {
  getDistribution,
  RandomizationConfig,
  type RandomizationInput,
} from '../../../sim/randomize/config.ts';
import { listParts } from '../../../sim/randomize/entries.ts';
import { getDefaultsPath, makeRobotRandomization } from '../../../sim/randomize/file.ts';
import { checkNeeds } from '../../../sim/randomize/needs.ts';
import { getProperty, PROPERTY_KEYS, type PropertyKey } from '../../../sim/randomize/properties.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { parseYaml } from '../../../sim/schema.ts';
import { GUSTY_RANGES, INDOOR_RANGES } from '../../../sim/tasks/crazyflie.ts';
import { GO2_STAND_RANGES } from '../../../sim/tasks/go2-stand.ts';
import { GO2_VELOCITY_RANGES } from '../../../sim/tasks/go2-velocity.ts';
import { getTask, TASK_NAMES } from '../../../sim/tasks/registry.ts';
import { EMPTY_SCENE } from '../../../sim/terrain/scene.ts';

const PAGE = fileURLToPath(new URL('../../../sim/RANDOMIZATION.md', import.meta.url));
const ROBOTS = readdirSync(fileURLToPath(new URL('../../../sim/robots', import.meta.url))).sort();
const NOMINAL = RandomizationConfig.parse({});

const GROUPS = {
  physical: 'What robots are like',
  measured: 'What their sensors make of it',
  disturbance: 'What happens to them',
  place: 'Where it takes place, and how hard it is',
} as const;

function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function formatProperties(group: keyof typeof GROUPS): string {
  const rows = PROPERTY_KEYS.filter((key) => getProperty(key).group === group).map((key) => {
    const { operation, unit, nominal, per, mayChange, needs, description } = getProperty(key);
    const notes = [
      ...(per === undefined ? [] : [`may be drawn for each ${per}`]),
      ...(mayChange ? [] : ['not while an episode runs']),
      ...(needs === undefined ? [] : [`needs ${/^[aeiou]/.test(needs) ? 'an' : 'a'} ${needs}`]),
    ];
    const text = [description, ...notes].join('; ');
    return [`\`${key}\``, operation, unit, `${nominal}`, describeRange(key), text];
  });
  const head = ['property', 'operation', 'unit', 'default', 'values', 'what it is'];
  return `## ${GROUPS[group]}\n\n${formatTable(head, rows)}`;
}

/** What tasks draw besides, as it is written: reasons are dropped when it is read. */
const TASK_RANGES: Readonly<Record<string, RandomizationInput>> = {
  'crazyflie-hover': INDOOR_RANGES,
  'crazyflie-track': GUSTY_RANGES,
  'go2-stand': GO2_STAND_RANGES,
  'go2-velocity': GO2_VELOCITY_RANGES,
};

/** @param written a randomisation with the reasons in it */
function readReason(written: unknown, key: PropertyKey): string {
  let node = written;
  for (const part of key.split('.')) node = (node as Record<string, unknown>)?.[part];
  return (node as { readonly why?: string } | undefined)?.why ?? '';
}

function readDefaults(robot: string): unknown {
  return parse(readFileSync(getDefaultsPath(robot), 'utf8'));
}

function listDrawnByTask(name: string): PropertyKey[] {
  const task = getTask(name);
  return listDrawn(task.randomization, makeRobotRandomization(task.robot));
}

function listDrawn(config: RandomizationConfig, beside = NOMINAL): PropertyKey[] {
  return PROPERTY_KEYS.filter(
    (key) =>
      JSON.stringify(getDistribution(config, key)) !== JSON.stringify(getDistribution(beside, key)),
  );
}

function formatDistribution(config: RandomizationConfig, key: PropertyKey): string {
  const distribution = getDistribution(config, key);
  if (typeof distribution === 'number') return `${distribution}`;
  return Object.entries(distribution)
    .map(([kind, value]) => `${kind} ${JSON.stringify(value).replaceAll(',', ', ')}`)
    .join(', ');
}

function formatRobots(): string {
  const rows = ROBOTS.flatMap((robot) => {
    const config = makeRobotRandomization(robot);
    const written = readDefaults(robot);
    return listDrawn(config).map((key) => [
      ...[robot, `\`${key}\``, formatDistribution(config, key)],
      readReason(written, key),
    ]);
  });
  const intro =
    'From `robots/<name>/randomization.yaml`; all tasks with the robot draw from these.';
  return `## Ranges of the robots in the box\n\n${intro}\n\n${formatTable(['robot', 'property', 'drawn from', 'why'], rows)}`;
}

function formatTasks(): string {
  const rows = TASK_NAMES.flatMap((name) => {
    return listDrawnByTask(name).map((key) => [
      ...[name, `\`${key}\``, formatDistribution(getTask(name).randomization, key)],
      readReason(TASK_RANGES[name], key),
    ]);
  });
  const intro =
    'Pushes, weather, loads and ground, from `tasks/<name>.ts`, which says what stands behind names in brackets.';
  return `## What tasks add\n\n${intro}\n\n${formatTable(['task', 'property', 'drawn from', 'why'], rows)}`;
}

it('the page on randomisation says what the table of properties and the files of the robots say', async () => {
  const written = readFileSync(PAGE, 'utf8');
  const end = written.indexOf('-->') + '-->'.length;
  const groups = Object.keys(GROUPS) as (keyof typeof GROUPS)[];
  const parts = [
    written.slice(0, end),
    ...groups.map(formatProperties),
    formatRobots(),
    formatTasks(),
  ];
  await expect(`${parts.join('\n\n')}\n`).toMatchFileSnapshot(PAGE);
});

/** Some words. */
const REASON = /\w{4}/;

it.each(ROBOTS)('every range of %s has a reason', (robot) => {
  const drawn = listDrawn(makeRobotRandomization(robot));
  expect(drawn.length).toBeGreaterThan(0);
  for (const key of drawn) expect(readReason(readDefaults(robot), key), key).toMatch(REASON);
});

it.each(TASK_NAMES)('every range that %s adds has a reason', (name) => {
  for (const key of listDrawnByTask(name)) {
    expect(readReason(TASK_RANGES[name], key), key).toMatch(REASON);
  }
  // Reasons change nothing of what a policy says it was taught on.
  expect(JSON.stringify(getTask(name).randomization)).not.toContain('why');
});

it.each(TASK_NAMES)('everything that %s draws is of something that is there', async (name) => {
  const { model, scene, randomization } = await planEnv({ task: name, numEnvs: 1 });
  expect(checkNeeds(randomization, name, { model, scene })).toEqual([]);
});

it('every property is in the schema, with its unit and default', () => {
  for (const key of PROPERTY_KEYS) {
    expect(getDistribution(NOMINAL, key)).toBe(getProperty(key).nominal);
  }
});

it('the example on the page is a randomisation that a go2 can have', () => {
  const [, example] = /```yaml\n([\s\S]*?)```/.exec(readFileSync(PAGE, 'utf8'))!;
  const config = parseYaml(RandomizationConfig, example!, { where: PAGE, remedy: 'Correct it.' });
  const model = loadRobot('go2');
  const parts = listParts(model, EMPTY_SCENE);
  expect(checkRandomization(config, PAGE, { model, parts })).toEqual([]);
});
