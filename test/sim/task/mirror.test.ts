import { describe, expect, it } from 'vitest';
import { Rng } from '../../../sim/math/rng.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import { openRobot } from '../../../sim/robot/open.ts';
import { makeStateBatch, type StateBatch } from '../../../sim/robot/state.ts';
import { LidarSectors } from '../../../sim/task/lidar-sectors.ts';
import { type Mirror, makePolicyMirror } from '../../../sim/task/mirror.ts';
import { makeObservationPipeline } from '../../../sim/task/observation.ts';
import { makeReferenceBatch, type ReferenceBatch } from '../../../sim/task/robot-view.ts';
import type { TaskDefinition } from '../../../sim/task/task.ts';
import { getTask } from '../../../sim/tasks/registry.ts';

const TASKS = ['go2-velocity', 'turtlebot-navigate', 'turtlebot-reach'];
/** Single precision, numbers of order 1. */
const CLOSE = 5;

function look(mirror: Mirror, values: ArrayLike<number>): number[] {
  return Array.from(mirror.from, (k, j) => mirror.sign[j]! * values[k]!);
}

async function open(name: string) {
  const task = getTask(name);
  const model = await openRobot(task.robot);
  const { names } = makeObservationPipeline({ terms: task.observations, model, numRobots: 1 });
  const mirror = makePolicyMirror(task.mirror!, { names, action: task.makeAction(model), model });
  return { task, model, mirror };
}

/** A robot on its way, 0.12 s into its episode; mirrored, half a lap later. */
function observe(task: TaskDefinition, model: RobotModel, isMirrored: boolean): Float32Array {
  const rng = new Rng(1, 'mirror');
  const state = makeStateBatch(1, model.jointNames.length);
  const reference = makeReferenceBatch(1);
  const draw = () => rng.uniform(-1, 1);
  for (const array of [state.position, state.linearVelocityW, state.angularVelocityB]) {
    array.set([draw(), draw(), draw()]);
  }
  const length = Math.hypot(1, 2, 3, 4);
  state.orientation.set([1 / length, 2 / length, 3 / length, 4 / length]);
  reference.position.set([draw(), draw(), draw()]);
  reference.velocityCommand.set([draw(), draw(), draw()]);
  for (let k = 0; k < model.jointNames.length; k++) {
    state.jointPosition[k] = draw();
    state.jointVelocity[k] = draw();
  }
  const action = Float32Array.from(model.actuatedJointNames, draw);
  if (isMirrored) mirrorWorld(task, model, { state, reference, action });
  const pipeline = makeObservationPipeline({ terms: task.observations, model, numRobots: 1 });
  const view = pipeline.makeView(state, reference);
  for (const { sensor, width } of task.observations) {
    if (sensor === undefined) continue;
    const sectors = new LidarSectors(model, sensor, width);
    view.scans.get(sensor)!.set(Array.from(sectors.azimuth, (a) => scan(a, width, isMirrored)));
  }
  const out = new Float32Array(pipeline.width);
  pipeline.write(out, view);
  pipeline.remember(0, action);
  const period = task.observations.find(({ periodS }) => periodS !== undefined)?.periodS ?? 0;
  pipeline.updateMemory(view, 0.12 + (isMirrored ? period / 2 : 0));
  pipeline.write(out, view);
  return out;
}

/** [m] posts all around, one in the middle of each sector, each nearer than the one to its right. */
function scan(azimuth: number, numSectors: number, isMirrored: boolean): number {
  const place = (numSectors * ((isMirrored ? -azimuth : azimuth) + Math.PI)) / (2 * Math.PI);
  const isPost = Math.abs(place - Math.floor(place) - 0.5) < 0.04;
  return isPost ? 1 - Math.floor(place) / numSectors : 9;
}

/** Left for right, by what vectors, turns and legs are: apart from what the terms say of themselves. */
function mirrorWorld(
  task: TaskDefinition,
  model: RobotModel,
  world: { state: StateBatch; reference: ReferenceBatch; action: Float32Array },
): void {
  const { state, reference, action } = world;
  for (const vector of [state.position, state.linearVelocityW, reference.position])
    vector[1]! *= -1;
  for (const turn of [state.angularVelocityB, state.orientation]) {
    turn[0]! *= -1;
    turn[2]! *= -1;
  }
  reference.velocityCommand[1]! *= -1;
  reference.velocityCommand[2]! *= -1;
  for (const [names, values] of [
    [model.jointNames, state.jointPosition],
    [model.jointNames, state.jointVelocity],
    [model.actuatedJointNames, action],
  ] as const) {
    const before = Array.from(values);
    names.forEach((name, k) => {
      const [image, sign] = task.mirror!.joints[name] ?? [name, 1];
      values[k] = sign * before[names.indexOf(image)]!;
    });
  }
}

describe.each(TASKS)('the mirror image of %s', (name) => {
  it('is what a mirrored robot in a mirrored world observes', async () => {
    const { task, model, mirror } = await open(name);
    const seen = observe(task, model, false);
    const image = observe(task, model, true);
    look(mirror.observation, seen).forEach((value, k) => {
      expect(value, `number ${k}`).toBeCloseTo(image[k]!, CLOSE);
    });
  });

  it('has the robot itself for its image', async () => {
    const { mirror } = await open(name);
    for (const part of [mirror.observation, mirror.action]) {
      const values = Array.from(part.from, (_, k) => k + 1);
      expect(look(part, look(part, values))).toEqual(values);
    }
  });
});

describe('a mirror', () => {
  it('turns a go2’s hips the other way, and swaps the wheels of a TurtleBot', async () => {
    const go2 = await open('go2-velocity');
    // FL hip, thigh, calf; FR …: what is left does as the right did.
    const action = Float32Array.from({ length: 12 }, (_, k) => k + 1);
    expect(look(go2.mirror.action, action)).toEqual([-4, 5, 6, -1, 2, 3, -10, 11, 12, -7, 8, 9]);
    const turtlebot = await open('turtlebot-navigate');
    expect(look(turtlebot.mirror.action, [1, 2])).toEqual([2, 1]);
  });

  it('refuses joints that are not one another’s images, and actions that treat them differently', async () => {
    const { task, model } = await open('turtlebot-navigate');
    const action = task.makeAction(model);
    const [left, right] = model.actuatedJointNames as [string, string];
    const names = ['lastAction'].flatMap((term) => [`${term}.${left}`, `${term}.${right}`]);
    const parts = { names, action, model };
    const oneWay = { [left]: [right, 1], [right]: [right, 1] } as const;
    expect(() => makePolicyMirror({ joints: oneWay }, parts)).toThrow(/not one another's images/);
    const faster = { ...action, scale: [1, 2] };
    expect(() => makePolicyMirror(task.mirror!, { ...parts, action: faster })).toThrow(/no image/);
    expect(() => makePolicyMirror(task.mirror!, { ...parts, names: ['wish.x'] })).toThrow(/'wish'/);
  });
});
