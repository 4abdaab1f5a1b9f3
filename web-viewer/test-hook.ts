/** What tests in a browser read; nothing here changes anything. */
export interface ZerogapTestHook {
  readonly connection: string;
  readonly framesReceived: number;
  readonly framesDropped: number;
  readonly robots: readonly string[];
  /** [s] stamp of the newest frame */
  readonly timeS: number;
  /** Number of points of each robot's course. */
  readonly pathPoints: readonly number[];
  readonly logTexts: readonly string[];
  /** [m] [@frame map] of the newest frame; undefined for an unknown robot */
  getPosition(robot: string): readonly number[] | undefined;
  getSafety(robot: string): string | undefined;
}
