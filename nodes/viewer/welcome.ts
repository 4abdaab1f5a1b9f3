import { SAFETY_ACTIONS, SAFETY_RULES } from '../../policies/safety/verdict.ts';
import type { Transform } from '../../sim/robot/geometry.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import type { Scene } from '../../sim/terrain/scene.ts';
import { ACTIONS, type Action, PROTOCOL_VERSION, type Welcome } from '../../web-viewer/protocol.ts';
import type { VisualMesh } from '../../web-viewer/robot-schema.ts';
import { choosePoseSource } from './robot-tracker.ts';
import { makeFields, makePlots, type SurroundingsShown } from './signals.ts';
import { makeVisualModel } from './visual-model.ts';
import { makeVisualScene } from './visual-scene.ts';

/** What the page is told once. */
export interface WelcomeOptions {
  /** With its meshes, as `openRobot` gives it, if they are to be seen. */
  readonly model: RobotModel;
  /** What stands around every robot; absent: not known. */
  readonly scene?: Scene | undefined;
  /** Namespaces, such as `cf00`. */
  readonly robots: readonly string[];
  /** One per robot. */
  readonly mapFromOdom: readonly Transform[];
  /** [Hz] frames per second of wall time */
  readonly frameRateHz: number;
  /** Label → text, shown on the page: profile, policy, seed, … */
  readonly runInfo: Readonly<Record<string, string>>;
  /** What visitors may do; without it, everything. */
  readonly actions?: readonly Action[];
}

/** What of the surroundings frames must tell. */
export function getSurroundings({ scene }: Pick<WelcomeOptions, 'scene'>): SurroundingsShown {
  const objects = scene?.objects ?? [];
  return {
    hasWays: objects.some(({ motion }) => motion !== undefined),
    numPlaced: objects.filter(({ moves, motion }) => moves && motion === undefined).length,
  };
}

/**
 * The first message to whoever opens the page: who the robots are, what is sent of them, what may be asked.
 * @param meshes where the page finds meshes, by their uri
 */
export function makeWelcome(
  options: WelcomeOptions,
  meshes: Readonly<Record<string, VisualMesh>>,
): Welcome {
  const { model, scene, robots, mapFromOdom, frameRateHz, runInfo, actions } = options;
  const fields = makeFields(model, getSurroundings(options));
  const isTrue = choosePoseSource(model) === 'truth';
  const common = { model: 0, fields, ...(isTrue ? { poseSource: 'truth' as const } : {}) };
  return {
    version: PROTOCOL_VERSION,
    server: 'zerogap viewer',
    frameRateHz,
    models: [makeVisualModel(model, meshes)],
    robots: robots.map((name, i) => ({ name, mapFromOdom: mapFromOdom[i]!, ...common })),
    ...(scene === undefined ? {} : { scene: makeVisualScene(scene) }),
    plots: makePlots(model),
    actions: actions ?? ACTIONS,
    safetyActions: SAFETY_ACTIONS,
    safetyRules: SAFETY_RULES,
    run: runInfo,
  };
}
