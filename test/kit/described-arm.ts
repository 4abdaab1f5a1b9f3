import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeBinaryStl } from './mesh-files.ts';

const inertial = (mass: number, x: number, moments = [0.002, 0.002, 0.002]) =>
  `<inertial><origin xyz="${x} 0 0"/><mass value="${mass}"/><inertia ixx="${moments[0]}" iyy="${moments[1]}" izz="${moments[2]}" ixy="0" ixz="0" iyz="0"/></inertial>`;
const visual = (geometry: string) => `<visual><geometry>${geometry}</geometry></visual>`;
const collision = (geometry: string) => `<collision><geometry>${geometry}</geometry></collision>`;

/** Heights and lengths of the arm, for those who compute where it is. [m] */
export const ARM = { shoulderHeight: 0.5, length: 0.4, floorToBase: 0.1 } as const;

/**
 * A URDF alone, in a folder of its own: an arm whose link is an STL mesh and turns about y, a tip fixed at its end,
 * a finger that slides and one that follows it. One visual mesh is missing.
 * @param fault `impossible inertia`: the tip breaks the triangle inequality
 * @returns path of the URDF
 */
export function writeDescribedArm(fault: 'none' | 'impossible inertia'): string {
  const folder = mkdtempSync(join(tmpdir(), 'zerogap-arm-'));
  const path = join(folder, 'arm.urdf');
  const tip = fault === 'none' ? inertial(0.2, 0) : inertial(0.2, 0, [0.0002, 0.0002, 0.002]);
  writeFileSync(join(folder, 'link.stl'), makeBinaryStl());
  writeFileSync(
    path,
    `<robot name="arm">
<link name="base">${inertial(2, 0)}${visual('<box size="0.3 0.3 0.2"/>')}${collision('<box size="0.3 0.3 0.2"/>')}</link>
<link name="upper">${inertial(1, 0.2)}${visual('<mesh filename="link.stl" scale="0.4 0.15 0.15"/>')}</link>
<link name="tip">${tip}${visual('<mesh filename="gone.stl"/>')}</link>
<link name="left">${inertial(0.1, 0)}${visual('<box size="0.1 0.02 0.05"/>')}</link>
<link name="right">${inertial(0.1, 0)}${visual('<box size="0.1 0.02 0.05"/>')}</link>
<joint name="shoulder" type="revolute"><parent link="base"/><child link="upper"/><origin xyz="0 0 ${ARM.shoulderHeight}"/><axis xyz="0 1 0"/><limit lower="-1" upper="1.5" effort="20" velocity="3"/><dynamics damping="0.25" friction="0.125"/></joint>
<joint name="wrist" type="fixed"><parent link="upper"/><child link="tip"/><origin xyz="${ARM.length} 0 0"/></joint>
<joint name="grip" type="prismatic"><parent link="tip"/><child link="left"/><axis xyz="0 1 0"/><limit lower="0" upper="0.2" effort="5" velocity="1"/></joint>
<joint name="follow" type="prismatic"><parent link="tip"/><child link="right"/><axis xyz="0 1 0"/><limit lower="-0.2" upper="0" effort="5" velocity="1"/><mimic joint="grip" multiplier="-1"/></joint>
</robot>`,
  );
  return path;
}
