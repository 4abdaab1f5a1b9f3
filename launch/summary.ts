import type { TimingSnapshot } from '../policies/runtime/timing.ts';
import type { StackParts } from './stack.ts';

/** Fields that scripts rely on; times as named, the rest SI. */
export function summarize(parts: StackParts) {
  const { config, profile, simulator, policy, safety, reference, attempts, recorder, viewer } =
    parts;
  const stats = viewer?.stats();
  const error = reference?.meanPositionError ?? Number.NaN;
  return {
    profile,
    durationS: simulator.timeS,
    realTimeFactor: simulator.realTimeFactor,
    seed: config.seed,
    robots: config.numRobots,
    policy: policy.manifest.name,
    provider: policy.provider,
    simSteps: simulator.simSteps,
    policyTicks: policy.numTicks,
    lateTicks: simulator.lateTicks,
    commandsSent: safety.commandsSent,
    safety: { ...safety.counts },
    meanPositionErrorM: Number.isNaN(error) ? null : error,
    ...(attempts && { task: config.task, episodes: attempts.summarize() }),
    timing: describeTiming(simulator.timing()),
    recordings: recorder === undefined ? [] : [recorder.path],
    recordingFailed: recorder?.stats().hasFailed ?? false,
    viewer: {
      url: viewer?.url ?? null,
      framesSent: stats?.framesSent ?? 0,
      framesDropped: stats?.framesDropped ?? 0,
      clients: stats?.clients ?? 0,
    },
  };
}
export type Summary = ReturnType<typeof summarize>;

/** The control period [s] and how late it ended by the wall clock [µs]; null where nothing was measured. */
function describeTiming({ period, lateness, overruns }: TimingSnapshot) {
  const us = (seconds: number) => (Number.isNaN(seconds) ? null : seconds * 1e6);
  return {
    periodS: Number.isNaN(period.p50) ? null : period.p50,
    jitterP50: us(lateness.p50),
    jitterP99: us(lateness.p99),
    jitterP999: us(lateness.p999),
    overruns,
  };
}
