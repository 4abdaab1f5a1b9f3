import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../../../sim/errors.ts';
import { haveSameBytes } from '../compare-fields.ts';
import { getStruct, getTypeClosure, isKnownType, makeHolds, parseFields } from '../definitions.ts';

const hasWideText = makeHolds(({ element }) => element.type === 'wstring');

/** Which definitions the ROS on this machine has, and whether ours are the same. */
export class InstalledInterfaces {
  readonly #prefixes: readonly string[];
  readonly #distro: string;
  readonly #agreement = new Map<string, boolean>();

  /** @param env with AMENT_PREFIX_PATH and ROS_DISTRO, as the setup file of ROS sets them */
  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#prefixes = (env.AMENT_PREFIX_PATH ?? '').split(path.delimiter).filter(Boolean);
    this.#distro = env.ROS_DISTRO ?? '';
  }

  /** @param type message, service or action @throws UserError if its package is not installed, or lacks it */
  assertInstalled(type: string): void {
    if (this.#find(type) !== undefined) return;
    const package_ = type.split('/')[0] ?? '';
    throw new UserError({
      where: type,
      problem: 'is not installed',
      expected: `its definition below one of ${this.#prefixes.join(', ')}`,
      got: 'none',
      remedy: `Install ros-${this.#distro}-${package_.replaceAll('_', '-')} (or build the package), source its setup file, and generate again: npx generate-ros-messages.`,
    });
  }

  /**
   * What the ROS here lays out otherwise goes through objects of rclnodejs, which takes wide strings for narrow ones and
   * reads past their end. @throws UserError if a message of this type is such a one
   */
  assertCarried(type: string): void {
    if (this.hasSameBytes(type) || !isKnownType(type) || !hasWideText(type)) return;
    throw new UserError({
      where: type,
      problem: 'has wide strings, and another definition in the ROS here than in the box',
      expected: 'the same fields, or strings in UTF-8',
      got: 'a type that rclnodejs cannot carry',
      remedy:
        'Give addMessageDefinition the text of the installed interface, or use string in your definition.',
    });
  }

  /**
   * Whether bytes that are written by our definition mean the same to the ROS here. Not so where a
   * distribution has grown a field.
   */
  hasSameBytes(type: string): boolean {
    let agrees = this.#agreement.get(type);
    if (agrees === undefined) {
      agrees = isKnownType(type) && getTypeClosure(type).every((one) => this.#agreesOn(one));
      this.#agreement.set(type, agrees);
    }
    return agrees;
  }

  #agreesOn(type: string): boolean {
    const file = this.#find(type);
    if (file === undefined) return false;
    const theirs = parseFields(readFileSync(file, 'utf8'), type.split('/')[0] ?? '');
    return haveSameBytes(getStruct(type).fields, theirs);
  }

  #find(type: string): string | undefined {
    const [package_ = '', kind = '', name = ''] = type.split('/');
    return this.#prefixes
      .map((prefix) => path.join(prefix, 'share', package_, kind, `${name}.${kind}`))
      .find((file) => existsSync(file));
  }
}
