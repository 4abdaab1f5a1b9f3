import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { RandomizationConfig } from '../../../sim/randomize/config.ts';
import { readRandomization } from '../../../sim/randomize/file.ts';
import { loadRobot } from '../../../sim/robot/load.ts';

const folder = mkdtempSync(join(tmpdir(), 'randomization-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(text: string): string {
  const path = join(folder, 'ranges.yaml');
  writeFileSync(path, text);
  return path;
}

function readError(text: string, robot?: string): string {
  try {
    readRandomization(write(text), robot === undefined ? undefined : loadRobot(robot));
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

describe('a randomisation file', () => {
  it('draws the same with its reasons as without them', () => {
    const path = write(
      'massScale: { uniform: [0.9, 1.2], why: "a deck of 3 g" }\npush: { intervalS: { choice: [2, 4] } }\n',
    );
    expect(readRandomization(path)).toEqual(
      RandomizationConfig.parse({
        massScale: { uniform: [0.9, 1.2] },
        push: { intervalS: { choice: [2, 4] } },
      }),
    );
  });

  it('says in so many words that nothing is randomised; without a word it is refused', () => {
    expect(readRandomization(write('{}\n'))).toEqual(RandomizationConfig.parse({}));
    for (const text of ['', '# massScale: 1\n', '---\n']) {
      expect(readError(text)).toMatch(/ranges\.yaml: the randomisation is empty .*Write \{\}/);
    }
  });

  it('tells what is wrong with the sense of some entries beside the wrong form of others', () => {
    const text = [
      'masScale: 2',
      'dragScale: { uniform: [2, 1] }',
      'payload: { mass: { uniform: [0, 1] } }',
      'correlations:',
      '  - { of: [massScale, thrustScale], coefficient: 0.5 }',
      '  - { of: [dragScale, thrustScale], coefficient: 0.5 }',
      'thrustScale: { uniform: [0.9, 1.1] }',
      'fixed: { nonsense: 1, dragScale: 1 }',
    ];
    const message = readError(text.join('\n'), 'cartpole');
    for (const wanted of [
      /:1: masScale: unknown key/,
      /:2: dragScale: .*lower end first/,
      /payload\.mass: a robot with a fixed base/,
      // massScale is not drawn; what dragScale is nobody knows.
      /correlations\[0\]/,
      /fixed\.nonsense: there is no such number/,
    ]) {
      expect(message).toMatch(wanted);
    }
    expect(message).not.toMatch(/correlations\[1\]|fixed\.dragScale/);
  });

  it('with an unknown property lists the valid ones and the nearest', () => {
    const message = readError('masScale: { uniform: [0.9, 1.1] }\n');
    expect(message).toMatch(/ranges\.yaml:1: masScale: unknown key/);
    expect(message).toMatch(/one of massScale, inertiaScale, thrustScale, .*wind/);
    expect(message).toMatch(/Did you mean 'massScale'\?/);
  });

  it('tells all its problems at once, each with line and key path', () => {
    const lines = readError(
      [
        'massScale: { uniform: [0, 1] }',
        'dragScale: { uniform: [2, 1] }',
        'payload:',
        '  mass: { unifrom: [0, 1] }',
        'push: { intervalS: { normal: [3, 1] } }',
        'commandLatencyS: { uniform: [0, 0.1], moment: interval }',
        'batteryCharge: { uniform: [0.5, 1], moment: interval, everyS: 1 }',
        'thrustScale: { choice: [1, 2], clip: [0, 1] }',
        'armatureScale: { logUniform: [0, 2] }',
        'observationDelaySteps: { uniform: [0, 1.5] }',
        'effortScale: { uniform: [0.8, 1.2], perJoint: { uniform: [-1, 1] } }',
        'motorLagScale: { schedule: { from: { choice: [1] }, to: { choice: [2] } } }',
        'gravityScale: strong',
      ].join('\n'),
    ).split('\n');
    const wanted = [
      /:1: massScale: .*values from 0\.001 to 1000.*from 0 to 1/,
      /:2: dragScale: .*lower end first/,
      /:4: payload\.mass\.unifrom: unknown key .*Did you mean 'uniform'/,
      /:5: push\.intervalS: .*-Infinity to Infinity without a clip/,
      /:6: commandLatencyS: moment interval and everyS go together/,
      /:7: batteryCharge: it cannot change while an episode runs/,
      /:8: thrustScale: only a normal is clipped/,
      /:9: armatureScale: there is no logarithm/,
      /:10: observationDelaySteps: it counts .*whole numbers/,
      /:11: effortScale: .*values from 0 to 1000/,
      /:12: motorLagScale: there is nothing between two lists/,
      /:13: gravityScale: .*expected number, or object, got 'strong'/,
    ];
    expect(lines).toHaveLength(wanted.length);
    for (const pattern of wanted)
      expect(lines.filter((line) => pattern.test(line))).toHaveLength(1);
  });

  it.each([
    ['massScale', 1e6, 'from 0.001 to 1000'],
    ['massScale', 1e-6, 'from 0.001 to 1000'],
    ['inertiaScale', 1e50, 'from 0.001 to 1000'],
    ['gravityScale', 1e300, 'from 0 to 1000'],
    ['commandLatencyS', 1000, 'from 0 to 10'],
    ['payload.mass', 1e39, 'from 0 to 10000'],
    ['payload.x', -50, 'from -10 to 10'],
    ['start.x', 1e5, 'from -1000 to 1000'],
    ['wind.timeConstantS', 1e-9, 'from 0.001 to 10000'],
  ])('refuses %s of %s, which is finite and no robot', (key, value, expected) => {
    const [head, ...rest] = key.split('.');
    const inner = rest.length === 0 ? `${value}` : `{ ${rest[0]}: ${value} }`;
    expect(readError(`${head}: ${inner}\n`)).toContain(`values ${expected}`);
  });

  it.each([1e-30, 1e300])('refuses to draw anew every %s s', (everyS) => {
    const text = `massScale: { uniform: [1, 2], moment: interval, everyS: ${everyS} }\n`;
    expect(readError(text)).toMatch(/:1: massScale\.everyS: .*(at least 0\.001|at most 10000)/);
  });

  it('refuses a list of what is counted with parts among it, whatever its ends are', () => {
    expect(readError('observationDelaySteps: { choice: [0, 1.5, 2] }\n')).toMatch(
      /observationDelaySteps: it counts .*whole numbers/,
    );
    expect(readError('observationDelaySteps: { choice: [0, 1, 3] }\n')).toBe('');
  });

  it('looks at each end of a schedule for itself', () => {
    const lines = readError(
      [
        'massScale: { schedule: { from: { uniform: [1.2, 0.8] }, to: { uniform: [0.5, 1.5] } } }',
        'dragScale: { schedule: { from: 1, to: { uniform: [1.2, 0.8] } } }',
        'armatureScale: { schedule: { from: 1, to: { normal: [2, 0.1], clip: [0.9, 1.1] } } }',
        'observationDelaySteps: { schedule: { from: 0.5, to: { uniform: [0, 4] } } }',
      ].join('\n'),
    ).split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/:1: massScale: .*lower end first.*from 1\.2 to 0\.8/);
    expect(lines[1]).toMatch(/:2: dragScale: .*lower end first.*from 1\.2 to 0\.8/);
    expect(lines[2]).toMatch(/:3: armatureScale: the mean is outside of the clip/);
    expect(lines[3]).toMatch(/:4: observationDelaySteps: it counts/);
  });

  it('refuses a normal with a mean outside of its clip, which would draw its end and nothing else', () => {
    expect(readError('massScale: { normal: [1, 1e300], clip: [0.5, 2] }\n')).toMatch(
      /massScale: the deviation is so much wider than the clip .*up to 15, got 1e\+300/,
    );
    expect(readError('massScale: { normal: [5, 0.05], clip: [0.9, 1.1] }\n')).toMatch(
      /massScale: the mean is outside of the clip.*a mean from 0\.9 to 1\.1, got '?5/,
    );
    expect(readError('massScale: { normal: [0.9, 0.05], clip: [0.9, 1.1] }\n')).toBe('');
  });

  it('refuses what acts on the base of a robot that is bolted down, by name', () => {
    const text = 'payload: { mass: { uniform: [0, 1] } }\nstart: { yaw: 1 }\nmassScale: 2\n';
    expect(readError(text, 'go2')).toBe('');
    const lines = readError(text, 'cartpole').split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/payload\.mass: a robot with a fixed base, such as 'cartpole'/);
    expect(lines[1]).toMatch(/start\.yaw/);
    expect(readError('fixed: { payload.mass: 1 }', 'cartpole')).toMatch(
      /fixed\.payload\.mass: a robot with a fixed base/,
    );
  });

  it.each([
    ['thrustScale', 'rotor'],
    ['rotorTorqueScale', 'rotor'],
    ['batteryCharge', 'battery'],
    ['motorLagScale', 'motor with a lag'],
    ['jointFrictionScale', 'joint with friction'],
    ['sensorQuantisationScale', 'sensor with steps'],
    ['sensorLatencyScale', 'sensor with latency'],
  ])('refuses a %s drawn for a robot without a %s', (key, needed) => {
    const text = `${key}: { uniform: [0.5, 0.9] }\n`;
    expect(readError(text, 'cartpole')).toMatch(
      new RegExp(`${key}: robot 'cartpole' has no ${needed}, so that it makes no difference`),
    );
    expect(readError(text)).toBe('');
    expect(readError(`${key}: 1\n`, 'cartpole')).toBe('');
  });

  it('refuses what is drawn for each part, too, and lets pass what has something', () => {
    const text = 'effortScale: { choice: [1], perJoint: { uniform: [0.9, 1.1] } }\n';
    expect(readError(text, 'crazyflie')).toMatch(/effortScale: .*has no joint motor/);
    expect(readError(text, 'go2')).toBe('');
    expect(readError('jointFrictionScale: { uniform: [0.5, 2] }\n', 'go2')).toBe('');
  });

  it('says which number it cannot fix, and what it may have meant', () => {
    const message = readError(
      'effortScale: { uniform: [0.9, 1.1], perJoint: true }\nfixed: { effortScale.FL_hip: 1, effortScale.FR_hip_joint: 0.5, massScale: 0 }\n',
      'go2',
    );
    expect(message).toMatch(
      /fixed\.effortScale\.FL_hip: .*Did you mean 'effortScale\.FL_hip_joint'/,
    );
    expect(message).toMatch(/fixed\.massScale: .*from 0\.001 to 1000/);
    expect(message).not.toMatch(/FR_hip_joint: /);
  });

  it('that is not there is said to be missing', () => {
    expect(() => readRandomization(join(folder, 'none.yaml'))).toThrow(
      /none\.yaml: .*cannot be read/,
    );
  });
});
