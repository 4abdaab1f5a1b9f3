import { describe, expect, it } from 'vitest';
import { passesAll, renderPage } from './report.ts';
import { type ExperimentResult, mergeExperiment, type Results } from './results.ts';

const result: ExperimentResult = {
  name: 'fall',
  shows: 'A ball falls.',
  settings: 'h = 2 ms',
  rows: [{ quantity: 'speed', unit: 'm/s', exact: 9.8, tolerance: 0.1, why: 'first order' }],
  rapier: { errors: [0.02], halved: [0.01] },
  mujoco: { errors: [0.2], halved: [0.1] },
};
const results: Results = { versions: { Rapier: '1' }, experiments: [result], comparisons: [] };

describe('the fidelity page', () => {
  it('shows a missed tolerance as missed, and one that is met as met', () => {
    const page = renderPage(results);
    expect(page).toContain(
      '| speed | 9.8 | 0.1 m/s | 0.02 | 0.01 | **0.2** ✗ | 0.1 | first order |',
    );
    expect(page).toContain('| [fall](#fall) | 1 of 1 | **0 of 1** ✗ |');
    expect(page).toContain('- mujoco: no explanation is known.');
  });

  it('does not take an error that is not a number for a small one', () => {
    const broken = { ...result, mujoco: { errors: [null] } };
    expect(renderPage({ ...results, experiments: [broken] })).toContain('**not finite** ✗');
    expect(passesAll({ ...results, experiments: [broken] })).toBe(false);
  });

  it('says why an engine could not run', () => {
    const broken = { ...result, mujoco: { failure: 'no such joint' } };
    const page = renderPage({ ...results, experiments: [broken] });
    expect(page).toContain('- mujoco could not run: no such joint');
    expect(passesAll({ ...results, experiments: [broken] })).toBe(false);
  });

  it('passes where all engines that ran are within the tolerances', () => {
    const { mujoco: _, ...alone } = result;
    expect(passesAll({ ...results, experiments: [alone] })).toBe(true);
    expect(passesAll(results)).toBe(false);
  });
});

describe('a run of one engine', () => {
  it('keeps the other engine’s figures of the same rows', () => {
    const { mujoco: _, ...alone } = { ...result, rapier: { errors: [0.05] } };
    const merged = mergeExperiment(results, alone, ['fall']);
    expect(merged.experiments[0]).toEqual({ ...result, rapier: { errors: [0.05] } });
  });

  it('drops them where a row has changed its meaning', () => {
    const { mujoco: _, ...alone } = result;
    const moved = { ...alone, rows: [{ ...result.rows[0]!, tolerance: 0.5 }] };
    expect(mergeExperiment(results, moved, ['fall']).experiments[0]).not.toHaveProperty('mujoco');
  });

  it('drops experiments that are no longer there', () => {
    expect(
      mergeExperiment(results, { ...result, name: 'swing' }, ['swing']).experiments,
    ).toHaveLength(1);
  });
});
