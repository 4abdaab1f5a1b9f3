import { UserError } from '../errors.ts';
import {
  type BaseQuantity,
  chooseBaseEstimation,
  listUnknownQuantities,
} from '../robot/known-state.ts';
import type { RobotModel } from '../robot/model.ts';
import { makeStateBatch } from '../robot/state.ts';
import { makeObservationPipeline } from './observation.ts';
import { makeReferenceBatch } from './robot-view.ts';
import type { ObservationTermSpec } from './task.ts';

const WHY = {
  mount: 'its base is bolted to the world',
  pose: 'it has motion capture and an IMU',
  wheels: 'it has odometry',
  attitude: 'an IMU alone tells neither place nor speed',
  none: 'no sensor tells anything of its base',
} as const;

/**
 * Observation terms that read what no sensor of the robot measures: they would be NaN. Which terms those are
 * is found by trying: all are shown a state in which only one quantity is NaN.
 * @throws UserError if the terms do not fit the robot at all, see checkObservationSpecs
 */
export function checkKnownQuantities(
  terms: readonly ObservationTermSpec[],
  model: RobotModel,
  where: string,
): UserError[] {
  const unknown = listUnknownQuantities(model);
  const blindTerms = new Map(
    unknown.map((quantity) => [quantity, findReaders(terms, model, quantity, where)]),
  );
  return terms.flatMap((spec) => {
    const got = unknown.filter((quantity) => blindTerms.get(quantity)!.includes(spec));
    if (got.length === 0) return [];
    return [
      new UserError({
        where: `${where}, '${spec.name}'`,
        problem: `it needs what robot '${model.name}' does not know: ${WHY[chooseBaseEstimation(model)]}`,
        expected: 'measured quantities only',
        got: got.join(', '),
        remedy: 'Observe something else, or add motion capture or odometry to robot.yaml',
      }),
    ];
  });
}

/** The terms that are NaN where one quantity is. */
function findReaders(
  terms: readonly ObservationTermSpec[],
  model: RobotModel,
  quantity: BaseQuantity,
  where: string,
): ObservationTermSpec[] {
  const pipeline = makeObservationPipeline({ terms, model, numRobots: 1, where });
  const state = makeStateBatch(1, model.jointNames.length);
  const view = pipeline.makeView(state, makeReferenceBatch(1));
  state[quantity].fill(Number.NaN);
  // The integral of the position error is made of positions.
  if (quantity === 'position') view.memory.positionErrorIntegralW.fill(Number.NaN);
  const out = new Float32Array(pipeline.width);
  pipeline.write(out, view);
  let end = 0;
  return terms.filter(({ width, history = 1 }) => {
    const start = end;
    end += width * history;
    return out.subarray(start, end).some(Number.isNaN);
  });
}
