import { listParameters, type NetworkShape } from '../network-shape.ts';

/** Of a row and a neuron, what it says and its gradient are kept until the step is done; the rest is reused. */
const KEPT_VALUES = 2;
/** Parameters, their gradient and two moments, before and after a step. */
const PARAMETER_COPIES = 8;

/** Width of everything that a network works out of one row; a gated recurrent unit has six products and five sums. */
function countValues({ numIn, hidden, numOut, numState = 0 }: NetworkWidths): number {
  return numIn + 11 * numState + hidden.reduce((sum, width) => sum + width, 0) + numOut;
}

/** A network, or as many of one shape. */
export interface NetworkWidths
  extends Pick<NetworkShape, 'numIn' | 'hidden' | 'numOut' | 'numState'> {
  /** [1] by default 1 */
  readonly copies?: number;
}

/** What one step of learning on a graph takes, about. [bytes] @param rows of a minibatch */
export function estimateGraphBytes(networks: readonly NetworkWidths[], rows: number): number {
  return networks.reduce((sum, network) => {
    const shapes = listParameters({ ...network, name: 'n', activation: 'tanh' });
    const parameters = shapes.reduce(
      (count, { shape }) => count + shape.reduce((product, size) => product * size, 1),
      0,
    );
    const numbers = KEPT_VALUES * rows * countValues(network) + PARAMETER_COPIES * parameters;
    return sum + 4 * numbers * (network.copies ?? 1);
  }, 0);
}
