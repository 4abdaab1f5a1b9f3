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
  /** Number of points of the newest scan of each lidar. */
  readonly scanPoints: readonly number[];
  readonly logTexts: readonly string[];
  /** Of the meshes that have arrived and can be drawn. */
  readonly meshTriangles: number;
  /** [m] [@frame base_link] of an inspected robot as it is posed */
  readonly centreOfMass: readonly number[] | undefined;
  /** [m] [@frame map] origin of an inspected robot's link; undefined for an unknown one */
  getLinkPosition(link: string): readonly number[] | undefined;
  /** [m] [@frame map] of the newest frame; undefined for an unknown robot */
  getPosition(robot: string): readonly number[] | undefined;
  getSafety(robot: string): string | undefined;
}
