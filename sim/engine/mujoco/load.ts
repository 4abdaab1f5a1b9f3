import type { MainModule, MjModel } from '@mujoco/mujoco';
import { UserError } from '../../errors.ts';
import type { EngineConfig } from '../engine.ts';
import { writeHeights } from '../mjcf/scene.ts';

/** @throws UserError with a remedy if the package is absent or does not start */
export async function loadMujoco(
  importPackage: () => Promise<typeof import('@mujoco/mujoco')> = () => import('@mujoco/mujoco'),
): Promise<MainModule> {
  try {
    const { default: start } = await importPackage();
    return await start();
  } catch (cause) {
    throw new UserError({
      where: "engine 'mujoco'",
      problem: 'MuJoCo, an optional dependency, cannot be loaded',
      expected: 'the package @mujoco/mujoco',
      got: cause instanceof Error ? cause.message : String(cause),
      remedy: "Run `npm install @mujoco/mujoco`, or choose engine 'rapier'.",
      cause,
    });
  }
}

/** @throws UserError with MuJoCo's own words where it refuses the robot */
export function compileMjcf(
  mujoco: MainModule,
  text: string,
  { model, scene }: EngineConfig,
): MjModel {
  try {
    const compiled = mujoco.MjModel.from_xml_string(text);
    if (scene.ground?.kind === 'height_field') writeHeights(compiled.hfield_data, scene.ground);
    return compiled;
  } catch (cause) {
    throw new UserError({
      where: `robot '${model.name}'`,
      problem: 'MuJoCo refuses it',
      expected: 'a robot that MuJoCo can compile',
      got: cause instanceof Error ? cause.message.trim() : String(cause),
      remedy: "Correct the description, or choose engine 'rapier'.",
      cause,
    });
  }
}
