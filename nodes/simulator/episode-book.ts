/** Which episode a robot is in. */
export interface Episode {
  /** Counts the robot's episodes, and never goes back. */
  readonly number: number;
  /** Which draw of the seed it is. */
  readonly draw: number;
  /** [s] node clock at which it began */
  readonly startS: number;
}

/** The episodes of all robots by their names, which go on counting where one world follows another. */
export class EpisodeBook {
  readonly #episodes = new Map<string, Episode>();

  /** A robot's next episode. @param which `first`: with the first draw of the seed again */
  begin(robot: string, which: 'first' | 'next', startS: number): Episode {
    const last = this.#episodes.get(robot) ?? { number: -1, draw: -1 };
    const draw = which === 'first' ? 0 : last.draw + 1;
    const episode = { number: last.number + 1, draw, startS };
    this.#episodes.set(robot, episode);
    return episode;
  }

  get(robot: string): Episode | undefined {
    return this.#episodes.get(robot);
  }

  /** Another seed has draws of its own. */
  restartDraws(): void {
    for (const [robot, episode] of this.#episodes)
      this.#episodes.set(robot, { ...episode, draw: 0 });
  }
}
