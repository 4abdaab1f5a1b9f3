import { getRobotColour } from '../colours.ts';
import type { SceneView } from './layer.ts';
import { type ScreenPoint, writeScreenPoint } from './projection.ts';

export type LabelMode = 'selected' | 'all' | 'none';

/** Robot names beside the robots, as page elements: text stays sharp at any distance. */
export class Labels {
  mode: LabelMode = 'selected';
  readonly #root: HTMLElement;
  readonly #elements: HTMLElement[] = [];
  readonly #screen: ScreenPoint = { x: 0, y: 0, scale: 0, isInFront: false };

  constructor(root: HTMLElement) {
    this.#root = root;
  }

  begin(names: readonly string[]): void {
    this.#root.replaceChildren();
    this.#elements.length = 0;
    names.forEach((name, i) => {
      const element = document.createElement('span');
      element.className = 'robot-label';
      element.textContent = name;
      element.style.setProperty('--robot', getRobotColour(i));
      this.#root.append(element);
      this.#elements.push(element);
    });
  }

  update(view: SceneView): void {
    this.#elements.forEach((element, i) => {
      const p = view.fleet.findOffset(i, 'position');
      const isWanted = this.mode === 'all' || (this.mode === 'selected' && i === view.selected);
      if (!isWanted || p < 0 || !Number.isFinite(view.values[p]!)) {
        element.hidden = true;
        return;
      }
      const { x, y, isInFront } = writeScreenPoint(this.#screen, view.values, p, view.camera, view);
      element.hidden = !isInFront;
      element.style.transform = `translate(${(x + 16).toFixed(1)}px, ${(y - 22).toFixed(1)}px)`;
    });
  }
}
