/** Time derivative of a state. @param rate written */
export type Rate = (rate: Float64Array, state: Float64Array, timeS: number) => void;

/** Dormand and Prince, A family of embedded Runge–Kutta formulae, J. Comput. Appl. Math. 6, 1980: RK5(4)7M. */
const NODES = [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1];
const STAGES: readonly (readonly number[])[] = [
  [],
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
];
/** Fifth order minus fourth order. */
const ERROR = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40];

/** Relative to the larger of 1 and the value: 1000 times what a double cannot tell apart. [-] */
export const INTEGRATION_TOLERANCE = 1e-13;
const MAX_STEPS = 5e6;

/** One step of fifth order from `state`. @returns the estimated error, in units of the tolerance */
function makeStepper(rate: Rate, size: number, tolerance: number) {
  const slopes = NODES.map(() => new Float64Array(size));
  const stage = new Float64Array(size);
  return (out: Float64Array, state: Float64Array, timeS: number, stepS: number): number => {
    for (let s = 0; s < NODES.length; s++) {
      for (let i = 0; i < size; i++) {
        let sum = 0;
        for (let k = 0; k < s; k++) sum += STAGES[s]![k]! * slopes[k]![i]!;
        stage[i] = state[i]! + stepS * sum;
      }
      rate(slopes[s]!, stage, timeS + NODES[s]! * stepS);
    }
    // The last stage is the fifth-order result itself.
    out.set(stage);
    let worst = 0;
    for (let i = 0; i < size; i++) {
      let error = 0;
      for (let k = 0; k < ERROR.length; k++) error += ERROR[k]! * slopes[k]![i]!;
      const scale = tolerance * Math.max(1, Math.abs(state[i]!), Math.abs(stage[i]!));
      worst = Math.max(worst, Math.abs(stepS * error) / scale);
    }
    return worst;
  };
}

/**
 * The state after `durationS`, by steps that adapt to the tolerance.
 * @param onStep sees every accepted step: its start, its length and `advance`, which writes the state at any part of it
 */
export function integrate(
  rate: Rate,
  start: ArrayLike<number>,
  durationS: number,
  options: {
    readonly tolerance?: number;
    readonly onStep?: (
      timeS: number,
      stepS: number,
      advance: (partS: number) => Float64Array,
    ) => void;
  } = {},
): Float64Array {
  const size = start.length;
  const step = makeStepper(rate, size, options.tolerance ?? INTEGRATION_TOLERANCE);
  const state = Float64Array.from(start);
  const next = new Float64Array(size);
  const part = new Float64Array(size);
  let timeS = 0;
  let stepS = Math.min(1e-3, durationS);
  for (let n = 0; timeS < durationS; n++) {
    if (n > MAX_STEPS) throw new RangeError(`integrate: stuck at ${timeS} s`);
    const isLast = timeS + stepS >= durationS;
    const tried = isLast ? durationS - timeS : stepS;
    const error = step(next, state, timeS, tried);
    if (error <= 1) {
      options.onStep?.(timeS, tried, (partS) => {
        step(part, state, timeS, partS);
        return part;
      });
      state.set(next);
      timeS = isLast ? durationS : timeS + tried;
    }
    // Usual controller: aim at 0.9 of the allowed step, and change it by no more than a factor of five.
    stepS = tried * Math.min(5, Math.max(0.2, 0.9 * Math.max(error, 1e-10) ** -0.2));
  }
  return state;
}

/** Times at which `measure` passes through 0, found to 1e-14 of a step. [s] */
export function findCrossings(
  rate: Rate,
  start: ArrayLike<number>,
  durationS: number,
  measure: (state: Float64Array) => number,
): number[] {
  const times: number[] = [];
  let before = measure(Float64Array.from(start));
  integrate(rate, start, durationS, {
    onStep(timeS, stepS, advance) {
      const after = measure(advance(stepS));
      if (before !== 0 && Math.sign(after) !== Math.sign(before)) {
        let low = 0;
        let high = stepS;
        for (let k = 0; k < 50; k++) {
          const middle = (low + high) / 2;
          if (Math.sign(measure(advance(middle))) === Math.sign(before)) low = middle;
          else high = middle;
        }
        times.push(timeS + high);
      }
      before = after;
    },
  });
  return times;
}
