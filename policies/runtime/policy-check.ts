import { UserError } from '../../sim/errors.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { checkKnownQuantities } from '../../sim/task/known-check.ts';
import { computeInputWidth, type PolicyManifest } from '../manifest.ts';
import type { Dimension, OnnxSummary, OnnxValue } from '../onnx/model-proto.ts';

/** A tensor that the manifest promises: `batch` stands for any batch size. */
interface PromisedTensor {
  readonly name: string;
  readonly shape: readonly (number | 'batch')[];
}

/** What is wrong between a manifest and the graph it came with; empty if nothing. */
export function checkGraph(
  model: OnnxSummary,
  manifest: PolicyManifest,
  batch: number,
  where: string,
): UserError[] {
  const width = computeInputWidth(manifest);
  const inputs: PromisedTensor[] = [{ name: manifest.inputName, shape: ['batch', width] }];
  const outputs: PromisedTensor[] = [
    { name: manifest.outputName, shape: ['batch', manifest.jointNames.length] },
  ];
  for (const state of manifest.recurrent) {
    const shape = state.shape.toSpliced(state.batchAxis, 0, 0).map((d) => (d === 0 ? 'batch' : d));
    inputs.push({ name: state.input, shape });
    outputs.push({ name: state.output, shape });
  }
  const problems = [
    ...checkTensors('input', inputs, model.inputs, batch, where),
    ...checkTensors('output', outputs, model.outputs, batch, where),
  ];
  for (const input of model.inputs) {
    if (inputs.some((promised) => promised.name === input.name)) continue;
    problems.push(
      new UserError({
        where,
        problem: `nothing feeds the network's input '${input.name}' ${format(input.shape)}`,
        expected: `the inputs ${inputs.map((promised) => promised.name).join(', ')}`,
        got: model.inputs.map((value) => value.name).join(', '),
        remedy: 'Declare it in the manifest (recurrent state?), or export without it',
      }),
    );
  }
  if (model.graphSha256 !== manifest.graphSha256) {
    problems.push(
      new UserError({
        where,
        problem: 'the graph is not the one that this manifest was written for',
        expected: `sha256 ${manifest.graphSha256}`,
        got: model.graphSha256,
        remedy: 'Somebody changed the weights after export: export again',
      }),
    );
  }
  return problems;
}

function checkTensors(
  side: 'input' | 'output',
  promised: readonly PromisedTensor[],
  actual: readonly OnnxValue[],
  batch: number,
  where: string,
): UserError[] {
  return promised.flatMap(({ name, shape }) => {
    const tensor = actual.find((value) => value.name === name);
    const parts = { where, remedy: 'Use the file as it was exported, or export it again' };
    if (tensor === undefined) {
      return new UserError({
        ...parts,
        problem: `the network has no ${side} '${name}'`,
        expected: `'${name}' ${format(shape)} as its manifest says`,
        got: actual.map((value) => `'${value.name}' ${format(value.shape)}`).join(', ') || 'none',
      });
    }
    if (tensor.type === 'float32' && fits(tensor.shape, shape, batch)) return [];
    return new UserError({
      ...parts,
      problem: `the network's ${side} '${name}' has the wrong shape`,
      expected: `float32 ${format(shape)} for ${batch} robots, as its manifest says`,
      got: `${tensor.type} ${format(tensor.shape)}`,
    });
  });
}

/** A free dimension fits anything; the golden vectors find out whether it really does. */
function fits(
  actual: readonly Dimension[],
  promised: readonly (number | 'batch')[],
  batch: number,
): boolean {
  return (
    actual.length === promised.length &&
    promised.every((wanted, i) => {
      const got = actual[i];
      return typeof got === 'string' || got === (wanted === 'batch' ? batch : wanted);
    })
  );
}

/** What keeps this policy from commanding this robot; empty if nothing. */
export function checkRobot(
  manifest: PolicyManifest,
  model: RobotModel,
  where: string,
): UserError[] {
  const problems: UserError[] = [];
  const valid = model.actuatedJointNames;
  const remedy = `Use a policy that was trained for robot '${model.name}', or the robot '${manifest.robot}' it was trained for`;
  const unknown = manifest.jointNames.filter((name) => !valid.includes(name));
  if (unknown.length > 0) {
    problems.push(
      new UserError({
        where,
        problem: `robot '${model.name}' has no actuated joint ${unknown.map((name) => `'${name}'`).join(', ')}`,
        expected: `joints out of ${valid.join(', ')}`,
        got: manifest.jointNames.join(', '),
        remedy,
      }),
    );
  }
  const missing = valid.filter((name) => !manifest.jointNames.includes(name));
  if (missing.length > 0) {
    problems.push(
      new UserError({
        where,
        problem: `the policy leaves joints of robot '${model.name}' without a command: ${missing.join(', ')}`,
        expected: `a command for each of ${valid.join(', ')}`,
        got: manifest.jointNames.join(', '),
        remedy,
      }),
    );
  }
  if (manifest.action.kind !== model.commandKind) {
    problems.push(
      new UserError({
        where,
        problem: `the policy's commands mean something else than the robot's`,
        expected: `'${model.commandKind}' commands for robot '${model.name}'`,
        got: `'${manifest.action.kind}'`,
        remedy,
      }),
    );
  }
  // Terms that name joints which the robot does not have cannot be tried on it.
  if (problems.length > 0) return problems;
  return checkKnownQuantities(manifest.observations, model, where);
}

/** Differences between robot and training that do not forbid running, one sentence each. */
export function listRobotWarnings(manifest: PolicyManifest, model: RobotModel): string[] {
  const warnings: string[] = [];
  if (manifest.robot !== model.name) {
    warnings.push(
      `policy '${manifest.name}' was trained for robot '${manifest.robot}', this is '${model.name}'`,
    );
  } else if (manifest.robotSha256 !== model.sha256) {
    warnings.push(
      `the description of robot '${model.name}' has changed since policy '${manifest.name}' was trained (${manifest.robotSha256.slice(0, 12)} then, ${model.sha256.slice(0, 12)} now); evaluate it again`,
    );
  }
  manifest.jointNames.forEach((name, i) => {
    const k = model.actuatedJointNames.indexOf(name);
    const lower = model.commandLower[k];
    const upper = model.commandUpper[k];
    if (lower === undefined || upper === undefined) return;
    if (manifest.commandLower[i]! >= lower && manifest.commandUpper[i]! <= upper) return;
    warnings.push(
      `policy '${manifest.name}' was trained to command '${name}' in [${manifest.commandLower[i]}, ${manifest.commandUpper[i]}]; the robot takes [${lower}, ${upper}] and the safety filter will clamp`,
    );
  });
  return warnings;
}

function format(shape: readonly Dimension[]): string {
  return `[${shape.join(', ')}]`;
}
