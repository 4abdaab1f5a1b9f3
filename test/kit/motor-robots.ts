import type { DenseLayer } from '../../sim/onnx/dense-layers.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { parseRobot } from '../../sim/robot/parse.ts';
import { getTestRobotSource, type TestRobotName } from './robots.ts';

/** A test robot with other motors, and whatever else of robot.yaml goes with them. */
export function makeMotorRobot(
  name: TestRobotName,
  {
    actuators,
    commandKind = 'effort',
    more = '',
    networks = new Map(),
  }: {
    /** YAML of the list's entries. */
    readonly actuators: string;
    readonly commandKind?: 'effort' | 'position' | 'velocity';
    /** YAML lines at the top level. */
    readonly more?: string;
    readonly networks?: ReadonlyMap<string, readonly DenseLayer[]>;
  },
): RobotModel {
  const { urdf, yaml } = getTestRobotSource(name);
  return parseRobot({
    urdf,
    yaml: `${yaml
      .replace(/actuators: \[.*\]/, () => `actuators: [${actuators}]`)
      .replace(/commandKind: \w+/, `commandKind: ${commandKind}`)}${more}\n`,
    where: { urdf: 'robot.urdf', yaml: 'robot.yaml' },
    sha256: '0'.repeat(64),
    networks,
  });
}
