import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCdr, writeCdr } from '../../../nodes/ros/cdr.ts';
import {
  getActionParts,
  getActionTypes,
  getSchemaText,
  getServiceHalves,
  getServiceTypes,
  getStruct,
} from '../../../nodes/ros/definitions.ts';
import { copyChecked } from '../../../nodes/ros/validate.ts';
import { anyMessage } from '../../kit/message-arbitrary.ts';

const PARTS = [
  ...getServiceTypes().flatMap((type) => Object.values(getServiceHalves(type))),
  ...getActionTypes().flatMap((type) => Object.values(getActionParts(type))),
];

describe('services and actions', () => {
  it('come back from CDR as they went, part by part', () => {
    for (const type of PARTS) {
      // A message without fields has nothing to come back, and one byte that stands for it.
      if (getStruct(type).fields.length === 0) continue;
      fc.assert(
        fc.property(anyMessage(type), (message) => {
          const checked = copyChecked(type, message, type);
          expect(readCdr(type, writeCdr(type, checked)), type).toEqual(checked);
        }),
        { numRuns: 5, seed: 1 },
      );
    }
  });

  it('name what they lack', () => {
    expect(() => getServiceHalves('a/srv/B')).toThrow(/there are: .*std_srvs\/srv\/Trigger/);
    expect(() => getActionParts('a/action/B')).toThrow(
      /there are: .*simulation_interfaces\/action\/SimulateSteps/,
    );
    expect(() => getStruct('std_srvs/srv/Trigger_Goal')).toThrow(/no definition/);
  });
});

describe('a definition that is our own', () => {
  it('goes into recordings with all that it nests', () => {
    const text = getSchemaText('simulation_interfaces/msg/EntityState');
    expect(text).toMatch(/^std_msgs\/Header header\ngeometry_msgs\/Pose pose\n/);
    expect(text).toContain('\nMSG: geometry_msgs/Accel\n');
  });

  it('has its constants in its text, and in no message', () => {
    expect(getSchemaText('simulation_interfaces/msg/Result')).toContain('uint8 RESULT_OK=1');
    expect(getStruct('simulation_interfaces/msg/Result').fields.map(({ name }) => name)).toEqual([
      'result',
      'error_message',
    ]);
  });
});
