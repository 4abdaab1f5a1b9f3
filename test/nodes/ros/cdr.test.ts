import { parse } from '@foxglove/rosmsg';
import { MessageReader } from '@foxglove/rosmsg2-serialization';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCdr, viewCdr, writeCdr } from '../../../nodes/ros/cdr.ts';
import { makeDefaultMessage } from '../../../nodes/ros/defaults.ts';
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

  it('reads what a big-endian machine wrote', () => {
    // header 00 00 00 00; sec 1, nanosec 2; length 3, 'ab' and its end; padding to 16; seven doubles
    const bytes = new Uint8Array(4 + 16 + 7 * 8);
    const view = new DataView(bytes.buffer, 4);
    view.setInt32(0, 1);
    view.setUint32(4, 2);
    view.setUint32(8, 3);
    bytes.set([0x61, 0x62], 4 + 12);
    for (let k = 0; k < 7; k++) view.setFloat64(16 + 8 * k, k + 0.5);
    expect(readCdr('geometry_msgs/msg/PoseStamped', bytes)).toEqual({
      header: { stamp: { sec: 1, nanosec: 2 }, frame_id: 'ab' },
      pose: {
        position: { x: 0.5, y: 1.5, z: 2.5 },
        orientation: { x: 3.5, y: 4.5, z: 5.5, w: 6.5 },
      },
    });
    // no dimensions, offset 0, at 8 one double: 2
    const list = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0];
    expect(readCdr('std_msgs/msg/Float64MultiArray', Uint8Array.of(0, 0, 0, 0, ...list))).toEqual({
      layout: { dim: [], data_offset: 0 },
      data: Float64Array.of(2),
    });
  });

  it('reads the second version of XCDR, in which doubles are aligned to 4 bytes', () => {
    // header 00 07; stamp, length 5, 'abcd' and its end: 17, padding to 20, where the first version would have 24
    const bytes = new Uint8Array(4 + 20 + 7 * 8);
    bytes[1] = 7;
    const view = new DataView(bytes.buffer, 4);
    view.setUint32(8, 5, true);
    bytes.set([0x61, 0x62, 0x63, 0x64], 4 + 12);
    view.setFloat64(20, 1.5, true);
    const pose = readCdr('geometry_msgs/msg/PoseStamped', bytes);
    expect(pose).toMatchObject({ header: { frame_id: 'abcd' }, pose: { position: { x: 1.5 } } });
  });

  it('says so where the bytes end early, and believes no count that they cannot hold', () => {
    const type = 'sensor_msgs/msg/JointState';
    const joints = {
      header: { stamp: { sec: 1, nanosec: 2 }, frame_id: 'base' },
      ...{ name: ['one', 'two'], position: [1, 2], velocity: [3, 4], effort: [5, 6] },
    };
    const bytes = writeCdr(type, joints);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readCdr(type, bytes.subarray(0, length)), `${length}`).toThrow(RangeError);
    }
    // stamp 0…8, the frame's length at 8, 5 bytes at 12, the count of names at 20
    new DataView(bytes.buffer, bytes.byteOffset + 4).setUint32(20, 2 ** 32 - 1, true);
    expect(() => readCdr(type, bytes)).toThrow(/bytes of CDR are no sensor_msgs.*CDR ends early/);
    // length 3, and three letters
    const endless = Uint8Array.of(0, 1, 0, 0, 3, 0, 0, 0, 0x61, 0x62, 0x63);
    expect(() => readCdr('std_msgs/msg/String', endless)).toThrow('lacks the zero at its end');
  });

  it('fills what lies between values with zeros, whatever was written before', () => {
    const type = 'sensor_msgs/msg/JointState';
    const header = { stamp: { sec: 1, nanosec: 2 }, frame_id: 'a' };
    const joints = { header, name: ['x', 'yz'], position: [1], velocity: [], effort: [] };
    const before = writeCdr(type, joints);
    writeCdr('std_msgs/msg/String', { data: 'secret '.repeat(200) });
    const after = writeCdr(type, joints);
    expect(Buffer.compare(before, after)).toBe(0);
    // stamp 0…8, length at 8, 'a' and its end at 12 and 13, then two bytes up to the count of names
    expect([...after.subarray(4 + 14, 4 + 16)]).toEqual([0, 0]);
  });

  it('reads a text again as what it is now, however alike the ones before were', () => {
    const type = 'std_msgs/msg/String';
    for (let k = 0; k < 5000; k++) {
      const data = `joint ${k % 3000}`;
      expect(readCdr(type, writeCdr(type, { data }))).toEqual({ data });
    }
    for (const data of ['', 'a', 'a\0', '\0', '\uFEFFa', 'é'.repeat(40), 'x'.repeat(65)]) {
      expect(readCdr(type, writeCdr(type, { data })), JSON.stringify(data)).toEqual({ data });
    }
  });

  it('hands out lists of its own, short and long, which outlive the bytes', () => {
    const type = 'sensor_msgs/msg/LaserScan';
    for (const length of [0, 1, 64, 65, 1000]) {
      const ranges = Float32Array.from({ length }, (_, k) => k / 8);
      const message = { ...(makeDefaultMessage(type) as object), ranges, intensities: [...ranges] };
      const bytes = writeCdr(type, message);
      const read = readCdr(type, bytes) as { ranges: Float32Array; intensities: Float32Array };
      bytes.fill(0xff);
      expect(read.ranges).toEqual(ranges);
      expect(read.intensities).toEqual(ranges);
    }
  });

  it('lends bytes until it is asked for others', () => {
    const type = 'std_msgs/msg/UInt32';
    const owned = writeCdr(type, { data: 1 });
    const lent = viewCdr(type, { data: 1 });
    expect([...lent]).toEqual([...owned]);
    viewCdr(type, { data: 2 });
    expect([...lent]).not.toEqual([...owned]);
    expect(owned[4]).toBe(1);
    // Longer than what was there before: the room grows under it.
    const image = new Uint8Array(1_000_000).fill(7);
    const message = { ...(makeDefaultMessage('sensor_msgs/msg/Image') as object), data: image };
    const written = viewCdr('sensor_msgs/msg/Image', message);
    const { data } = readCdr('sensor_msgs/msg/Image', written) as { data: Uint8Array };
    expect(Buffer.compare(data, image)).toBe(0);
  });

  it('of every type reads back by the schema text that goes into recordings', () => {
    for (const type of new Set(ROOT_TYPES.flatMap((root) => getTypeClosure(root)))) {
      const reader = new MessageReader(parse(getSchemaText(type), { ros2: true }));
      fc.assert(
        fc.property(anyMessage(type), (message) => {
          const copy = copyChecked(type, message, '/topic');
          expect(reader.readMessage(writeCdr(type, copy))).toEqual(copy);
          expect(reader.lastReadHadTrailingBytes()).toBe(false);
          expect(readCdr(type, writeCdr(type, copy))).toEqual(copy);
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
