import { getRobotColour } from '../colours.ts';
import type { Fleet } from '../fleet.ts';
import { FatLines } from './fat-lines.ts';
import type { Layer, SceneView } from './layer.ts';
import { Color, Group } from './three.ts';

/** Courses: where each robot is meant to go. Rebuilt when one changes, which is rare. */
export function makePathsLayer(fleet: Fleet): Layer {
  const group = new Group();
  let lines: FatLines | undefined;
  let version = -1;
  let selected = -1;

  function rebuild(view: SceneView): void {
    lines?.dispose();
    group.clear();
    const numSegments = fleet.paths.reduce((sum, p) => sum + Math.max(0, p.length / 3 - 1), 0);
    if (numSegments === 0) return;
    lines = new FatLines(numSegments, { widthPx: 1.5, opacity: 0.55 });
    const colour = new Color();
    let i = 0;
    fleet.paths.forEach((points, robot) => {
      colour.set(getRobotColour(robot)).multiplyScalar(robot === view.selected ? 1 : 0.3);
      for (let k = 0; k + 3 < points.length; k += 3) {
        lines!.set(i, points, k, points, k + 3);
        lines!.setColour(i, colour);
        lines!.setBirth(i, 0);
        i++;
      }
    });
    lines.markChanged(0, numSegments);
    group.add(lines.mesh);
  }

  return {
    object: group,
    update: (view) => {
      if (version !== fleet.pathsVersion || selected !== view.selected) {
        version = fleet.pathsVersion;
        selected = view.selected;
        rebuild(view);
      }
      lines?.setView(0, view.width, view.height);
    },
    dispose: () => lines?.dispose(),
  };
}
