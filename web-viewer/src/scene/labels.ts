import { getRobotColour } from '../colours.ts';
import type { SceneView } from './layer.ts';
import { type ScreenPoint, writeScreenPoint } from './projection.ts';

export type LabelMode = 'selected' | 'all' | 'none';

/** Robot names beside the robots, as page elements: text stays sharp at any distance. */
export class Labels {
  mode: LabelMode = 'selected';
  readonly #root: HTMLElement;
  #radius = 0;
  readonly #elements: HTMLElement[] = [];
  readonly #screen: ScreenPoint = { x: 0, y: 0, scale: 0, isInFront: false };

  constructor(root: HTMLElement) {
    this.#root = root;
  }

  /** @param radius [m] of a robot: labels keep clear of it */
  begin(names: readonly string[], radius: number): void {
    this.#radius = radius;
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
      const { x, y, scale, isInFront } = writeScreenPoint(
        this.#screen,
        view.values,
        p,
        view.camera,
        view,
      );
      element.hidden = !isInFront;
      const gap = Math.max(14, 0.6 * this.#radius * scale * view.robotScale);
      element.style.transform = `translate(${(x + gap).toFixed(1)}px, ${(y - gap).toFixed(1)}px)`;
    });
  }
}
