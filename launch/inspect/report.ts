import type { RobotDescription } from '../../sim/robot/describe.ts';

/** What `inspect` found out about a file of any kind. */
export interface InspectReport {
  readonly kind: 'policy' | 'robot' | 'recording' | 'episode' | 'dataset';
  readonly ok: boolean;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  /** What was found, for `--json`. */
  readonly details: Readonly<Record<string, unknown>>;
  /** What was found, for people. */
  readonly lines: readonly string[];
  /** What `--page` shows; robots only. */
  readonly robot?: RobotDescription;
}
