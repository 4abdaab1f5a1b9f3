import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRecordedRobot } from '../../launch/recorded-robot.ts';
import { readRobotConfig, readRobotDescription } from '../../sim/robot/load.ts';
import { makeBinaryStl } from '../kit/mesh-files.ts';

/** A recording of a Crazyflie with one more visual, a mesh beside its description. */
function makeRecording(folder: string) {
  const visual = '<visual><geometry><mesh filename="shell.stl"/></geometry></visual>';
  const urdf = readRobotDescription('crazyflie').replace(
    /<link name="base_link">/,
    (link) => link + visual,
  );
  const encoder = new TextEncoder();
  const attach = (name: string, text: string) => {
    return { name, mediaType: 'text/plain', data: encoder.encode(text) };
  };
  return {
    path: 'run.mcap',
    attachments: [attach('robot.urdf', urdf), attach('robot.yaml', readRobotConfig('crazyflie'))],
    metadata: { zerogap: { config: JSON.stringify({ robot: join(folder, 'robot.urdf') }) } },
  };
}

describe('the robot of a recording', () => {
  it('has the meshes that still lie where they lay, whether or not its description does', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zerogap-recorded-'));
    const recording = makeRecording(folder);
    writeFileSync(join(folder, 'shell.stl'), makeBinaryStl());
    const { meshes } = await readRecordedRobot(recording);
    // The tetrahedron has 4 faces.
    expect(meshes.get('shell.stl')?.triangles.length).toBe(3 * 4);
    rmSync(folder, { recursive: true });
    expect((await readRecordedRobot(recording)).meshes.size).toBe(0);
  });

  it('is read without meshes where nobody wrote down where it came from', async () => {
    const { path, attachments } = makeRecording('/nowhere');
    const model = await readRecordedRobot({ path, attachments, metadata: {} });
    expect(model.name).toBe('crazyflie');
    expect(model.meshes.size).toBe(0);
  });
});
