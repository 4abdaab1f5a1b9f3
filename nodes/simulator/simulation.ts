import { Rng } from '../../sim/math/rng.ts';
import type { Transform } from '../../sim/robot/geometry.ts';
import { copyStateRow, makeStateBatch } from '../../sim/robot/state.ts';
import type { Scene, SceneObject } from '../../sim/terrain/scene.ts';
import type { RobotWorld } from '../../sim/world.ts';
import { makeDiagnosticArray } from '../diagnostics.ts';
import type { DiagnosticArray } from '../ros/messages.ts';
import type { Publisher, RosNode } from '../ros/port.ts';
import { EPISODE_START_KEY, TOPICS } from '../topics.ts';
import { RESULT, Refusal, type StateName } from './codes.ts';
import { toOdom } from './entities.ts';
import { type Episode, EpisodeBook } from './episode-book.ts';
import { type EpisodeStart, Plant } from './plant.ts';
import type { RefereeNode } from './referee-node.ts';
import { RunState } from './run-state.ts';
import { SafePoint } from './safe-point.ts';

/** A world as it can be asked for. */
export interface WorldEntry {
  readonly name: string;
  readonly uri: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly scene: Scene;
}

/** What lets a simulator go over to another world. Where others hold on to the world they know, there is none. */
export interface WorldBuilder {
  /** What is loaded at first; its scene is that of the world that the simulator begins with. */
  readonly initial: WorldEntry;
  /** By name. @throws UserError for one that cannot be built */
  readonly worlds: readonly (Omit<WorldEntry, 'scene'> & { readonly build: () => Scene })[];
  /** From a description of the terrain, as a profile has it. @throws UserErrors for what is wrong in it */
  readText(text: string, where: string): Scene;
  make(spec: {
    readonly numRobots: number;
    readonly scene: Scene;
    readonly startStep: number;
  }): Promise<RobotWorld>;
}

/** What somebody put into a world. */
export type Spawned =
  | { readonly kind: 'robot'; readonly name: string; readonly mapFromBase: Transform }
  | { readonly kind: 'object'; readonly name: string; readonly object: SceneObject };

/** What is in a world. */
export interface Content {
  readonly entry: WorldEntry;
  /** Those that it has by itself. */
  readonly robots: readonly string[];
  readonly spawned: readonly Spawned[];
}

export interface SimulationOptions {
  readonly world: RobotWorld;
  readonly robots: readonly string[];
  readonly seed: number;
  readonly start: EpisodeStart;
  readonly startState: StateName;
  /** The URDF, for `robot_description`. */
  readonly description: string;
  readonly builder: WorldBuilder | undefined;
  /** Knows one world: there is no builder beside it. */
  readonly referee: RefereeNode | undefined;
}

/** Why nothing can be put into a world that others hold on to. */
export const NO_BUILDER =
  'this simulator runs beside nodes that know its world from their start (the page, the policy, the referee of a task); run simulator_node by itself without a task to change it';

/** What is simulated, and in which state it is: all that the services act on. */
export class Simulation {
  readonly node: RosNode;
  readonly options: SimulationOptions;
  readonly run: RunState;
  readonly safePoint = new SafePoint();
  readonly #episodes = new EpisodeBook();
  /** Counts every start of all robots. */
  #numStarts = 0;
  #seed: number;
  /** What the clock of the last world showed, so that time goes on in the next. */
  #lastStep = 0;
  #plant: Plant | undefined;
  #content: Content;
  /** As it was loaded. */
  #loaded: Content;
  readonly #onCommand: () => void;
  readonly #publishStart: (number: number) => void;
  readonly #draws: Publisher<DiagnosticArray>;

  constructor(node: RosNode, options: SimulationOptions, onCommand: () => void) {
    if (options.builder !== undefined && options.referee !== undefined) {
      throw new TypeError('a referee knows one world: a simulator has a builder or a referee');
    }
    this.node = node;
    this.options = options;
    this.run = new RunState(options.startState);
    this.#seed = options.seed;
    this.#onCommand = onCommand;
    const { episode, randomization } = TOPICS;
    const episodes = node.createPublisher(episode.type, episode.name, episode.qos);
    this.#publishStart = (data) => episodes.publish({ data });
    this.#draws = node.createPublisher(randomization.type, randomization.name, randomization.qos);
    this.#plant = this.#makePlant(options.world, options.robots);
    this.#content = {
      entry: options.builder?.initial ?? describeOwnWorld(options.world),
      robots: options.robots,
      spawned: [],
    };
    this.#loaded = this.#content;
    this.startEpisode('first');
  }

  /** Absent while no world is loaded. */
  get plant(): Plant | undefined {
    return this.#plant;
  }

  get content(): Content {
    return this.#content;
  }

  /** @throws Refusal while no world is loaded */
  getPlant(): Plant {
    if (this.#plant !== undefined) return this.#plant;
    throw new Refusal(RESULT.incorrectState, 'no world is loaded; load one (LoadWorld)');
  }

  /** @throws Refusal where the world is fixed */
  getBuilder(): WorldBuilder {
    const { builder } = this.options;
    if (builder === undefined) throw new Refusal(RESULT.featureUnsupported, NO_BUILDER);
    return builder;
  }

  /** From the next episode on. */
  setSeed(seed: number): void {
    this.#seed = seed;
    this.#episodes.restartDraws();
  }

  /**
   * Puts every robot at its start.
   * @param which `first`: with the draws that the simulator began with; `next`: with those that follow
   */
  startEpisode(which: 'first' | 'next'): void {
    const plant = this.#plant;
    if (plant === undefined) return;
    plant.robots.forEach((_, row) => {
      this.#startRobot(plant, row, which);
    });
    plant.checkSources();
    this.#publishDraws(plant);
    this.#publishStart(this.#numStarts);
    this.#numStarts++;
  }

  /** Robots whose attempt at the task is over begin their next episode, while the others go on. */
  endAttempts(): void {
    const plant = this.#plant;
    const over = plant?.findOver() ?? [];
    if (plant === undefined || over.length === 0) return;
    for (const row of over) plant.publishEpisode(row, this.#startRobot(plant, row, 'next').number);
    this.#publishDraws(plant);
  }

  /** Loads a world as it is by itself, with the robots that the simulator began with. */
  async load(entry: WorldEntry): Promise<void> {
    const content = { entry, robots: this.options.robots, spawned: [] };
    await this.rebuild(content);
    this.#loaded = content;
  }

  /**
   * Takes out what was put in; of `all` what was taken out comes back too. A world that must be made anew for that
   * begins at its start.
   */
  async restore(what: 'spawned' | 'all'): Promise<void> {
    const content = what === 'all' ? this.#loaded : { ...this.#content, spawned: [] };
    if (content === this.#content || (what === 'spawned' && this.#content.spawned.length === 0)) {
      return;
    }
    const { state } = this.run;
    await this.rebuild(content);
    this.run.enter(state);
  }

  /**
   * Goes over to a world with another content, stopped at its start; the one before is freed. What cannot be made
   * changes nothing.
   */
  async rebuild(content: Content): Promise<void> {
    const { make } = this.getBuilder();
    const before = this.run.state;
    this.run.enter('loadingWorld');
    const robots = listRobots(content);
    const objects = content.spawned.flatMap((one) => (one.kind === 'object' ? [one.object] : []));
    const { scene } = content.entry;
    try {
      const world = await make({
        numRobots: robots.length,
        scene: { ...scene, objects: [...scene.objects, ...objects] },
        startStep: this.#plant?.world.numSteps ?? this.#lastStep,
      });
      this.#drop();
      this.#plant = this.#makePlant(world, robots);
      this.#content = content;
      this.run.enter('stopped');
    } catch (error) {
      this.run.enter(before);
      throw error;
    }
    this.startEpisode('first');
  }

  /** Leaves no world at all. */
  unload(): void {
    this.#drop();
    this.run.enter('noWorld');
  }

  #drop(): void {
    const plant = this.#plant;
    if (plant === undefined) return;
    this.#lastStep = plant.world.numSteps;
    this.#plant = undefined;
    plant.destroy();
    plant.world.free();
  }

  #makePlant(world: RobotWorld, robots: readonly string[]): Plant {
    const { description, referee } = this.options;
    return new Plant(this.node, world, robots, {
      description,
      referee,
      onCommand: this.#onCommand,
    });
  }

  #startRobot(plant: Plant, row: number, which: 'first' | 'next'): Episode {
    const name = plant.robots[row]!;
    const episode = this.#episodes.begin(name, which, plant.world.timeS);
    const rng = new Rng(this.#seed, 'robot', row, 'episode', episode.draw);
    plant.startEpisode(row, rng, this.options.start);
    const spawned = this.#content.spawned.find((one) => one.kind === 'robot' && one.name === name);
    if (spawned?.kind === 'robot') this.#place(plant, row, spawned.mapFromBase);
    return episode;
  }

  #place(plant: Plant, robot: number, mapFromBase: Transform): void {
    const { truth, model } = plant.world;
    const { translation, rotation } = toOdom(plant, robot, mapFromBase);
    const state = makeStateBatch(1, model.jointNames.length);
    copyStateRow(state, 0, truth, robot);
    state.position.set(translation);
    state.orientation.set(rotation);
    plant.moveRobot(robot, state);
  }

  /** The draw of each robot, so that a recording tells what was flown. */
  #publishDraws({ robots, world }: Plant): void {
    const status = robots.map((robot, row) => {
      const { number, startS } = this.#episodes.get(robot)!;
      const draws = { ...world.contexts[row]!, [EPISODE_START_KEY]: startS };
      return {
        level: 0,
        name: `randomization: ${robot}`,
        message: `episode ${number}`,
        hardware_id: robot,
        values: Object.entries(draws).map(([key, value]) => ({ key, value: String(value) })),
      };
    });
    const stampNs = BigInt(Math.round(world.timeS * 1e9));
    this.#draws.publish(makeDiagnosticArray(stampNs, status));
  }
}

export function listRobots({ robots, spawned }: Content): string[] {
  return [...robots, ...spawned.flatMap((one) => (one.kind === 'robot' ? [one.name] : []))];
}

/** Of a world that nobody can ask for again. */
function describeOwnWorld(world: RobotWorld): WorldEntry {
  return {
    ...{ name: 'default', uri: '', tags: [] },
    description: 'What this simulator was started with',
    scene: world.scene,
  };
}
