import { getRobotColour } from '../colours.ts';
import type { Fleet } from '../fleet.ts';
import { FatLines } from './fat-lines.ts';
import { computeModelRadius } from './geometry.ts';
import type { Layer } from './layer.ts';
import { Color, Group, InstancedMesh, Matrix4, MeshBasicMaterial, TorusGeometry } from './three.ts';

/** Where each robot should be now: a ring with a tick towards the wanted heading, tied to the robot. */
export function makeTargetsLayer(fleet: Fleet): Layer {
  const { robots, models } = fleet.welcome;
  const radius = 0.8 * Math.max(0.05, ...models.map(computeModelRadius));
  const rings = new InstancedMesh(
    new TorusGeometry(radius, radius / 26, 6, 40),
    new MeshBasicMaterial({ transparent: true, opacity: 0.75, depthWrite: false }),
    robots.length,
  );
  rings.frustumCulled = false;
  // Two segments per robot: the tick, and the tie to where the robot is.
  const lines = new FatLines(2 * robots.length, { widthPx: 1.5, opacity: 0.7 });
  const colour = new Color();
  robots.forEach((_, i) => {
    rings.setColorAt(i, colour.set(getRobotColour(i)));
    lines.setColour(2 * i, colour);
    lines.setColour(2 * i + 1, colour);
  });
  const group = new Group();
  group.add(rings, lines.mesh);
  const matrix = new Matrix4();
  const tip = [0, 0, 0];

  return {
    object: group,
    update: ({ values, width, height, robotScale }) => {
      robots.forEach((_, i) => {
        const r = fleet.findOffset(i, 'reference');
        const p = fleet.findOffset(i, 'position');
        const isKnown = r >= 0 && Number.isFinite(values[r]!);
        const yaw = isKnown ? values[r + 3]! : Number.NaN;
        lines.setBirth(2 * i, Number.isFinite(yaw) ? 0 : -1);
        lines.setBirth(2 * i + 1, isKnown && p >= 0 && Number.isFinite(values[p]!) ? 0 : -1);
        rings.setMatrixAt(i, matrix.makeScale(0, 0, 0));
        if (!isKnown) return;
        matrix.makeScale(robotScale, robotScale, robotScale);
        matrix.setPosition(values[r]!, values[r + 1]!, values[r + 2]!);
        rings.setMatrixAt(i, matrix);
        tip[0] = values[r]! + 1.5 * robotScale * radius * Math.cos(yaw);
        tip[1] = values[r + 1]! + 1.5 * robotScale * radius * Math.sin(yaw);
        tip[2] = values[r + 2]!;
        lines.set(2 * i, values, r, tip, 0);
        if (p >= 0) lines.set(2 * i + 1, values, r, values, p);
      });
      rings.instanceMatrix.needsUpdate = true;
      lines.markChanged(0, 2 * robots.length);
      lines.setView(0, width, height);
    },
    dispose: () => {
      rings.geometry.dispose();
      rings.dispose();
      lines.dispose();
    },
  };
}
