import { computeYaw, wrapAngle } from '../../../sim/math/quat.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { computePercent, type Experiment, type Setup } from '../experiment.ts';
import { withWorld } from '../worlds.ts';

/** [rad/s] wheel speeds, left and right: about 0.15 m/s on a circle of 0.35 m */
const LEFT = 2.8;
const RIGHT = 5.6;

/** [s] the circle takes half of it */
const LONGEST_S = 30;

/** Average of an array over time. */
class Mean {
  #sum: readonly number[] = [];
  #count = 0;

  add(values: Float64Array): void {
    this.#sum = Array.from(values, (value, k) => value + (this.#sum[k] ?? 0));
    this.#count++;
  }

  get(): readonly number[] {
    return this.#sum.map((value) => value / this.#count);
  }
}

/** Radius of the circle through points by least squares (Kåsa 1976): x² + y² = 2ax + 2by + c. */
function fitRadius(points: readonly (readonly [number, number])[]): number {
  const n = points.length;
  const mean = (of: (x: number, y: number) => number) =>
    points.reduce((sum, [x, y]) => sum + of(x, y), 0) / n;
  const mx = mean((x) => x);
  const my = mean((_, y) => y);
  const xx = mean((x) => (x - mx) ** 2);
  const yy = mean((_, y) => (y - my) ** 2);
  const xy = mean((x, y) => (x - mx) * (y - my));
  const squared = (x: number, y: number) => (x - mx) ** 2 + (y - my) ** 2;
  const xs = mean((x, y) => (x - mx) * squared(x, y)) / 2;
  const ys = mean((x, y) => (y - my) * squared(x, y)) / 2;
  const determinant = xx * yy - xy * xy;
  const a = (xs * yy - ys * xy) / determinant;
  const b = (ys * xx - xs * xy) / determinant;
  return Math.sqrt(a * a + b * b + xx + yy);
}

/** [mm/s] fastest that turtlebot goes in its second second of standing still, wheels held at 0 */
function measureRest(setup: Setup): Promise<number> {
  const model = loadRobot('turtlebot');
  return withWorld(model, setup, {}, ({ world }) => {
    world.setCommand(0, new Float64Array(model.actuatedJointNames.length));
    while (world.timeS < 1) world.advance();
    let fastest = 0;
    while (world.timeS < 2) {
      world.advance();
      const [x, y] = world.truth.linearVelocityW;
      fastest = Math.max(fastest, 1000 * Math.hypot(x!, y!));
    }
    return fastest;
  });
}

export const driving: Experiment = {
  name: 'driving',
  shows:
    'turtlebot drives a circle at constant wheel speeds: radius b/2·(r+l)/(r−l), period 2π·b/(R(r−l)) with wheel radius R, ' +
    'separation b and the mean speeds r and l that its wheels really had: what is off is slip. Then it stands.',
  settings: { robot: 'turtlebot' },
  async run(setup) {
    const rest = await measureRest(setup);
    const model = loadRobot('turtlebot');
    const { drive } = model;
    if (drive === undefined) throw new RangeError('turtlebot has no drive');
    const { wheelRadius, wheelSeparation } = drive;
    return withWorld(model, setup, {}, ({ world }) => {
      const command = Float64Array.from(model.actuatedJointNames, (name) =>
        drive.left.includes(name) ? LEFT : RIGHT,
      );
      world.setCommand(0, command);
      while (world.timeS < 2) world.advance();
      const { position, orientation } = world.truth;
      const points: (readonly [number, number])[] = [];
      let turned = 0;
      let before = computeYaw(orientation);
      const start = world.timeS;
      const first = [position[0]!, position[1]!] as const;
      let rate = 0;
      const wheels = new Mean();
      while (world.timeS - start < LONGEST_S && turned < 2 * Math.PI) {
        world.advance();
        rate = wrapAngle(computeYaw(orientation) - before);
        turned += rate;
        before += rate;
        points.push([position[0]!, position[1]!]);
        wheels.add(world.truth.jointVelocity);
      }
      const speeds = wheels.get();
      const sum = (names: readonly string[]) =>
        names.reduce((total, name) => total + speeds[model.jointNames.indexOf(name)]!, 0);
      const left = sum(drive.left) / drive.left.length;
      const right = sum(drive.right) / drive.right.length;
      const radius = ((wheelSeparation / 2) * (right + left)) / (right - left);
      const period = (2 * Math.PI * wheelSeparation) / (wheelRadius * (right - left));
      const late = (turned - 2 * Math.PI) / rate;
      const measured = world.timeS - start - late * world.controlPeriodS;
      const gap = Math.hypot(position[0]! - first[0], position[1]! - first[1]);
      return [
        {
          quantity: 'speed of the faster wheel against its command',
          unit: '%',
          exact: RIGHT,
          error: computePercent(right, RIGHT),
          tolerance: 1,
          why: 'nothing brakes a wheel that rolls; what its servo is short of is friction that should not be there',
        },
        {
          quantity: 'radius',
          unit: '%',
          exact: radius,
          error: computePercent(fitRadius(points), radius),
          tolerance: 1,
          why: 'as good as wheel odometry after calibration (Borenstein and Feng 1996)',
        },
        {
          quantity: 'period',
          unit: '%',
          exact: period,
          error: computePercent(measured, period),
          tolerance: 1,
          why: 'the same',
        },
        {
          quantity: 'circle not closed by',
          unit: 'mm',
          exact: 0,
          error: 1000 * gap,
          tolerance: 10,
          why: 'half a step of driving is 0.3 mm; sideways slip adds up round the circle',
        },
        {
          quantity: 'speed while it stands',
          unit: 'mm/s',
          exact: 0,
          error: rest,
          tolerance: 2.8,
          why: 'a tenth of a tick of its wheels in 16 ms: 0.1 × 0.0124 rad × 35.75 mm / 16 ms',
        },
      ];
    });
  },
};
