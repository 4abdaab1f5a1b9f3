import type { RobotConfig } from './config.ts';
import type { CrossCheck } from './cross-check.ts';
import type { Sensor } from './sensor-model.ts';

/** The sensors of robot.yaml. Problems go to `check`. */
export function readSensors(config: RobotConfig, check: CrossCheck): Sensor[] {
  return Object.entries(config.sensors).map(([name, sensor]) => {
    if (sensor.kind === 'encoder') {
      for (const joint of sensor.joints) check.movableJoint(`sensors.${name}.joints`, joint);
    } else {
      check.link(`sensors.${name}.link`, sensor.link);
    }
    return { name, ...sensor };
  });
}
