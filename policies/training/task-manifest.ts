import type { RobotModel } from '../../sim/robot/model.ts';
import type { CriticColumn } from '../../sim/task/critic-column.ts';
import { POSITION_ERROR_INTEGRAL } from '../../sim/task/observation.ts';
import type { ObservationTermSpec, TaskDefinition } from '../../sim/task/task.ts';
import type { ManifestDraft } from '../manifest.ts';

/** The part of a manifest that task and robot decide, whatever the network and however it was taught. */
export function describeTask(
  task: TaskDefinition,
  model: RobotModel,
): Omit<ManifestDraft, 'name' | 'evaluation' | 'provenance'> {
  const action = task.makeAction(model);
  const ranges = Object.entries(task.commandRanges ?? {});
  return {
    task: task.name,
    robot: model.name,
    robotSha256: model.sha256,
    periodS: 1 / task.controlRateHz,
    jointNames: [...model.actuatedJointNames],
    commandLower: [...model.commandLower],
    commandUpper: [...model.commandUpper],
    // Raw 0 is where position commands stand, which need not be home.
    defaultJointPosition:
      action.kind === 'position'
        ? [...action.offset]
        : model.actuatedJointNames.map(
            (name) => model.home.jointPosition[model.jointNames.indexOf(name)]!,
          ),
    observations: task.observations.map(describeTerm),
    positionErrorIntegral: { ...(task.positionErrorIntegral ?? POSITION_ERROR_INTEGRAL) },
    ...(task.gains === undefined
      ? {}
      : { gains: { stiffness: [...task.gains.stiffness], damping: [...task.gains.damping] } }),
    action: {
      kind: action.kind,
      clip: [action.clip[0], action.clip[1]],
      scale: [...action.scale],
      offset: [...action.offset],
    },
    commandRanges: Object.fromEntries(
      ranges.map(([name, [lower, upper]]) => [name, [lower, upper]]),
    ),
    randomization: { ...task.randomization },
  };
}

/** What a manifest says of a policy that sees what the critic of a task does. @param columns of an environment of it */
export function describePrivilege(
  task: TaskDefinition,
  columns: readonly CriticColumn[],
): NonNullable<ManifestDraft['privileged']> {
  return {
    // A critic's terms are not clipped.
    terms: (task.critic ?? task.observations).map(({ clip: _, ...term }) => describeTerm(term)),
    columns: columns.map((column) => ({ ...column })),
  };
}

function describeTerm({
  clip,
  jointNames,
  ...spec
}: ObservationTermSpec): ManifestDraft['observations'][number] {
  return {
    ...spec,
    ...(clip === undefined ? {} : { clip: [clip[0], clip[1]] }),
    ...(jointNames === undefined ? {} : { jointNames: [...jointNames] }),
  };
}
