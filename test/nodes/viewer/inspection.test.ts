import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeInspection } from '../../../nodes/viewer/inspection.ts';
import { describeRobot } from '../../../sim/robot/describe.ts';
import { decodeServerMessage, encodeServerMessage } from '../../../web-viewer/codec.ts';
import type { Welcome } from '../../../web-viewer/protocol.ts';
import { ARM, writeDescribedArm } from '../../kit/described-arm.ts';

/** What a page gets of a description: through the bytes, which refuse what a page could not read. */
async function inspect(path: string): Promise<Welcome> {
  const { welcome } = makeInspection(await describeRobot(path));
  const message = decodeServerMessage(encodeServerMessage({ type: 'welcome', welcome }));
  if (message.type !== 'welcome') throw new Error(JSON.stringify(message));
  return message.welcome;
}

function writeUrdf(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'zerogap-inspection-')), 'robot.urdf');
  writeFileSync(path, text);
  return path;
}

describe('what a page gets of a description', () => {
  it('stands a bare URDF on the floor and leaves out limits that are none', async () => {
    const { inspection, models, run } = await inspect(writeDescribedArm('none'));
    expect(inspection!.mapFromBase.translation).toEqual([0, 0, ARM.floorToBase]);
    expect(inspection!.problems).toEqual([]);
    const joints = new Map(inspection!.joints.map((joint) => [joint.name, joint]));
    expect(joints.get('shoulder')).toMatchObject({ lower: -1, upper: 1.5, maxEffort: 20 });
    expect(joints.get('follow')?.mimic).toEqual({ joint: 'grip', multiplier: -1, offset: 0 });
    expect(joints.get('wrist')).not.toHaveProperty('maxEffort');
    expect(Object.keys(models[0]!.meshes!)).toEqual(['link.stl']);
    expect(run['robot.yaml']).toBe('none');
  });

  it('stands a robot with robot.yaml at home', async () => {
    const { inspection, models } = await inspect('go2');
    const { home } = (await describeRobot('go2')).model!;
    expect(inspection!.mapFromBase.translation).toEqual(home.position);
    expect(inspection!.home).toEqual(home.jointPosition);
    expect(models[0]!.jointNames.length).toBe(12);
  });

  it('names the problems of what cannot be drawn, with a page that has nothing else to show', async () => {
    const { inspection, models } = await inspect(writeUrdf('<robot name="x"><link'));
    expect(models[0]!.links).toEqual([]);
    expect(inspection!.problems[0]).toMatch(/^robot.urdf:1/);
  });

  it('draws the rest of a robot of which a shape has no size', async () => {
    const path = writeUrdf(
      `<robot name="x"><link name="a"><visual><geometry><sphere radius="0"/></geometry></visual>
       <visual><geometry><sphere radius="0.5"/></geometry></visual></link></robot>`,
    );
    const { inspection, models } = await inspect(path);
    expect(inspection!.problems.join()).toMatch(/radius/);
    expect(models[0]!.links[0]!.visuals.map(({ geometry }) => geometry)).toEqual([
      { kind: 'sphere', radius: 0.5 },
    ]);
  });
});
