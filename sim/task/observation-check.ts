import { throwIfAny, UserError } from '../errors.ts';
import type { RobotModel } from '../robot/model.ts';
import { checkLidarSectors } from './lidar-sectors.ts';
import type { HistoryLayout } from './observation.ts';
import {
  computeTermUnit,
  findObservationTermKind,
  listTermColumns,
  OBSERVATION_TERM_NAMES,
  type ObservationTermKind,
} from './observation-terms.ts';
import type { ObservationTermSpec } from './task.ts';

const RETRAIN = 'Use the policy with the robot and version that it was trained for, or retrain';

/**
 * Checks a policy's observation terms against what the terms are and against the robot.
 * @throws UserError with every problem at once
 */
export function checkObservationSpecs(
  specs: readonly ObservationTermSpec[],
  model: RobotModel,
  layout: HistoryLayout,
  where: string,
): void {
  const problems: UserError[] = [];
  specs.forEach((spec, i) => {
    problems.push(...checkSpec(spec, model, `${where}: term ${i} '${spec.name}'`));
  });
  if (specs.length === 0) {
    problems.push(
      new UserError({
        where,
        problem: 'no observation terms',
        expected: 'at least one',
        got: 'none',
        remedy: `Choose from: ${OBSERVATION_TERM_NAMES.join(', ')}`,
      }),
    );
  }
  const histories = new Set(
    specs.map(({ history = 1, historyStride = 1 }) =>
      historyStride === 1 ? `${history}` : `${history} every ${historyStride} steps`,
    ),
  );
  if (layout === 'frame' && histories.size > 1) {
    problems.push(
      new UserError({
        where,
        problem: "history layout 'frame' needs the same history for every term",
        expected: 'one number of frames',
        got: [...histories].join(', '),
        remedy: "Use history layout 'term', or equal histories",
      }),
    );
  }
  throwIfAny(problems);
}

function checkSpec(spec: ObservationTermSpec, model: RobotModel, where: string): UserError[] {
  const kind = findObservationTermKind(spec.name);
  if (kind === undefined) {
    return [
      new UserError({
        where,
        problem: 'unknown observation term',
        expected: `one of ${OBSERVATION_TERM_NAMES.join(', ')}`,
        got: `'${spec.name}'`,
        remedy: 'Correct the name, or add the term to sim/task/observation-terms.ts',
      }),
    ];
  }
  return [...checkNumbers(spec, where), ...checkMeaning(spec, kind, model, where)];
}

function checkNumbers(spec: ObservationTermSpec, where: string): UserError[] {
  const problems: UserError[] = [];
  const [lower, upper] = spec.clip ?? [0, 0];
  if (!(lower <= upper)) {
    problems.push(makeProblem(where, 'clip is not a range', 'lower ≤ upper', `[${spec.clip}]`));
  }
  const scale = spec.scale ?? 1;
  if (!Number.isFinite(scale) || scale === 0) {
    problems.push(makeProblem(where, 'unusable scale', 'a finite number, not 0', `${scale}`));
  }
  const history = spec.history ?? 1;
  if (!Number.isInteger(history) || history < 1) {
    problems.push(makeProblem(where, 'unusable history', 'a whole number ≥ 1', `${history}`));
  }
  const stride = spec.historyStride ?? 1;
  if (!Number.isInteger(stride) || stride < 1) {
    problems.push(makeProblem(where, 'unusable history stride', 'a whole number ≥ 1', `${stride}`));
  }
  return problems;
}

function checkMeaning(
  spec: ObservationTermSpec,
  kind: ObservationTermKind,
  model: RobotModel,
  where: string,
): UserError[] {
  const jointNames = spec.jointNames ?? [];
  const jointProblems = checkJointNames(jointNames, kind, model, where);
  if (jointProblems.length > 0) return jointProblems;
  const problems: UserError[] = [];
  if (kind.keepsHistory && (spec.historyStride ?? 1) > 1) {
    problems.push(
      makeProblem(where, 'the term keeps its history itself', 'no stride', `${spec.historyStride}`),
    );
  }
  const sensorProblems = checkSensor(spec, kind, model, where);
  if (sensorProblems.length > 0) return sensorProblems;
  problems.push(...checkPeriod(spec, kind, where), ...checkClearance(spec, kind, where));
  const width = listTermColumns(kind, model, jointNames, spec.width).length;
  if (spec.width !== width) {
    problems.push(
      makeProblem(where, `wrong width for robot '${model.name}'`, `${width}`, `${spec.width}`),
    );
  }
  const unit = computeTermUnit(kind, model, jointNames);
  if (unit === undefined) {
    problems.push(
      makeProblem(where, 'joints of different units in one term', 'all in m or all in rad', 'both'),
    );
  } else if (spec.unit !== unit) {
    problems.push(makeProblem(where, 'wrong unit', `'${unit}'`, `'${spec.unit}'`));
  }
  if (spec.frame !== kind.frame) {
    const name = (frame: string | undefined) => (frame === undefined ? 'none' : `'${frame}'`);
    problems.push(makeProblem(where, 'wrong frame', name(kind.frame), name(spec.frame)));
  }
  return problems;
}

function checkSensor(
  spec: ObservationTermSpec,
  kind: ObservationTermKind,
  model: RobotModel,
  where: string,
): UserError[] {
  if (kind.sensor === 'lidar') return checkLidarSectors(model, spec.sensor, spec.width, where);
  if (spec.sensor === undefined) return [];
  return [makeProblem(where, 'a sensor is named by a term of none', 'none', `'${spec.sensor}'`)];
}

function checkPeriod(
  { periodS }: ObservationTermSpec,
  { isPeriodic }: ObservationTermKind,
  where: string,
): UserError[] {
  if (isPeriodic !== true) {
    if (periodS === undefined) return [];
    return [makeProblem(where, 'a period is told by a term of none', 'none', `${periodS} s`)];
  }
  if (periodS !== undefined && Number.isFinite(periodS) && periodS > 0) return [];
  return [makeProblem(where, 'the term needs a period', 'periodS above 0', `${periodS}`)];
}

function checkClearance(
  { clearance }: ObservationTermSpec,
  { needsClearance }: ObservationTermKind,
  where: string,
): UserError[] {
  if (needsClearance !== true) {
    if (clearance === undefined) return [];
    return [makeProblem(where, 'a clearance is told by a term of none', 'none', `${clearance} m`)];
  }
  if (clearance !== undefined && Number.isFinite(clearance) && clearance > 0) return [];
  return [makeProblem(where, 'the term needs a clearance', 'clearance above 0', `${clearance}`)];
}

function checkJointNames(
  jointNames: readonly string[],
  kind: ObservationTermKind,
  model: RobotModel,
  where: string,
): UserError[] {
  const wanted = kind.joints;
  const count = jointNames.length;
  const right = wanted === 'one' ? count === 1 : wanted === 'some' ? count > 0 : count === 0;
  if (!right) {
    const expected = wanted === 'one' ? 'one' : wanted === 'some' ? 'at least one' : 'none';
    return [makeProblem(where, 'wrong number of joint names', expected, `${count}`)];
  }
  return jointNames
    .filter((name) => !model.jointNames.includes(name))
    .map((name) =>
      makeProblem(
        where,
        `robot '${model.name}' has no such movable joint`,
        `one of ${model.jointNames.join(', ')}`,
        `'${name}'`,
      ),
    );
}

function makeProblem(where: string, problem: string, expected: string, got: string): UserError {
  return new UserError({ where, problem, expected, got, remedy: RETRAIN });
}
