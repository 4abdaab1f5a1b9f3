import { describe, expect, it } from 'vitest';
import type { Inspection, VisualModel } from '../../web-viewer/robot-schema.ts';
import { Inspector } from '../../web-viewer/src/inspect/inspector.ts';
import { makeBoxGlyph, makeInertiaBoxes } from '../../web-viewer/src/scene/inspect/glyphs.ts';

const identity = { translation: [0, 0, 0], rotation: [0, 0, 0, 1] } as const;
const at = (x: number, y: number, z: number) =>
  ({ translation: [x, y, z], rotation: [0, 0, 0, 1] }) as const;

/** An arm that turns about y, 0.5 m above the base, and two fingers at 0.4 m along it that slide apart. */
const MODEL: VisualModel = {
  name: 'arm',
  mass: 4,
  rootLink: 'base',
  links: ['base', 'arm', 'left', 'right'].map((name) => ({ name, visuals: [] })),
  joints: [
    { name: 'shoulder', type: 'revolute', parent: 'base', child: 'arm', axis: [0, 1, 0] } as const,
    { name: 'grip', type: 'prismatic', parent: 'arm', child: 'left', axis: [0, 1, 0] } as const,
    { name: 'follow', type: 'prismatic', parent: 'arm', child: 'right', axis: [0, 1, 0] } as const,
  ].map((joint) => ({
    ...joint,
    parentFromJoint: joint.name === 'shoulder' ? at(0, 0, 0.5) : at(0.4, 0, 0),
  })),
  jointNames: ['shoulder', 'grip', 'follow'],
  rotorJoints: [],
};
const loss = { damping: 0, friction: 0, armature: 0 };
const FACTS: Inspection = {
  mapFromBase: at(0, 0, 0.1),
  home: [0, 0, 0.01],
  inertials: {
    base: { mass: 3, linkFromInertia: identity, inertia: [1, 1, 1, 0, 0, 0] },
    arm: { mass: 1, linkFromInertia: at(0.2, 0, 0), inertia: [1, 1, 1, 0, 0, 0] },
  },
  joints: [
    { name: 'shoulder', lower: -1, upper: 2, ...loss },
    { name: 'grip', lower: 0, upper: 0.05, ...loss },
    { name: 'follow', ...loss, mimic: { joint: 'grip', multiplier: -2, offset: 0.01 } },
  ],
  problems: [],
  warnings: [],
};

describe('a description that is looked at', () => {
  it('moves joints within their limits, and what follows them', () => {
    const inspector = new Inspector(MODEL, FACTS);
    inspector.setPosition('shoulder', 5);
    inspector.setPosition('grip', 0.03);
    expect([...inspector.jointPosition.subarray(0, 2)]).toEqual([2, 0.03]);
    expect(inspector.getPosition('follow')).toBeCloseTo(-2 * 0.03 + 0.01, 12);
    inspector.setPosition('shoulder', Number.NaN);
    inspector.setPosition('nobody', 1);
    expect(inspector.getPosition('shoulder')).toBe(2);
    inspector.moveAll('zero');
    expect([...inspector.jointPosition]).toEqual([0, 0, 0.01]);
  });

  it('computes the centre of mass of the pose that it is in', () => {
    const inspector = new Inspector(MODEL, FACTS);
    // (3 · (0, 0, 0) + 1 · (0.2, 0, 0.5)) / 4 in base, 0.1 m higher in map
    expect(inspector.computeCentreInBase()!.toArray()).toEqual([0.05, 0, 0.125]);
    expect(inspector.computeCentreOfMass()!.z).toBeCloseTo(0.225, 12);
    // A quarter turn about y takes the arm's 0.2 m along x to −0.2 m along z: (0, 0, 0.3) / 4.
    inspector.setPosition('shoulder', Math.PI / 2);
    const [x, , z] = inspector.computeCentreInBase()!.toArray();
    expect(x).toBeCloseTo(0, 12);
    expect(z).toBeCloseTo(0.075, 12);
  });

  it('keeps the pose and the selection when the description is read again', () => {
    const before = new Inspector(MODEL, FACTS);
    before.setPosition('shoulder', 1);
    before.selection.set({ kind: 'joint', name: 'grip' });
    const after = new Inspector({ ...MODEL, jointNames: ['grip', 'shoulder', 'follow'] }, FACTS);
    after.takeOver(before);
    expect(after.getPosition('shoulder')).toBe(1);
    expect(after.selection.get()).toEqual({ kind: 'joint', name: 'grip' });
    before.selection.set({ kind: 'link', name: 'gone' });
    const other = new Inspector(MODEL, FACTS);
    other.takeOver(before);
    expect(other.selection.get()).toBeUndefined();
  });

  it('draws the box that has a link’s mass and inertia, and says where there is none', () => {
    // A solid box of 2 kg, 0.1 × 0.2 × 0.3 m: Ixx = m/12 (b² + c²) = 2/12 · (0.04 + 0.09), and so on.
    const inertia = [(2 / 12) * 0.13, (2 / 12) * 0.1, (2 / 12) * 0.05, 0, 0, 0] as const;
    const impossible = [1, 1, 3, 0, 0, 0] as const;
    const inspector = new Inspector(MODEL, {
      ...FACTS,
      inertials: {
        base: { mass: 2, linkFromInertia: at(1, 0, 0), inertia },
        arm: { mass: 2, linkFromInertia: identity, inertia: impossible },
      },
    });
    const [box, broken] = makeInertiaBoxes(inspector);
    [0.1, 0.2, 0.3].forEach((side, k) => {
      expect(box!.size.getComponent(k)).toBeCloseTo(side, 12);
    });
    expect(box!.isImpossible).toBe(false);
    // 12 edges about (1, 0, 0): corners half a side away.
    const { segments } = makeBoxGlyph(box!);
    expect(segments.length).toBe(12);
    expect(Math.max(...segments.map(({ from }) => from.x))).toBeCloseTo(1.05, 12);
    expect(broken!.isImpossible).toBe(true);
    expect(broken!.size.z).toBe(0);
  });
});
