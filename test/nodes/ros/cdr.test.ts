import { parse } from '@foxglove/rosmsg';
import { MessageReader } from '@foxglove/rosmsg2-serialization';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCdr, writeCdr } from '../../../nodes/ros/cdr.ts';
import {
  addMessageDefinition,
  getSchemaText,
  getTypeClosure,
  ROOT_TYPES,
} from '../../../nodes/ros/definitions.ts';
import { copyChecked } from '../../../nodes/ros/validate.ts';
import { anyMessage } from '../../kit/message-arbitrary.ts';

describe('CDR', () => {
  it('writes little-endian, aligned to each value, strings with their terminator', () => {
    const message = { stamp: { sec: 1, nanosec: 0x01020304 }, frame_id: 'ab' };
    // header 00 01 00 00; sec, nanosec; length 3 = 2 + terminator; 'a' 'b' 0
    const expected = [0, 1, 0, 0, 1, 0, 0, 0, 4, 3, 2, 1, 3, 0, 0, 0, 0x61, 0x62, 0];
    expect([...writeCdr('std_msgs/msg/Header', message)]).toEqual(expected);
  });

  it('pads a sequence of doubles to 8 bytes, counted from behind the header', () => {
    const message = {
      header: { stamp: { sec: 0, nanosec: 0 }, frame_id: '' },
      name: ['x'],
      position: [1],
      velocity: [],
      effort: [],
    };
    const bytes = writeCdr('sensor_msgs/msg/JointState', message);
    const view = new DataView(bytes.buffer, bytes.byteOffset + 4);
    // stamp 0…8, frame_id length 1 at 8, its terminator at 12, count of names at 16, length 2 at 20,
    // 'x' 0 at 24…26, count of positions at 28, the double at 32
    expect(view.getUint32(16, true)).toBe(1);
    expect(view.getUint32(28, true)).toBe(1);
    expect(view.getFloat64(32, true)).toBe(1);
  });

  it('gives the length of a string in bytes, so that no character is cut', () => {
    // ä is 2 bytes of UTF-8, → is 3, 𝄞 is 4: 9, and the terminator
    const bytes = writeCdr('std_msgs/msg/String', { data: 'ä→𝄞' });
    expect(new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true)).toBe(10);
    expect(Buffer.from(bytes.subarray(8, 17)).toString('utf8')).toBe('ä→𝄞');
    expect(bytes.length).toBe(4 + 4 + 10);
  });

  it('has wide strings as ROS 2 has on Linux: how many units of UTF-16, and each in 32 bits', () => {
    const type = 'test_msgs/msg/WideStrings';
    const nested = 'test_msgs/msg/WideString';
    addMessageDefinition(nested, 'wstring text\n');
    addMessageDefinition(
      type,
      'wstring MARK="x"\nuint8 k\nwstring one "no"\nwstring[] many\nwstring[2] two\ntest_msgs/WideString[] inside\n',
    );
    const message = {
      ...{ k: 7, one: 'ä𝄞', many: ['', 'b'], two: ['c', 'd'] },
      inside: [{ text: 'e' }],
    };
    const before = structuredClone(message);
    const bytes = writeCdr(type, message);
    // k, padding, 3 units, of which the last two are one character beyond 16 bits
    const one = [7, 3, 0xe4, 0xd834, 0xdd1e];
    const rest = [2, 0, 1, 0x62, 1, 0x63, 1, 0x64, 1, 1, 0x65];
    const view = new DataView(bytes.buffer, bytes.byteOffset + 4, bytes.byteLength - 4);
    const words = Array.from({ length: view.byteLength / 4 }, (_, k) =>
      view.getUint32(4 * k, true),
    );
    expect(words).toEqual([...one, ...rest]);
    expect(message).toEqual(before);
    expect(readCdr(type, bytes)).toEqual(before);
    const long = '0123456789'.repeat(20_000);
    expect(readCdr(nested, writeCdr(nested, { text: long }))).toEqual({ text: long });
  });

  it('leaves the message as it was, whatever its characters', () => {
    const message = {
      status: [
        { level: 1, name: 'ü', message: '°', hardware_id: '', values: [{ key: 'µ', value: '→' }] },
      ],
      header: { stamp: { sec: 0, nanosec: 0 }, frame_id: 'é' },
    };
    const before = structuredClone(message);
    const bytes = writeCdr('diagnostic_msgs/msg/DiagnosticArray', message);
    expect(message).toEqual(before);
    expect(readCdr('diagnostic_msgs/msg/DiagnosticArray', bytes)).toEqual(before);
  });

  it('of every type reads back by the schema text that goes into recordings', () => {
    for (const type of new Set(ROOT_TYPES.flatMap((root) => getTypeClosure(root)))) {
      const reader = new MessageReader(parse(getSchemaText(type), { ros2: true }));
      fc.assert(
        fc.property(anyMessage(type), (message) => {
          const copy = copyChecked(type, message, '/topic');
          expect(reader.readMessage(writeCdr(type, copy))).toEqual(copy);
          expect(reader.lastReadHadTrailingBytes()).toBe(false);
        }),
        { numRuns: 15 },
      );
    }
  });
});

describe('the schema text', () => {
  it('names every nested type once, builtin_interfaces included, behind lines of 80 equals signs', () => {
    const sections = getSchemaText('nav_msgs/msg/Odometry').split(`${'='.repeat(80)}\n`);
    const names = sections.slice(1).map((section) => /^MSG: (.+)$/m.exec(section)?.[1]);
    expect(names).toEqual([
      'std_msgs/Header',
      'geometry_msgs/PoseWithCovariance',
      'geometry_msgs/TwistWithCovariance',
      'builtin_interfaces/Time',
      'geometry_msgs/Pose',
      'geometry_msgs/Twist',
      'geometry_msgs/Point',
      'geometry_msgs/Quaternion',
      'geometry_msgs/Vector3',
    ]);
  });

  it('keeps the text of the interface file, with its constants and comments', () => {
    const text = getSchemaText('diagnostic_msgs/msg/DiagnosticStatus');
    expect(text).toContain('byte STALE=3');
    expect(text).toContain('# A description of the status.');
  });
});
