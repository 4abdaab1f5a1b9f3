import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ENGINE_NAMES } from '../../sim/engine/engine.ts';
import { COMPARISONS, EXPERIMENTS } from './catalogue.ts';
import { EXPLANATIONS, REMARKS } from './explanations.ts';
import { listMisses, renderPage } from './report.ts';
import { PAGE_FILE, readResults } from './results.ts';
import { runExperiment } from './run-experiment.ts';

/** Those that take milliseconds; the rest is for `npm run fidelity`. */
const FAST = ['free-fall', 'double-pendulum', 'gyroscope', 'rolling', 'pd-step'];

const results = readResults();

describe('the committed fidelity page', () => {
  it('is what the code makes of the committed results', () => {
    expect(existsSync(PAGE_FILE)).toBe(true);
    expect(readFileSync(PAGE_FILE, 'utf8')).toBe(renderPage(results));
  });

  it('holds every experiment, in both engines, and every comparison', () => {
    expect(results.experiments.map(({ name }) => name)).toEqual(
      EXPERIMENTS.map(({ name }) => name),
    );
    for (const result of results.experiments) {
      for (const engine of ENGINE_NAMES) expect(result[engine], result.name).toBeDefined();
    }
    expect(results.comparisons.map(({ name }) => name)).toEqual(
      COMPARISONS.map(({ name }) => name),
    );
  });

  it('explains each miss, and explains nothing that is not missed', () => {
    const missed = results.experiments.flatMap((result) =>
      ENGINE_NAMES.filter((engine) => {
        const outcome = result[engine];
        return outcome !== undefined && listMisses(result, outcome).length > 0;
      }).map((engine) => `${result.name} ${engine}`),
    );
    const explained = Object.entries(EXPLANATIONS).flatMap(([name, byEngine]) =>
      Object.keys(byEngine).map((engine) => `${name} ${engine}`),
    );
    expect(explained.sort()).toEqual(missed.sort());
  });

  it('says of each comparison where and why the engines differ', () => {
    expect(Object.keys(REMARKS).sort()).toEqual(COMPARISONS.map(({ name }) => name).sort());
  });
});

describe.each(ENGINE_NAMES)('experiments in %s', (engine) => {
  it.each(FAST)('%s runs, and its rows are those of the page', async (name) => {
    const experiment = EXPERIMENTS.find((candidate) => candidate.name === name)!;
    const result = await runExperiment(experiment, [engine]);
    const committed = results.experiments.find((candidate) => candidate.name === name)!;
    expect(result.rows).toEqual(committed.rows);
    expect(result.settings).toEqual(committed.settings);
    const outcome = result[engine]!;
    expect('errors' in outcome && outcome.errors.every((error) => error !== null)).toBe(true);
  });
});
