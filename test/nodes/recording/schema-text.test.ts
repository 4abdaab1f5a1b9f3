import { parse } from '@foxglove/rosmsg';
import { MessageReader } from '@foxglove/rosmsg2-serialization';
import { describe, expect, it } from 'vitest';
import { isRosSchema, readSchemaText } from '../../../nodes/recording/schema-text.ts';
import { writeCdr } from '../../../nodes/ros/cdr.ts';
import { learnSchema } from '../../../nodes/ros/learn-schema.ts';

const LINE = '='.repeat(80);

/** As rosbag2 embeds what it finds as .idl alone: every file under a line of its own. */
function makeIdl(parts: Readonly<Record<string, string>>): string {
  return Object.entries(parts)
    .map(([type, body]) => {
      const [package_] = type.split('/');
      return `${LINE}\nIDL: ${type}\nmodule ${package_} {\n module msg {\n${body}\n };\n};\n`;
    })
    .join('');
}

const BUILTIN = {
  'std_msgs/msg/Header': 'struct Header { builtin_interfaces::msg::Time stamp; string frame_id; };',
  'builtin_interfaces/msg/Time': 'struct Time { int32 sec; uint32 nanosec; };',
};
const HAND = makeIdl({
  'idl_msgs/msg/Hand': `
  typedef float float__3[3];
  module Hand_Constants { const octet OPEN = 0; };
  enum Side { LEFT, RIGHT };
  @verbatim (language="comment", text="A hand")
  struct Hand {
    std_msgs::msg::Header header;
    @unit (value="N") float__3 force;
    sequence<idl_msgs::msg::Finger, 5> fingers;
    @default (value=-5) int16 count;
    Side side;
    string<10> name;
    unsigned long long big;
  };`,
  'idl_msgs/msg/Finger': 'struct Finger { double angle; boolean touches; };',
  ...BUILTIN,
});

describe('the schema of a recording', () => {
  it('that comes as .idl is put into the words of .msg, by which bytes are written and read', () => {
    const type = 'idl_msgs/msg/Hand';
    const text = readSchemaText(type, { encoding: 'ros2idl', text: HAND });
    expect(learnSchema(type, text)).toBe('same');
    const hand = {
      header: { stamp: { sec: 1, nanosec: 2 }, frame_id: 'wrist' },
      ...{ force: Float32Array.of(1, 2, 3), fingers: [{ angle: 0.5, touches: true }] },
      ...{ count: -5, side: 1, name: 'left', big: 2n ** 63n },
    };
    const reader = new MessageReader(parse(text, { ros2: true }));
    expect(reader.readMessage(writeCdr(type, hand))).toEqual(hand);
  });

  it('agrees with the box on a type that is there, also on one without fields', () => {
    const read = (type: string, body: string) =>
      learnSchema(
        type,
        readSchemaText(type, { encoding: 'ros2idl', text: makeIdl({ [type]: body, ...BUILTIN }) }),
      );
    expect(read('std_msgs/msg/String', 'struct String { string data; };')).toBe('same');
    expect(read('std_msgs/msg/String', 'struct String { wstring data; };')).toBe('other');
    const placeholder = 'uint8 structure_needs_at_least_one_member;';
    expect(read('std_msgs/msg/Empty', `struct Empty { ${placeholder} };`)).toBe('same');
  });

  it('is refused with the reason where .msg has no words for it', () => {
    const read = (body: string, encoding = 'ros2idl') =>
      readSchemaText('odd_msgs/msg/Odd', { encoding, text: makeIdl({ 'odd_msgs/msg/Odd': body }) });
    expect(() => read('union Odd switch (uint8) { case 1: long x; };')).toThrow(/[Uu]nion/);
    expect(() => read('typedef long grid[2][3]; struct Odd { grid x; };')).toThrow(/array/);
    expect(() => read('struct C { long x; };')).toThrow(
      'its ros2idl schema does not define odd_msgs/msg/Odd',
    );
    expect(() => read('struct Odd { long x; };', 'jsonschema')).toThrow("schema 'jsonschema'");
    expect(isRosSchema({ encoding: 'jsonschema' })).toBe(false);
  });
});
