import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkDrive } from '../../../sim/robot/check-drive.ts';
import { findRobotFiles, loadRobot } from '../../../sim/robot/load.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import { parseRobot } from '../../../sim/robot/parse.ts';
import { checkWheels } from '../../../sim/robot/wheels.ts';
import { makeRover, RADIUS, SEPARATION } from '../../kit/rover.ts';

/** Wheels of 0.05 m radius on joints 0.2 m apart, each 0.02 m wide and `beside` further out than its joint. */
function makeDrive(drive: Partial<RobotModel['drive']>, beside = 0, rows = 1): RobotModel {
  const rover = makeRover();
  const names = rover.joints.map(({ child }) => child);
  return {
    ...rover,
    links: rover.links.map((link) => {
      if (!names.includes(link.name)) return link;
      // The axis z points to the left.
      const z = link.name.startsWith('left') ? beside : -beside;
      return {
        ...link,
        collisions: [
          {
            name: link.name,
            linkFromShape: { translation: [0, 0, z], rotation: [0, 0, 0, 1] },
            geometry: { kind: 'cylinder', radius: RADIUS, length: 0.02 },
            material: { friction: 1, restitution: 0 },
            solid: 'hull',
          },
        ],
      };
    }),
    drive: {
      ...rover.drive!,
      left: Array.from({ length: rows }, () => rover.drive!.left[0]!),
      ...drive,
    },
  };
}
const check = (model: RobotModel) => {
  const { errors, warnings } = checkDrive(model, 'robot.yaml');
  const list = (faults: readonly Error[]) => faults.map(({ message }) => message);
  return { errors: list(errors), warnings: list(warnings) };
};
const NOTHING = { errors: [], warnings: [] };

describe('the drive of robot.yaml against the URDF', () => {
  it('agrees in the robots in the box, and where the wheels have no shapes', () => {
    expect(check(loadRobot('turtlebot'))).toEqual(NOTHING);
    expect(check(loadRobot('crazyflie'))).toEqual(NOTHING);
    expect(check(makeRover())).toEqual(NOTHING);
    expect(check(makeDrive({}))).toEqual(NOTHING);
  });

  it('may differ as measured wheels do from drawn ones, then with a warning that has both numbers', () => {
    expect(check(makeDrive({ wheelRadius: RADIUS * 1.04 }))).toEqual(NOTHING);
    const { errors, warnings } = check(makeDrive({ wheelRadius: RADIUS * 1.1 }));
    expect(errors).toEqual([]);
    // One for each wheel.
    expect(warnings).toEqual([
      "robot.yaml: drive.wheelRadius: the URDF has another one: 'left_wheel_joint' turns a wheel that reaches (expected 0.05 m, got 0.055 m). Leave it if it was measured; odometry is wrong by as much in simulation.",
      expect.stringMatching(/'right_wheel_joint'/),
    ]);
    const narrow = check(makeDrive({ wheelSeparation: SEPARATION / 1.1 }));
    expect(narrow.errors).toEqual([]);
    expect(narrow.warnings.join()).toMatch(
      /drive\.wheelSeparation.*expected 0\.2 m, got 0\.1818 m/,
    );
  });

  it('is refused where a diameter stands for a radius, or half a track for a whole one', () => {
    const wide = check(makeDrive({ wheelRadius: 2 * RADIUS }));
    expect(wide.errors).toHaveLength(2);
    expect(wide.errors[0]).toMatch(/expected 0\.05 m, got 0\.1 m\)\. Correct it/);
    const half = check(makeDrive({ wheelSeparation: SEPARATION / 2 }));
    expect(half).toEqual({ errors: [expect.stringMatching(/0\.2 m, got 0\.1 m/)], warnings: [] });
  });

  it('takes the middles of the wheels as well as their joints', () => {
    // 0.2 m + 2 · 0.03 m.
    expect(check(makeDrive({ wheelSeparation: 0.26 }, 0.03))).toEqual(NOTHING);
    expect(check(makeDrive({ wheelSeparation: 0.2 }, 0.03))).toEqual(NOTHING);
    expect(check(makeDrive({ wheelSeparation: 0.29 }, 0.03)).warnings).toEqual([
      expect.stringMatching(/the middles of the wheels are apart \(expected 0\.26 m, got 0\.29 m/),
    ]);
  });

  it('lets wheels in rows turn as if their track were wider', () => {
    const track = (wheelSeparation: number, rows = 2) =>
      check(makeDrive({ wheelSeparation }, 0, rows));
    expect(track(0.38)).toEqual(NOTHING);
    expect(track(0.38, 1).errors).toHaveLength(1);
    expect(track(0.61).errors).toHaveLength(1);
    expect(track(0.1).errors).toHaveLength(1);
  });

  it('has nothing to compare where its wheels are rotors, which are refused as wheels', () => {
    const crazyflie = loadRobot('crazyflie');
    const [left, , , right] = crazyflie.jointNames;
    const drive = { left: [left!], right: [right!], wheelRadius: 1, wheelSeparation: 1 };
    expect(check({ ...crazyflie, drive })).toEqual(NOTHING);
    expect(checkWheels({ ...crazyflie, drive }).map(({ message }) => message)).toEqual([
      expect.stringMatching(/a wheel must turn on the ground .*without a rotor/),
    ]);
  });

  it('stops a robot from being loaded', () => {
    const files = findRobotFiles('turtlebot');
    const [urdf, yaml] = [readFileSync(files.urdf, 'utf8'), readFileSync(files.yaml, 'utf8')];
    const wrong = yaml.replace('wheelRadius: 0.03575', 'wheelRadius: 0.0715');
    const load = (text: string) =>
      parseRobot({ urdf, yaml: text, where: { urdf: 'u', yaml: 'y' }, sha256: '' });
    expect(load(yaml).drive!.wheelRadius).toBe(0.03575);
    expect(() => load(wrong)).toThrow(
      /y: drive\.wheelRadius: .*'left_wheel_joint'.*expected 0\.03575 m, got 0\.0715 m/,
    );
  });
});
