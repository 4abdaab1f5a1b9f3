import type { SafetyConfig } from '../policies/config.ts';
import { type MotorPort, makeSafetyFilter, type SafetyFilter } from '../policies/safety/filter.ts';
import type { SafetyInput } from '../policies/safety/rules.ts';
import {
  PASS,
  SAFETY_ACTIONS,
  SAFETY_RULES,
  type SafetyAction,
  type SafetyRule,
  type Verdict,
} from '../policies/safety/verdict.ts';
import type { RobotModel } from '../sim/robot/model.ts';
import { readJointCommand } from './convert/joints.ts';
import { toNs } from './convert/stamp.ts';
import { makeDiagnosticArray, makeSafetyStatus } from './diagnostics.ts';
import { followEpisodes } from './episodes.ts';
import { type ManagedOptions, manageNode } from './managed-node.ts';
import { makeTopicMotorPort } from './motor-port.ts';
import { type FollowedState, followRobotState } from './robot-state.ts';
import type { DiagnosticArray } from './ros/messages.ts';
import type { Publisher, RosContext, RosNode } from './ros/port.ts';
import { listSafetyParameters } from './safety-parameters.ts';
import { getRobotTopic, SERVICES, TOPICS } from './topics.ts';

export interface SafetyNodeOptions {
  readonly model: RobotModel;
  readonly robots: readonly string[];
  readonly config: SafetyConfig;
  /** [s] between two commands of the policy */
  readonly periodS: number;
  readonly clock: 'ros' | 'wall';
  /** Others may start and stop it: while it is not active every robot gets the stop command. Absent: always active. */
  readonly lifecycle?: ManagedOptions;
  /** Told when a robot's verdict changes its action or its rule. */
  readonly onVerdict?: (robot: string, verdict: Verdict) => void;
}

export interface SafetyNode {
  /** Commands sent, by what the filter did to them. */
  readonly counts: Readonly<Record<SafetyAction, number>>;
  readonly commandsSent: number;
  /** Stops every robot and sends the stop commands at once. */
  stopAll(reason: string): void;
}

/** [periods] that the policy may be late before the node acts without it. */
const LATE_PERIODS = 1.5;
const EXPECTED_STOPS: ReadonlySet<string> = new Set(['stop_request', 'not_armed']);
/** [periods] the same once the node is acting without it: then at every period. */
const COVERING_PERIODS = 0.5;

/**
 * Stands between the policy and the motors: the only node that publishes `joint_command`. It looks at
 * the sensors itself, so a policy cannot hide a hazard, and goes on sending when the policy falls
 * silent.
 */
export function makeSafetyNode(context: RosContext, options: SafetyNodeOptions): SafetyNode {
  return new Safety(context, options);
}

/** One robot, as the safety node sees it. */
interface Channel {
  readonly robot: string;
  filter: SafetyFilter;
  readonly input: SafetyInput;
  /** [numActuatedJoints] the newest command of the policy */
  readonly command: Float64Array;
  /** [s] [@invalid NaN before the first] when something was sent to the motors last */
  sentS: number;
  /** Whether the node sends by itself, because the policy is silent. */
  isCovering: boolean;
  verdict: Verdict;
  /** Why a person stopped it; only a person takes that back. */
  stopReason: string | undefined;
  /** Since the node's start, whatever filter it was. */
  readonly actions: Record<SafetyAction, number>;
  readonly rules: Record<SafetyRule, number>;
}

class Safety implements SafetyNode {
  readonly counts: Record<SafetyAction, number> = { pass: 0, clamp: 0, hold: 0, damp: 0, stop: 0 };
  readonly #options: SafetyNodeOptions;
  readonly #node: RosNode;
  readonly #followed: FollowedState;
  readonly #channels: readonly Channel[];
  readonly #motors: MotorPort;
  readonly #diagnostics: Publisher<DiagnosticArray>;
  /** Whether the policy is listened to. */
  #isActive = true;

  constructor(context: RosContext, options: SafetyNodeOptions) {
    const { model, robots } = options;
    this.#options = options;
    this.#node = context.createNode('safety', {
      parameters: { use_sim_time: options.clock === 'ros' },
      isClockFixed: true,
    });
    for (const parameter of listSafetyParameters(options.config)) {
      this.#node.declareParameter(parameter);
    }
    this.#diagnostics = this.#node.createPublisher(
      TOPICS.diagnostics.type,
      TOPICS.diagnostics.name,
      TOPICS.diagnostics.qos,
    );
    this.#followed = followRobotState(this.#node, model, robots);
    this.#motors = makeTopicMotorPort(this.#node, model, robots);
    this.#channels = robots.map((robot, index) => this.#makeChannel(robot, index));
    this.#subscribe();
    this.#offerServices();
    this.#node.createTimer(options.periodS, () => this.#sendWhereLate());
    this.#node.createTimer(1, () => this.#report(this.#channels));
    if (options.lifecycle === undefined) return;
    manageNode(this.#node, options.lifecycle, {
      activate: () => {
        this.#isActive = true;
      },
      deactivate: () => this.#disarm(),
    });
  }

  get commandsSent(): number {
    const { pass, clamp, hold, damp, stop } = this.counts;
    return pass + clamp + hold + damp + stop;
  }

  stopAll(reason: string): void {
    for (const channel of this.#channels) this.#stop(channel, reason);
  }

  #makeChannel(robot: string, index: number): Channel {
    return {
      robot,
      filter: this.#makeFilter(),
      input: {
        nowS: 0,
        command: undefined,
        commandStampS: Number.NaN,
        state: this.#followed.state,
        robot: index,
        stateStampS: Number.NaN,
      },
      command: new Float64Array(this.#options.model.actuatedJointNames.length),
      sentS: Number.NaN,
      isCovering: false,
      verdict: PASS,
      stopReason: undefined,
      actions: makeCounts(SAFETY_ACTIONS),
      rules: makeCounts(SAFETY_RULES),
    };
  }

  #makeFilter(): SafetyFilter {
    const { model, config, periodS } = this.#options;
    return makeSafetyFilter({ model, config, periodS, where: 'safety' });
  }

  #subscribe(): void {
    const { model } = this.#options;
    for (const channel of this.#channels) {
      const { type, qos } = TOPICS.policyCommand;
      const topic = getRobotTopic(channel.robot, TOPICS.policyCommand);
      this.#node.createSubscription(type, topic, qos, (message) => {
        if (!this.#isActive) return;
        readJointCommand(channel.command, message, model);
        channel.input.command = channel.command;
        channel.input.commandStampS = Number(toNs(message.header.stamp)) / 1e9;
        channel.isCovering = false;
        this.#send(channel);
      });
    }
    // A robot has no episodes: only a simulator can put it somewhere else.
    if (this.#options.clock !== 'ros') return;
    const { robots } = this.#options;
    followEpisodes(this.#node, robots, (row) => this.#forget(this.#channels[row]!));
  }

  /** The robot stands somewhere else now: hazards of the old place are over, a person's stop is not. */
  #forget(channel: Channel): void {
    channel.filter = this.#makeFilter();
    if (channel.stopReason !== undefined) channel.filter.requestStop(channel.stopReason);
    channel.input.command = undefined;
    channel.input.commandStampS = Number.NaN;
    // Stamps of a time to come are of one that is over: /clock went back. Over DDS sensors may be one period ahead.
    const latestS = this.#nowS() + LATE_PERIODS * this.#options.periodS;
    if (channel.sentS > latestS) channel.sentS = Number.NaN;
    const { stampS } = this.#followed;
    if (stampS[channel.input.robot]! > latestS) stampS[channel.input.robot] = Number.NaN;
    this.#note(channel, PASS);
  }

  /**
   * Stops every robot at once and goes on doing so, whatever the policy wants. What follows an activation is what follows a
   * start: a robot waits for a fresh command that passes every rule, and what a person stopped stays stopped.
   */
  #disarm(): void {
    this.#isActive = false;
    for (const channel of this.#channels) {
      this.#forget(channel);
      this.#send(channel);
    }
  }

  #offerServices(): void {
    const { stop, stopOne, clear, clearOne } = SERVICES;
    this.#node.createService(stop.type, stop.name, () => {
      this.stopAll('asked for by service');
      return { success: true, message: `${this.#channels.length} robots stopped` };
    });
    for (const channel of this.#channels) {
      this.#node.createService(stopOne.type, getRobotTopic(channel.robot, stopOne), () => {
        this.#stop(channel, 'asked for by service');
        return { success: true, message: `${channel.robot} stopped` };
      });
      this.#node.createService(clearOne.type, getRobotTopic(channel.robot, clearOne), () =>
        this.#clear([channel]),
      );
    }
    this.#node.createService(clear.type, clear.name, () => this.#clearAll());
  }

  #clearAll(): { success: boolean; message: string } {
    return this.#clear(this.#channels);
  }

  /** All of them or none: a fleet of which half takes off is no answer to a refusal. */
  #clear(channels: readonly Channel[]): { success: boolean; message: string } {
    const nowS = this.#nowS();
    const stopped = channels.filter(({ filter }) => filter.latched !== undefined);
    const refusals = stopped.flatMap(({ robot, filter }) => {
      const result = filter.clear(nowS);
      return result.cleared ? [] : [`${robot}: ${result.reason}`];
    });
    if (refusals.length > 0) {
      // Nothing has been sent in between.
      for (const { filter, stopReason } of stopped) {
        filter.requestStop(stopReason ?? 'another robot cannot be cleared yet');
      }
      return { success: false, message: `all stay stopped: ${refusals.join('; ')}` };
    }
    for (const channel of stopped) channel.stopReason = undefined;
    return { success: true, message: 'no robot is stopped now' };
  }

  #stop(channel: Channel, reason: string): void {
    channel.stopReason ??= reason;
    channel.filter.requestStop(reason);
    this.#send(channel);
  }

  /** When the policy is late or dead the motors must hear from somebody. */
  #sendWhereLate(): void {
    const nowS = this.#nowS();
    for (const channel of this.#channels) {
      // The silence counts from the first tick on.
      if (Number.isNaN(channel.sentS)) channel.sentS = nowS;
      const allowed = channel.isCovering ? COVERING_PERIODS : LATE_PERIODS;
      if (nowS - channel.sentS <= allowed * this.#options.periodS) continue;
      channel.isCovering = true;
      this.#send(channel);
    }
  }

  #send(channel: Channel): void {
    const { input, filter } = channel;
    input.nowS = this.#computeNowS(input.commandStampS);
    input.stateStampS = this.#followed.stampS[input.robot]!;
    const command = filter.check(input);
    channel.sentS = input.nowS;
    this.#motors.write(channel.robot, command);
    // Repeating what the policy said before is a hold, even before it is a hazard.
    const isRepeat = channel.isCovering && command.verdict.action === 'pass';
    const action = isRepeat ? 'hold' : command.verdict.action;
    this.counts[action]++;
    channel.actions[action]++;
    channel.rules[isRepeat ? 'watchdog' : command.verdict.rule]++;
    this.#note(channel, command.verdict);
  }

  #note(channel: Channel, verdict: Verdict): void {
    const previous = channel.verdict;
    channel.verdict = verdict;
    if (previous.action === verdict.action && previous.rule === verdict.rule) return;
    if (verdict.action === 'stop' && verdict.rule !== 'latched') {
      const text = `${channel.robot} stopped: ${verdict.rule}: ${verdict.detail}`;
      // A stop that somebody asked for is no error.
      if (EXPECTED_STOPS.has(verdict.rule)) this.#node.logger.info(text);
      else this.#node.logger.error(text);
    }
    this.#report([channel]);
    this.#options.onVerdict?.(channel.robot, verdict);
  }

  /**
   * What time it is for a robot. Over DDS a policy may hear /clock, and its command arrive here, before that same
   * /clock does: then the command tells the time. Stamped with an older one, it would not count as a command for its
   * instant, and a simulator would wait for another in vain.
   */
  #computeNowS(commandStampS: number): number {
    const nowS = this.#nowS();
    const aheadS = this.#options.clock === 'ros' ? commandStampS - nowS : 0;
    return aheadS > 0 && aheadS < LATE_PERIODS * this.#options.periodS ? commandStampS : nowS;
  }

  #nowS(): number {
    return Number(this.#node.nowNs()) / 1e9;
  }

  /** To everybody, at once when a verdict changes and every second besides. */
  #report(channels: readonly Channel[]): void {
    const status = channels.map(({ robot, verdict, actions, rules }) =>
      makeSafetyStatus(robot, verdict, actions, rules),
    );
    this.#diagnostics.publish(makeDiagnosticArray(this.#node.nowNs(), status));
  }
}

function makeCounts<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
}
