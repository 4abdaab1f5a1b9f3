import type { RobotModel } from '../robot/model.ts';
import { findObservationTermKind } from './observation-terms.ts';
import type { ActionSpec } from './task.ts';

/** What a robot looks like in a mirror that stands along its xz-plane: left is right. */
export interface MirrorSpec {
  /** For every actuated joint the joint that it is there, and 1, or −1 where that one turns the other way. */
  readonly joints: Readonly<Record<string, readonly [joint: string, sign: 1 | -1]>>;
}

/** Row j of what is mirrored is `sign[j]` times number `from[j]` of what is. */
export interface Mirror {
  /** [width] */
  readonly from: Int32Array;
  /** [width] 1 or −1 */
  readonly sign: Float32Array;
}

/** Of what a policy sees and of what it does. */
export interface PolicyMirror {
  readonly observation: Mirror;
  readonly action: Mirror;
}

/**
 * Finds the mirror image of every number of an observation and an action, by their names.
 * @param names as the observation pipeline calls them
 * @throws RangeError for joints that are not one another's images, or an action that treats them differently
 */
export function makePolicyMirror(
  spec: MirrorSpec,
  { names, action, model }: { names: readonly string[]; action: ActionSpec; model: RobotModel },
): PolicyMirror {
  const joints = model.actuatedJointNames;
  checkJoints(spec, joints);
  const find = (joint: string) => joints.indexOf(spec.joints[joint]![0]);
  const actionMirror: Mirror = {
    from: Int32Array.from(joints, find),
    sign: Float32Array.from(joints, (joint) => spec.joints[joint]![1]),
  };
  checkAction(action, actionMirror, joints);
  return { observation: mirrorNames(spec, names), action: actionMirror };
}

function checkJoints({ joints }: MirrorSpec, names: readonly string[]): void {
  for (const name of names) {
    const [image, sign] = joints[name] ?? ['', 0];
    const back = joints[image];
    if (back !== undefined && back[0] === name && back[1] === sign) continue;
    throw new RangeError(`makePolicyMirror: '${name}' and '${image}' are not one another's images`);
  }
}

function checkAction({ scale, offset }: ActionSpec, mirror: Mirror, names: readonly string[]) {
  names.forEach((name, k) => {
    const image = mirror.from[k]!;
    const isSame = scale[k] === scale[image] && offset[k] === mirror.sign[k]! * offset[image]!;
    if (!isSame) throw new RangeError(`makePolicyMirror: raw 0 or 1 of '${name}' has no image`);
  });
}

/** `term`, `term.column`, both perhaps with `[-age]` behind them. */
const NAME = /^([^.[]+)(?:\.([^[]+))?(\[-\d+\])?$/;

function mirrorNames(spec: MirrorSpec, names: readonly string[]): Mirror {
  const places = new Map(names.map((name, k) => [name, k] as const));
  const from = new Int32Array(names.length);
  const sign = new Float32Array(names.length);
  const countColumns = (term: string) =>
    names.filter((name) => name.startsWith(`${term}.`) && !name.endsWith(']')).length;
  names.forEach((name, k) => {
    const [, term = '', column = '', age = ''] = NAME.exec(name) ?? [];
    const image = mirrorColumn(spec, term, column, countColumns(term));
    const place = places.get(`${term}${image.column === '' ? '' : `.${image.column}`}${age}`);
    if (place === undefined) throw new RangeError(`makePolicyMirror: '${name}' has no image`);
    from[k] = place;
    sign[k] = image.sign;
  });
  return { from, sign };
}

function mirrorColumn(spec: MirrorSpec, term: string, column: string, count: number) {
  const mirror = findObservationTermKind(term)?.mirror;
  if (mirror === undefined) throw new RangeError(`makePolicyMirror: nothing is known of '${term}'`);
  if (mirror === 'joints') {
    const [joint, sign] = spec.joints[column] ?? ['', 0];
    return { column: joint, sign };
  }
  // The first sector begins behind, the last one ends there.
  if (mirror === 'sectors') return { column: `${count - 1 - Number(column)}`, sign: 1 };
  return { column, sign: mirror[column] ?? 1 };
}
