import type { RobotModel } from '../robot/model.ts';
import { makeStateBatch } from '../robot/state.ts';
import { makeObservationPipeline } from './observation.ts';
import { makeReferenceBatch, makeScanBatch } from './robot-view.ts';
import type { ObservationTermSpec } from './task.ts';

/**
 * Whether a policy with these observations must be told where to be, or on which way, before it can act; one that is
 * told a velocity at most can stand until it is. Found by trying: the terms are shown a place that is NaN.
 * @throws UserError if the terms do not fit the robot
 */
export function readsPlace(
  terms: readonly ObservationTermSpec[],
  model: RobotModel,
  where: string,
): boolean {
  const pipeline = makeObservationPipeline({ terms, model, numRobots: 1, where });
  const reference = makeReferenceBatch(1);
  for (const place of [reference.position, reference.linearVelocityW, reference.yaw]) {
    place.fill(Number.NaN);
  }
  const scans = makeScanBatch(model, 1);
  for (const ranges of scans.values()) ranges.fill(1);
  const view = pipeline.makeView(makeStateBatch(1, model.jointNames.length), reference, scans);
  view.memory.positionErrorIntegralW.fill(Number.NaN);
  const out = new Float32Array(pipeline.width);
  pipeline.write(out, view);
  return out.some(Number.isNaN);
}
