import type { Program, ProgramArrays } from '../onnx/program.ts';
import { computeAdamRate } from './adam.ts';
import type { LearnerState } from './learner.ts';

/** Parameters that a program moves, see writeDescent, with what Adam remembers of the way. */
export class DescendedParameters {
  #values: Float32Array;
  #firstMoment: Float32Array;
  #secondMoment: Float32Array;
  #numUpdates = 0;

  /** @param values [count] where they begin; not kept */
  constructor(values: Float32Array) {
    this.#values = values.slice();
    this.#firstMoment = new Float32Array(values.length);
    this.#secondMoment = new Float32Array(values.length);
  }

  /** [count] as they are now; steps leave this array as it is. */
  get values(): Float32Array {
    return this.#values;
  }

  /**
   * One step of Adam.
   * @param inputs all that the program takes besides what writeDescent gives it
   * @returns all that the program gives
   */
  async step(
    program: Program,
    inputs: ProgramArrays,
    learningRate: number,
  ): Promise<Readonly<Record<string, Float32Array>>> {
    this.#numUpdates++;
    const result = await program.run({
      ...inputs,
      parameters: this.#values,
      firstMoment: this.#firstMoment,
      secondMoment: this.#secondMoment,
      rate: Float32Array.of(computeAdamRate(learningRate, this.#numUpdates)),
    });
    this.#values = result.newParameters!;
    this.#firstMoment = result.newFirstMoment!;
    this.#secondMoment = result.newSecondMoment!;
    return result;
  }

  copyState(): LearnerState {
    return {
      arrays: {
        parameters: this.#values.slice(),
        firstMoment: this.#firstMoment.slice(),
        secondMoment: this.#secondMoment.slice(),
      },
      scalars: { numUpdates: this.#numUpdates },
    };
  }

  /** @param state as copyState gives it, with whatever else a learner adds */
  restore({ arrays, scalars }: LearnerState): void {
    this.#values = Float32Array.from(arrays.parameters!);
    this.#firstMoment = Float32Array.from(arrays.firstMoment!);
    this.#secondMoment = Float32Array.from(arrays.secondMoment!);
    this.#numUpdates = scalars.numUpdates as number;
  }
}
