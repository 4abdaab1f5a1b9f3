import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findPackage, findResource } from '../../../sim/robot/packages.ts';

const root = mkdtempSync(join(tmpdir(), 'packages-'));
function put(path: string, text = ''): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const own = put('ws/arm_description/urdf/arm.urdf');
const ownMesh = put('ws/arm_description/meshes/a b.stl');
const beside = put('ws/hand_description/meshes/palm.stl');
const renamed = put('other/checkout-1.2/meshes/leg.stl');
put('other/checkout-1.2/package.xml', '<package><name>leg_description</name></package>');
const folder = dirname(own);

describe('findResource', () => {
  const find = (uri: string, ...packagePaths: string[]) =>
    findResource(uri, { packagePaths, folder }).path;

  it('finds the package that the description lies in, and one beside it', () => {
    expect(find('package://arm_description/meshes/a b.stl')).toBe(ownMesh);
    expect(find('model://hand_description/meshes/palm.stl')).toBe(beside);
  });

  it('finds packages in search paths, that are one, or that say so in package.xml', () => {
    const uri = 'package://leg_description/meshes/leg.stl';
    expect(find(uri)).toBeUndefined();
    expect(find(uri, join(root, 'other'))).toBe(renamed);
    expect(find(uri, join(root, 'other', 'checkout-1.2'))).toBe(renamed);
  });

  it('finds paths beside the description, absolute ones and file://', () => {
    expect(find('../meshes/a b.stl')).toBe(ownMesh);
    expect(find(ownMesh)).toBe(ownMesh);
    expect(find(`file://${ownMesh.replace(' ', '%20')}`)).toBe(ownMesh);
  });

  it('lists where it looked in vain', () => {
    const searched = (uri: string) => {
      const found = findResource(uri, { packagePaths: [join(root, 'other')], folder });
      return found.path === undefined ? `${found.why}: ${found.searched.join(', ')}` : found.path;
    };
    expect(searched('package://none/a.stl')).toBe(
      `no folder of package 'none': ${join(root, 'other')}, ${folder} and the folders above it`,
    );
    expect(searched('package://arm_description/no.stl')).toBe(
      `no such file: ${join(root, 'ws/arm_description/no.stl')}`,
    );
    expect(searched('https://host/a.stl')).toMatch(/'https:\/\/' is not a place on this machine/);
    expect(searched('a\0b')).toMatch(/no such file/);
  });
});

describe('findPackage', () => {
  it('prefers a search path to what lies around the description', () => {
    put('override/arm_description/x');
    const packagePaths = [join(root, 'override')];
    expect(findPackage('arm_description', { packagePaths, folder }).path).toBe(
      join(root, 'override/arm_description'),
    );
  });

  it('finds a package anywhere in a workspace, not in what was built from it', () => {
    put('deep/src/group/repository/foot_description/x');
    put('deep/build/foot_description/x');
    const packagePaths = [join(root, 'deep')];
    expect(findPackage('foot_description', { packagePaths, folder }).path).toBe(
      join(root, 'deep/src/group/repository/foot_description'),
    );
  });

  it('takes the package, not the repository of the same name around it', () => {
    put('clone/gripper/README.md');
    const inner = dirname(put('clone/gripper/gripper/package.xml', '<name>gripper</name>'));
    put('clone/gripper/package.xml', '<package><name>gripper_stack</name></package>');
    const packagePaths = [join(root, 'clone/gripper')];
    expect(findPackage('gripper', { packagePaths, folder }).path).toBe(inner);
  });

  it('refuses to choose between two packages of one name', () => {
    const [one, two] = ['a', 'b'].map((fork) => dirname(put(`forks/${fork}/tail/package.xml`)));
    const found = findPackage('tail', { packagePaths: [join(root, 'forks')], folder });
    expect(found).toMatchObject({
      path: undefined,
      why: `several folders of package 'tail' in ${join(root, 'forks')}: ${one}, ${two}`,
    });
  });

  it('takes a package and a link to it for one', () => {
    const real = dirname(put('linked/a/fin/package.xml'));
    mkdirSync(join(root, 'linked/b'));
    symlinkSync(real, join(root, 'linked/b/fin'));
    const packagePaths = [join(root, 'linked')];
    expect(findPackage('fin', { packagePaths, folder }).path).toBeDefined();
  });
});
