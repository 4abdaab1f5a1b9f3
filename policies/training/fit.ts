import { setImmediate as letOthersRun } from 'node:timers/promises';
import type { Rng } from '../../sim/math/rng.ts';
import type { Activation, MlpNetwork } from '../onnx/policy-network.ts';
import type { Dataset } from './dataset.ts';
import { makeMlpForward } from './forward.ts';
import { Regression } from './regression.ts';
import { computeStandardized, fitStandardizer, type Standardizer } from './standardizer.ts';

/** [-] standardised observations are clipped to ± this, in training and in the exported graph */
const OBSERVATION_CLIP = 10;
/** Columns that vary less than this are not blown up, in their own unit. */
const MIN_STD = 1e-3;

export interface FitterOptions {
  readonly hidden: readonly number[];
  readonly activation: Activation;
  readonly batchSize: number;
  readonly numObs: number;
  readonly numActions: number;
  readonly rng: Rng;
}

export interface Schedule {
  readonly steps: number;
  /** Falls from the first to the last along half a cosine (I. Loshchilov and F. Hutter, "SGDR", 2017). */
  readonly learningRate: readonly [first: number, last: number];
}

/**
 * Fits a network to a dataset, again and again as the dataset grows. Observations and actions are
 * standardised by what the first dataset held, so that all of them count alike; the exported network
 * takes observations and gives actions as they are.
 */
export class Fitter {
  readonly #options: FitterOptions;
  readonly #rng: Rng;
  readonly #regression: Regression;
  #observations: Standardizer | undefined;
  #actions: Standardizer | undefined;

  private constructor(options: FitterOptions, regression: Regression) {
    this.#options = options;
    this.#rng = options.rng.fork('minibatches');
    this.#regression = regression;
  }

  static async make(options: FitterOptions): Promise<Fitter> {
    const { numObs: numIn, numActions: numOut, hidden, activation, batchSize, rng } = options;
    const network = { name: 'student', numIn, hidden, numOut, activation };
    const parts = { network, batchSize, rng: rng.fork('weights') };
    return new Fitter(options, await Regression.make(parts));
  }

  /** Trains on minibatches drawn with replacement; returns the mean loss of the last tenth of steps. */
  async fit(
    data: Dataset,
    { steps, learningRate }: Schedule,
    onStep: (step: number) => void,
  ): Promise<number> {
    const { batchSize, numObs, numActions } = this.#options;
    const [inputs, targets] = this.#standardize(data);
    const x = new Float32Array(batchSize * numObs);
    const y = new Float32Array(batchSize * numActions);
    const tail = Math.max(1, Math.floor(steps / 10));
    let sum = 0;
    for (let step = 0; step < steps; step++) {
      for (let i = 0; i < batchSize; i++) {
        const row = this.#rng.integer(0, data.numRows - 1);
        x.set(inputs.subarray(row * numObs, (row + 1) * numObs), i * numObs);
        y.set(targets.subarray(row * numActions, (row + 1) * numActions), i * numActions);
      }
      const [first, last] = learningRate;
      const share = 0.5 * (1 + Math.cos((Math.PI * step) / steps));
      const loss = await this.#regression.step(x, y, last + (first - last) * share);
      if (step >= steps - tail) sum += loss / tail;
      onStep(step + 1);
      // Without it nobody's timer fires while this runs: no progress, no Ctrl-C.
      if (step % 50 === 0) await letOthersRun();
    }
    return sum;
  }

  /** Mean squared error on rows that were not learnt from, in squared standard deviations of an action. */
  computeLoss({ observations, actions, numRows }: Dataset): number {
    const said = new Float32Array(actions.length);
    makeMlpForward(this.copyMlp())(said, observations, numRows);
    const { std } = this.#actions!;
    let sum = 0;
    actions.forEach((action, i) => {
      sum += ((said[i]! - action) / std[i % std.length]!) ** 2;
    });
    return sum / actions.length;
  }

  /** The network as it is now, in raw units. */
  copyMlp(): MlpNetwork {
    const layers = this.#regression.copyLayers();
    const last = layers.at(-1)!;
    const { mean, std } = this.#actions!;
    const numOut = mean.length;
    // z·std + mean, folded into the last layer.
    const weight = Float32Array.from(last.weight, (w, i) => w * std[i % numOut]!);
    const bias = Float32Array.from(last.bias, (b, j) => b * std[j]! + mean[j]!);
    return {
      kind: 'mlp',
      normalizer: { ...this.#observations!, clip: OBSERVATION_CLIP },
      layers: [...layers.slice(0, -1), { weight, bias }],
      activation: this.#options.activation,
      head: 'identity',
    };
  }

  async free(): Promise<void> {
    await this.#regression.free();
  }

  #standardize({ observations, actions }: Dataset): [Float32Array, Float32Array] {
    this.#observations ??= fitStandardizer(observations, this.#options.numObs, MIN_STD);
    this.#actions ??= fitStandardizer(actions, this.#options.numActions, MIN_STD);
    return [
      computeStandardized(observations, this.#observations, OBSERVATION_CLIP),
      computeStandardized(actions, this.#actions),
    ];
  }
}
