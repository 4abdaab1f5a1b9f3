import type { VisualModel } from '../../robot-schema.ts';
import { Matrix4, Quaternion, Vector3 } from './three.ts';

type Transform = VisualModel['joints'][number]['parentFromJoint'];

export function makeMatrix({ translation, rotation }: Transform): Matrix4 {
  return new Matrix4().compose(
    new Vector3(...translation),
    new Quaternion(...rotation),
    new Vector3(1, 1, 1),
  );
}

interface Step {
  readonly link: number;
  readonly parentLink: number;
  readonly parentFromJoint: Matrix4;
  readonly axis: Vector3;
  readonly moves: 'turns' | 'slides' | 'fixed';
  /** Index in joint order; −1 for a fixed joint. */
  readonly joint: number;
}

/** Places the links of one robot from its base pose and joint positions. */
export class Kinematics {
  /** Per link of the model: map from link; borrowed until the next call of `update`. */
  readonly mapFromLink: readonly Matrix4[];
  readonly #rootLink: number;
  readonly #steps: readonly Step[];
  readonly #joint = new Matrix4();

  constructor(model: VisualModel) {
    this.mapFromLink = model.links.map(() => new Matrix4());
    this.#rootLink = findLink(model, model.rootLink);
    this.#steps = orderSteps(model, this.#rootLink);
  }

  /** @param getJointPosition by index in joint order, rad or m */
  update(mapFromBase: Matrix4, getJointPosition: (joint: number) => number): void {
    this.mapFromLink[this.#rootLink]?.copy(mapFromBase);
    for (const step of this.#steps) {
      const child = this.mapFromLink[step.link]!;
      child.multiplyMatrices(this.mapFromLink[step.parentLink]!, step.parentFromJoint);
      if (step.moves === 'fixed') continue;
      const raw = getJointPosition(step.joint);
      const position = Number.isFinite(raw) ? raw : 0;
      if (step.moves === 'turns') this.#joint.makeRotationAxis(step.axis, position);
      else {
        const { x, y, z } = step.axis;
        this.#joint.makeTranslation(x * position, y * position, z * position);
      }
      child.multiply(this.#joint);
    }
  }
}

export function findLink(model: VisualModel, name: string): number {
  return model.links.findIndex((link) => link.name === name);
}

/** Parents before children; joints that hang on nothing are left out. */
function orderSteps(model: VisualModel, rootLink: number): Step[] {
  const steps: Step[] = [];
  const placed = new Set([rootLink]);
  for (let grew = true; grew; ) {
    grew = false;
    for (const joint of model.joints) {
      const link = findLink(model, joint.child);
      const parentLink = findLink(model, joint.parent);
      if (link < 0 || placed.has(link) || !placed.has(parentLink)) continue;
      placed.add(link);
      grew = true;
      steps.push({
        link,
        parentLink,
        parentFromJoint: makeMatrix(joint.parentFromJoint),
        axis: new Vector3(...joint.axis),
        moves: joint.type === 'fixed' ? 'fixed' : joint.type === 'prismatic' ? 'slides' : 'turns',
        joint: model.jointNames.indexOf(joint.name),
      });
    }
  }
  return steps;
}
