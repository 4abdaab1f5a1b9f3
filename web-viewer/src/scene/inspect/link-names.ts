import type { Inspector } from '../../inspect/inspector.ts';
import type { Layer, SceneView } from '../layer.ts';
import { type ScreenPoint, writeScreenPoint } from '../projection.ts';
import { Group, Vector3 } from '../three.ts';

/** [px] names closer than this to one that is drawn already are left out */
const ROW = 17;

/** Names of links where their origins are. Where there is no room for all, those near the camera are kept. */
export function makeLinkNamesLayer(inspector: Inspector, root: HTMLElement): Layer {
  const object = new Group();
  const elements = inspector.model.links.map(({ name }) => {
    const element = document.createElement('span');
    element.className = 'link-label';
    element.textContent = name;
    root.append(element);
    return element;
  });
  const widths: number[] = [];
  const point = new Vector3();
  const at = [0, 0, 0];

  function locate(view: SceneView, link: number): ScreenPoint {
    point.setFromMatrixPosition(inspector.mapFromLink[link]!).toArray(at);
    return writeScreenPoint({ x: 0, y: 0, scale: 0, isInFront: false }, at, 0, view.camera, view);
  }

  function place(view: SceneView): void {
    const selected = inspector.selection.get()?.name;
    const spots = elements.map((element, link) => {
      const name = inspector.model.links[link]?.name;
      return { element, link, isFirst: name === selected, ...locate(view, link) };
    });
    spots.sort((a, b) => Number(b.isFirst) - Number(a.isFirst) || b.scale - a.scale);
    const taken: { x: number; y: number; width: number }[] = [];
    for (const { element, link, x, y, isInFront, isFirst } of spots) {
      element.hidden = !isInFront;
      widths[link] ??= element.offsetWidth;
      const width = widths[link];
      const isBlocked = taken.some(
        (other) => Math.abs(other.y - y) < ROW && x < other.x + other.width && other.x < x + width,
      );
      element.hidden = !isInFront || (isBlocked && !isFirst);
      if (element.hidden) continue;
      taken.push({ x, y, width });
      element.dataset.selected = String(isFirst);
      element.style.transform = `translate(${(x + 8).toFixed(1)}px, ${(y - 9).toFixed(1)}px)`;
    }
  }

  return {
    object,
    update: (view) => {
      if (object.visible) place(view);
      else for (const element of elements) element.hidden = true;
    },
    dispose: () => {
      for (const element of elements) element.remove();
    },
  };
}
