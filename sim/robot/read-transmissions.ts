import type { ElementReader, Located } from './element-reader.ts';
import type { TransmissionInfo } from './model.ts';
import type { XmlElement } from './xml.ts';

/**
 * Every `<transmission>` (http://wiki.ros.org/urdf/XML/Transmission). A reduction may stand in an actuator, in a
 * joint, or, in descriptions from before 2013, in the transmission itself. What it says moves nothing in the
 * simulation, so its faults are warnings.
 */
export function readTransmissions(
  reader: ElementReader,
  root: Located,
  jointNames: readonly string[],
): TransmissionInfo[] {
  return reader.list(root, 'transmission').map((at, i) => {
    const { attributes } = at.element;
    const own = findChild(at.element, 'mechanicalReduction');
    const readEnds = (kind: 'joint' | 'actuator') =>
      reader.list(at, kind).flatMap((end) => {
        const name = end.element.attributes.name?.trim() ?? '';
        if (kind === 'joint' && !jointNames.includes(name)) {
          reader.warn(end, `there is no joint '${name}'; this end is left out`);
          return [];
        }
        const reduction =
          findChild(end.element, 'mechanicalReduction') ??
          end.element.attributes.mechanicalReduction ??
          (kind === 'actuator' ? own : undefined);
        return [{ name, mechanicalReduction: readReduction(reader, end, reduction) }];
      });
    return {
      name: attributes.name?.trim() || `transmission${i}`,
      type: attributes.type ?? findChild(at.element, 'type') ?? '',
      joints: readEnds('joint'),
      actuators: readEnds('actuator'),
    };
  });
}

function findChild(element: XmlElement, name: string): string | undefined {
  return element.children.find((child) => child.name === name)?.text;
}

function readReduction(reader: ElementReader, at: Located, text: string | undefined): number {
  if (text === undefined || text === '') return 1;
  const value = Number(text);
  if (Number.isFinite(value) && value !== 0) return value;
  reader.warn(at, `the reduction is '${text}'; 1 is taken`);
  return 1;
}
