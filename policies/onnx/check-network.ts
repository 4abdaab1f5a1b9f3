import type { Numbers } from '../../sim/math/vec3.ts';
import type { GraphNetwork, GruCell, Normalizer, ResidualNetwork } from './policy-network.ts';

export interface NetworkWidths {
  readonly numObs: number;
  readonly numActions: number;
}

/** Base, correction and scale fit one another. */
function checkResidual({ base, correction, scale }: ResidualNetwork): NetworkWidths {
  const widths = checkNetwork(base);
  const other = checkNetwork(correction);
  if (other.numObs !== widths.numObs || other.numActions !== widths.numActions) {
    throw new RangeError(
      `residual policy: the base is [${widths.numObs}] → [${widths.numActions}], its correction [${other.numObs}] → [${other.numActions}]`,
    );
  }
  if (scale.length !== widths.numActions) {
    throw new RangeError(
      `residual policy: ${scale.length} scales for ${widths.numActions} actions`,
    );
  }
  assertFinite(scale, 'scale');
  return widths;
}

/**
 * Widths of a network's input and output.
 * @throws RangeError on sizes that do not chain, a std that is not positive, or a weight that is not finite in float32,
 *   naming the layer and both sizes; where a base, its correction and their scale do not fit one another
 */
export function checkNetwork(network: GraphNetwork | ResidualNetwork): NetworkWidths {
  if (network.kind === 'residual') return checkResidual(network);
  const { layers, normalizer } = network;
  const first = layers[0];
  if (first === undefined) throw new RangeError('policy network: needs at least one layer');
  const firstIn = first.weight.length / first.bias.length;
  const numObs = network.kind === 'gru' ? checkCell(network.cell, firstIn) : firstIn;
  let width = firstIn;
  layers.forEach((layer, i) => {
    checkWeight(layer.weight, width, layer.bias.length, `layer ${i}`);
    assertFinite(layer.bias, `layer ${i} bias`);
    width = layer.bias.length;
  });
  // A graph without a normaliser is whole, too.
  if (normalizer !== undefined) checkNormalizer(normalizer, numObs);
  return { numObs, numActions: width };
}

/** @returns width of what goes in */
function checkCell(cell: GruCell, numState: number): number {
  const width = 3 * numState;
  const numIn = cell.inputWeight.length / width;
  checkWeight(cell.inputWeight, numIn, width, 'cell input');
  checkWeight(cell.hiddenWeight, numState, width, 'cell hidden');
  for (const name of ['inputBias', 'hiddenBias'] as const) {
    if (cell[name].length !== width) {
      throw new RangeError(
        `policy network: cell ${name} needs [${width}], got ${cell[name].length}`,
      );
    }
    assertFinite(cell[name], `cell ${name}`);
  }
  return numIn;
}

function checkWeight(weight: Numbers, numIn: number, numOut: number, where: string): void {
  if (!Number.isInteger(numIn) || weight.length !== numIn * numOut) {
    throw new RangeError(
      `policy network: ${where} needs a weight of [${numIn}, ${numOut}], got ${weight.length} numbers`,
    );
  }
  assertFinite(weight, `${where} weight`);
}

function checkNormalizer({ mean, std, clip }: Normalizer, numObs: number): void {
  if (mean.length !== numObs || std.length !== numObs) {
    throw new RangeError(
      `policy network: the first layer takes ${numObs} observations, but the normaliser has ${mean.length} means and ${std.length} standard deviations`,
    );
  }
  assertFinite(mean, 'normaliser mean');
  assertFinite(std, 'normaliser std');
  for (let i = 0; i < numObs; i++) {
    if (!(Math.fround(std[i]!) > 0)) {
      throw new RangeError(`policy network: normaliser std[${i}] must be above 0, got ${std[i]}`);
    }
  }
  if (clip !== undefined && !(clip > 0)) {
    throw new RangeError(`policy network: normaliser clip must be above 0, got ${clip}`);
  }
}

function assertFinite(values: Numbers, what: string): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(Math.fround(values[i]!))) {
      throw new RangeError(`policy network: ${what}[${i}] is ${values[i]}, not a finite float32`);
    }
  }
}
