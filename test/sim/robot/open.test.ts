import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRobot } from '../../../sim/robot/open.ts';
import { makeBinaryStl } from '../../kit/mesh-files.ts';
import { getTestRobotSource } from '../../kit/robots.ts';

const CRANE = getTestRobotSource('crane');

/** A crane in a package of its own, whose hook it names by the folder that `find` stands for. */
function makeClone(find: string, mesh = makeBinaryStl()): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'clone-')), 'crane_description');
  mkdirSync(folder);
  const hook = `<collision><geometry><mesh filename="file://${find}/hook.stl"/></geometry></collision>`;
  const file = join(folder, 'crane.xacro');
  writeFileSync(file, CRANE.urdf.replace('<link name="tip"/>', `<link name="tip">${hook}</link>`));
  writeFileSync(join(folder, 'robot.yaml'), CRANE.yaml);
  writeFileSync(join(folder, 'hook.stl'), mesh);
  return file;
}

describe('the hash of a xacro', () => {
  it.each(['$(find crane_description)', '$(dirname)'])(
    'is the same in every clone, where %s is another folder',
    async (find) => {
      const [one, two] = [await openRobot(makeClone(find)), await openRobot(makeClone(find))];
      expect([...one.meshes.keys()]).not.toEqual([...two.meshes.keys()]);
      expect(one.sha256).toBe(two.sha256);
    },
  );

  it('is another where a collision mesh is', async () => {
    const other = makeBinaryStl();
    // A byte of the first facet's normal, which is not even used: whoever changed it may have changed more.
    other[84] = 1;
    const [one, two] = [
      await openRobot(makeClone('$(dirname)')),
      await openRobot(makeClone('$(dirname)', other)),
    ];
    expect(one.sha256).not.toBe(two.sha256);
  });
});
