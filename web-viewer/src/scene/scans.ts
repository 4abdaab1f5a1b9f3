import { getRobotColour } from '../colours.ts';
import type { Fleet } from '../fleet.ts';
import type { Layer, SceneView } from './layer.ts';
import {
  BufferAttribute,
  BufferGeometry,
  Color,
  DynamicDrawUsage,
  Points,
  PointsMaterial,
} from './three.ts';

/** [px] of a point; one that lies on the ground or a wall is not to be half hidden in it */
const SIZE_PX = 4;
/** Of the colours of robots that are not selected. */
const DIMMED = 0.45;

/** What lidars saw last, as points in the colour of their robot. Filled anew with every scan that comes. */
export function makeScansLayer(fleet: Fleet): Layer {
  const geometry = new BufferGeometry();
  const material = new PointsMaterial({
    size: SIZE_PX,
    sizeAttenuation: false,
    vertexColors: true,
  });
  const mesh = new Points(geometry, material);
  // Points lie wherever robots look.
  mesh.frustumCulled = false;
  let version = -1;
  let selected = -1;
  let capacity = 0;

  function reserve(numPoints: number): void {
    if (numPoints <= capacity) return;
    capacity = 2 * numPoints;
    geometry.dispose();
    for (const name of ['position', 'color']) {
      const attribute = new BufferAttribute(new Float32Array(3 * capacity), 3);
      geometry.setAttribute(name, attribute.setUsage(DynamicDrawUsage));
    }
  }

  function refill(view: SceneView): void {
    const scans = [...fleet.scans.values()];
    reserve(scans.reduce((sum, { points }) => sum + points.length / 3, 0));
    const { position, color } = geometry.attributes;
    if (position === undefined || color === undefined) return;
    const colour = new Color();
    let o = 0;
    for (const { robot, points } of scans) {
      colour.set(getRobotColour(robot));
      if (robot !== view.selected) colour.multiplyScalar(DIMMED);
      position.array.set(points, 3 * o);
      for (let p = 0; p < points.length / 3; p++) colour.toArray(color.array, 3 * (o + p));
      o += points.length / 3;
    }
    geometry.setDrawRange(0, o);
    position.needsUpdate = true;
    color.needsUpdate = true;
  }

  return {
    object: mesh,
    update: (view) => {
      if (version !== fleet.scansVersion || selected !== view.selected) {
        version = fleet.scansVersion;
        selected = view.selected;
        refill(view);
      }
      material.size = SIZE_PX * view.pixelRatio;
    },
    dispose: () => {
      geometry.dispose();
      material.dispose();
    },
  };
}
