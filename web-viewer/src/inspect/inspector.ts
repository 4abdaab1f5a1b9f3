import type { InspectedJoint, Inspection, VisualModel } from '../../robot-schema.ts';
import { makeObservable } from '../observable.ts';
import { Kinematics, makeMatrix } from '../scene/kinematics.ts';
import { type Matrix4, Vector3 } from '../scene/three.ts';

export interface Selection {
  readonly kind: 'link' | 'joint';
  readonly name: string;
}

export interface JointRange {
  /** [rad] or [m] */
  readonly lower: number;
  readonly upper: number;
}

/** How far a slider goes where a description sets no limit. [rad] or [m] */
const FREE_RANGE = { turns: Math.PI, slides: 1 } as const;

/** One description that somebody looks at: its joints as they were moved by hand, and what is selected. */
export class Inspector {
  readonly model: VisualModel;
  readonly facts: Inspection;
  readonly selection = makeObservable<Selection | undefined>(undefined);
  /** Grows with every change of a joint. */
  readonly poseVersion = makeObservable(0);
  /** [numJoints] rad or m, joint order */
  readonly jointPosition: Float64Array;
  readonly #joints: ReadonlyMap<string, InspectedJoint>;
  readonly #mapFromBase: Matrix4;
  readonly #kinematics: Kinematics;

  constructor(model: VisualModel, facts: Inspection) {
    this.model = model;
    this.facts = facts;
    this.jointPosition = Float64Array.from(facts.home);
    this.#joints = new Map(facts.joints.map((joint) => [joint.name, joint]));
    this.#mapFromBase = makeMatrix(facts.mapFromBase);
    this.#kinematics = new Kinematics(model);
    this.#pose();
  }

  /** Per link of the model; borrowed until a joint moves. */
  get mapFromLink(): readonly Matrix4[] {
    return this.#kinematics.mapFromLink;
  }

  /** [rad] or [m]; 0 for a fixed joint */
  getPosition(joint: string): number {
    return this.jointPosition[this.model.jointNames.indexOf(joint)] ?? 0;
  }

  getJoint(name: string): InspectedJoint | undefined {
    return this.#joints.get(name);
  }

  /** Where a joint may be: its limits, or as far as its slider goes where it has none. */
  getRange(name: string): JointRange {
    const type = this.model.joints.find((joint) => joint.name === name)?.type;
    const free = FREE_RANGE[type === 'prismatic' ? 'slides' : 'turns'];
    const joint = this.#joints.get(name);
    return { lower: joint?.lower ?? -free, upper: joint?.upper ?? free };
  }

  /** Moves a joint within its range, and whatever follows it. */
  setPosition(name: string, position: number): void {
    const index = this.model.jointNames.indexOf(name);
    if (index < 0 || !Number.isFinite(position)) return;
    const { lower, upper } = this.getRange(name);
    this.jointPosition[index] = Math.min(Math.max(position, lower), upper);
    this.#follow();
    this.#pose();
  }

  /** Every joint at home, or as near to zero as its range lets it. */
  moveAll(where: 'home' | 'zero'): void {
    this.model.jointNames.forEach((name, i) => {
      const { lower, upper } = this.getRange(name);
      this.jointPosition[i] =
        where === 'home' ? (this.facts.home[i] ?? 0) : Math.min(Math.max(0, lower), upper);
    });
    if (where === 'zero') this.#follow();
    this.#pose();
  }

  /** Takes over what was moved and selected before the description was read again. */
  takeOver({ model, jointPosition, selection }: Inspector): void {
    model.jointNames.forEach((name, i) => {
      const index = this.model.jointNames.indexOf(name);
      if (index >= 0) this.jointPosition[index] = jointPosition[i]!;
    });
    const selected = selection.get();
    const named = selected?.kind === 'link' ? this.model.links : this.model.joints;
    if (named.some(({ name }) => name === selected?.name)) this.selection.set(selected);
    this.#pose();
  }

  /** [m] [@frame map] of one link; undefined where it has no mass */
  computeLinkCentre(link: number): Vector3 | undefined {
    const inertial = this.facts.inertials[this.model.links[link]?.name ?? ''];
    const mapFromLink = this.mapFromLink[link];
    if (inertial === undefined || mapFromLink === undefined || !(inertial.mass > 0)) {
      return undefined;
    }
    return new Vector3(...inertial.linkFromInertia.translation).applyMatrix4(mapFromLink);
  }

  /** [m] [@frame map] of the whole robot as it stands; undefined without mass */
  computeCentreOfMass(): Vector3 | undefined {
    const sum = new Vector3();
    let mass = 0;
    this.model.links.forEach(({ name }, link) => {
      const centre = this.computeLinkCentre(link);
      if (centre === undefined) return;
      const own = this.facts.inertials[name]!.mass;
      sum.addScaledVector(centre, own);
      mass += own;
    });
    return mass > 0 ? sum.divideScalar(mass) : undefined;
  }

  /** The same, [m] [@frame base_link]: what `zerogap inspect` prints. */
  computeCentreInBase(): Vector3 | undefined {
    return this.computeCentreOfMass()?.applyMatrix4(this.#mapFromBase.clone().invert());
  }

  #follow(): void {
    this.model.jointNames.forEach((name, i) => {
      const mimic = this.#joints.get(name)?.mimic;
      if (mimic === undefined) return;
      const position = mimic.multiplier * this.getPosition(mimic.joint) + mimic.offset;
      this.jointPosition[i] = position;
    });
  }

  #pose(): void {
    this.#kinematics.update(this.#mapFromBase, (joint) => this.jointPosition[joint] ?? 0);
    this.poseVersion.set(this.poseVersion.get() + 1);
  }
}
