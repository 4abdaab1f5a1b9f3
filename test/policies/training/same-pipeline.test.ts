import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { ControlTick, makeControlMailboxes } from '../../../policies/runtime/control-tick.ts';
import { makeMailboxReader, makeMailboxWriter } from '../../../policies/runtime/mailbox.ts';
import { loadPolicy } from '../../../policies/runtime/policy.ts';
import {
  makePolicyCommand,
  readCommandRow,
  writeReferenceRow,
  writeStateRow,
} from '../../../policies/runtime/rows.ts';
import { Timing } from '../../../policies/runtime/timing.ts';
import { makeSimEnv } from '../../../sim/env.ts';
import { makeReachPolicy } from '../../kit/reach-policy.ts';

const SHIPPED = fileURLToPath(
  new URL('../../../policies/trained/crazyflie-track.onnx', import.meta.url),
);

const POLICIES = [
  ['crazyflie-track', async () => SHIPPED],
  ['turtlebot-reach', makeReachPolicy],
] as const;

it.each(POLICIES)(
  'observes and acts on the robot of %s exactly as in training',
  async (task, getPolicy) => {
    const numEnvs = 2;
    const env = await makeSimEnv({ task, numEnvs, autoreset: 'disabled' });
    const { model } = env;
    const options = { batch: numEnvs, expect: { robotModel: model } };
    const policy = await loadPolicy(await getPolicy(), options);
    const mailboxes = makeControlMailboxes(model, numEnvs);
    const timing = new Timing();
    const tick = new ControlTick({ policy, model, mailboxes, timing });
    const robots = Array.from({ length: numEnvs }, (_, robot) => ({
      state: makeMailboxWriter(mailboxes.states, robot),
      reference: makeMailboxWriter(mailboxes.references, robot),
      command: makeMailboxReader(mailboxes.commands, robot),
    }));
    const command = makePolicyCommand(env.numActions);
    let { observation } = env.reset(11);
    for (let step = 0; step < 100; step++) {
      const stampS = step * policy.manifest.periodS;
      // The robot's side sees the measurement and the reference, and nothing else.
      robots.forEach(({ state, reference }, robot) => {
        writeStateRow(state.view(), env.view.state, robot, stampS, 0);
        state.publish();
        writeReferenceRow(reference.view(), env.view.reference, robot, stampS);
        reference.publish();
      });
      await tick.run({ nowS: stampS, periodS: policy.manifest.periodS });
      expect([...policy.input], `observation of step ${step}`).toEqual([...observation]);
      observation = env.step(policy.output).observation;
      robots.forEach((robot, k) => {
        robot.command.receive();
        readCommandRow(command, robot.command.view());
        const wanted = env.situation.action.subarray(k * env.numActions, (k + 1) * env.numActions);
        expect([...command.action], `action of step ${step}`).toEqual([...wanted]);
      });
    }
    env.free();
    policy.release();
  },
);
