import { loadRobot } from '../../../sim/robot/load.ts';
import { computeTotalMass } from '../../../sim/robot/model.ts';
import { computeHoverSpeed, computeRotorGeometry } from '../../../sim/robot/quadrotor.ts';
import { computeRootBody } from '../../../sim/robot/rigid-bodies.ts';
import { EMPTY_SCENE } from '../../../sim/terrain/scene.ts';
import { G } from '../bodies.ts';
import { integrate, type Rate } from '../exact/integrate.ts';
import { computePercent, type Experiment, type Setup } from '../experiment.ts';
import { withWorld } from '../worlds.ts';

const DURATION_S = 1;

/** Flies with constant rotor commands. @param command [rad/s] by rotor, as a factor of hover */
function fly(setup: Setup, factors: readonly number[]) {
  const model = loadRobot('crazyflie');
  const hover = computeHoverSpeed(model, G);
  return withWorld(model, setup, { scene: EMPTY_SCENE }, ({ world }) => {
    world.setCommand(
      0,
      Float64Array.from(factors, (factor) => factor * hover),
    );
    const z = world.truth.position[2]!;
    while (world.timeS < DURATION_S - 1e-9) world.advance();
    const { position, orientation, angularVelocityB } = world.truth;
    return {
      climb: position[2]! - z,
      yaw: 2 * Math.atan2(orientation[2]!, orientation[3]!),
      yawRate: angularVelocityB[2]!,
    };
  });
}

/**
 * The exact flight on its vertical: rotors lag by τ, thrust is k_f·Σω², drag Σω·d·v along the axis, yaw torque
 * the signed sum of k_m·ω². State: rotor speeds, height, climb rate, yaw, yaw rate.
 */
function flyExactly(factors: readonly number[]): { climb: number; yaw: number; yawRate: number } {
  const model = loadRobot('crazyflie');
  const hover = computeHoverSpeed(model, G);
  const rotors = computeRotorGeometry(model);
  const mass = computeTotalMass(model);
  const moment = computeRootBody(model).moments[2];
  const n = rotors.length;
  const flight: Rate = (rate, state) => {
    let thrust = 0;
    let torque = 0;
    const climbRate = state[n + 1]!;
    for (const [i, { actuator }] of rotors.entries()) {
      const speed = state[i]!;
      rate[i] = (factors[i]! * hover - speed) / actuator.timeConstantS;
      thrust += actuator.thrustCoefficient * speed ** 2;
      thrust -= actuator.dragCoefficient[1] * speed * climbRate;
      // The air pushes back against the spin.
      const sign = actuator.spin === 'clockwise' ? 1 : -1;
      torque += sign * actuator.torqueCoefficient * speed ** 2;
    }
    rate[n] = climbRate;
    rate[n + 1] = thrust / mass - G;
    rate[n + 2] = state[n + 3]!;
    rate[n + 3] = torque / moment;
  };
  const end = integrate(flight, [...rotors.map(() => hover), 0, 0, 0, 0], DURATION_S, {
    tolerance: 1e-11,
  });
  return { climb: end[n]!, yaw: end[n + 2]!, yawRate: end[n + 3]! };
}

export const rotor: Experiment = {
  name: 'rotors',
  shows:
    'crazyflie with constant rotor commands: at hover speed, 5 % above it, and with one pair 1 % faster and the other 1 % ' +
    'slower. Reference: rotor lag, thrust, drag and torque of its robot.yaml, integrated to 1e-11.',
  settings: { robot: 'crazyflie' },
  async run(setup) {
    const still = await fly(setup, [1, 1, 1, 1]);
    const up = [1.05, 1.05, 1.05, 1.05];
    const climb = await fly(setup, up);
    const exactClimb = flyExactly(up);
    const turn = [0.99, 1.01, 0.99, 1.01];
    const yaw = await fly(setup, turn);
    const exactYaw = flyExactly(turn);
    return [
      {
        quantity: 'at hover speed: moved in 1 s',
        unit: 'mm',
        exact: 0,
        error: 1000 * Math.abs(still.climb),
        tolerance: 1,
        why: 'thrust is weight: what is left is rounding',
      },
      {
        quantity: '5 % above: climb in 1 s',
        unit: '%',
        exact: exactClimb.climb,
        error: computePercent(climb.climb, exactClimb.climb),
        tolerance: 1,
        why: 'thrust of a real rotor is known to 1 %',
      },
      {
        quantity: '± 1 %: yaw rate after 1 s',
        unit: '%',
        exact: exactYaw.yawRate,
        error: computePercent(yaw.yawRate, exactYaw.yawRate),
        tolerance: 1,
        why: 'the same; a wrong sign would be 200 %',
      },
      {
        quantity: '± 1 %: yaw after 1 s',
        unit: '%',
        exact: exactYaw.yaw,
        error: computePercent(yaw.yaw, exactYaw.yaw),
        tolerance: 1,
        why: 'the same',
      },
    ];
  },
};
