import type { ElementReader, Located } from './element-reader.ts';
import { type CollisionShape, DEFAULT_MATERIAL } from './geometry.ts';
import { findInertiaFault } from './inertia.ts';
import type { Inertial, Link } from './model.ts';
import { type Colours, readOrigin, readShape } from './read-shapes.ts';

/** Of a `<link>`; the last are of SDF, Gazebo and older URDF. */
const KNOWN = ['inertial', 'visual', 'collision', 'sensor', 'gazebo', 'contact', 'origin'];

export function readLinks(reader: ElementReader, root: Located, colours: Colours): Link[] {
  const elements = reader.list(root, 'link');
  if (elements.length === 0) {
    reader.report(root, 'the robot has no links', 'at least one <link>', 'none', 'Add a link.');
  }
  return nameCollisions(
    reader,
    root,
    elements.map((at) => readLink(reader, at, colours)),
  );
}

function readLink(reader: ElementReader, at: Located, colours: Colours): Link {
  reader.warnOfUnknown(at, KNOWN);
  const name = reader.text(at, 'name') ?? '';
  const element = reader.optional(at, 'inertial');
  const inertial = element === undefined ? undefined : readInertial(reader, element);
  return {
    name,
    ...(inertial === undefined ? {} : { inertial }),
    visuals: reader
      .list(at, 'visual')
      .map((visual, i) => readShape(reader, visual, `${name}/visual${i}`, colours)),
    collisions: reader.list(at, 'collision').map((collision, i) => ({
      ...readShape(reader, collision, `${name}/collision${i}`, colours),
      material: DEFAULT_MATERIAL,
      solid: 'hull',
    })),
  };
}

/**
 * Undefined for mass 0 with inertia 0: many descriptions give frames such an `<inertial>`, and it adds nothing
 * to the body that they are fixed to. Whether a body that moves is left without mass is checked when
 * bodies are known.
 */
function readInertial(reader: ElementReader, at: Located): Inertial | undefined {
  const massElement = reader.required(at, 'mass');
  const mass = massElement === undefined ? 0 : reader.number(massElement, 'value');
  const tensor = reader.required(at, 'inertia');
  const read = (key: string, fallback?: number) =>
    tensor === undefined ? 0 : reader.number(tensor, key, fallback);
  const inertia: Inertial['inertia'] = [
    read('ixx'),
    read('iyy'),
    read('izz'),
    read('ixy', 0),
    read('ixz', 0),
    read('iyz', 0),
  ];
  const linkFromInertia = readOrigin(reader, at);
  if (massElement === undefined || tensor === undefined) return undefined;
  const isPoint = inertia.every((value) => value === 0);
  if (mass === 0 && isPoint && reader.isReadable(massElement, 'value', 1)) {
    reader.warn(at, 'mass and inertia are 0: the link counts as massless');
    return undefined;
  }
  if (mass <= 0 && reader.isReadable(massElement, 'value', 1)) {
    reader.report(
      massElement,
      'the mass is impossible',
      'a mass above 0 kg',
      `${mass}`,
      'Give the real mass, or remove <inertial> where the mass is counted in another link.',
    );
  }
  if (isPoint && tensorIsReadable(reader, tensor)) {
    // Harmless on a link that is fixed to others: their arms give the body its inertia.
    reader.warn(at, `${mass} kg without inertia: the link counts as a point`);
  } else if (!isPoint) {
    reportFault(reader, tensor, inertia);
  }
  return { mass, linkFromInertia, inertia };
}

function tensorIsReadable(reader: ElementReader, tensor: Located): boolean {
  return ['ixx', 'iyy', 'izz'].every((key) => reader.isReadable(tensor, key, 1));
}

function reportFault(reader: ElementReader, tensor: Located, inertia: Inertial['inertia']): void {
  const fault = findInertiaFault(inertia);
  if (fault === undefined) return;
  reader.report(
    tensor,
    'the inertia is impossible for any rigid body',
    fault.expected,
    fault.got,
    'Recompute it about the centre of mass, in kg·m².',
  );
}

/**
 * Gives every collision shape a name of its own. Shapes that share a given name, or wear the name of a link that
 * is not theirs, are called `name@link`, and `name@link#2` where that is taken too.
 */
function nameCollisions(reader: ElementReader, root: Located, links: readonly Link[]): Link[] {
  const uses = new Map<string, number>();
  for (const { name } of links.flatMap((link) => link.collisions)) {
    uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  const linkNames = new Set(links.map((link) => link.name));
  const isClear = (link: string, name: string) =>
    uses.get(name) === 1 && (name === link || !linkNames.has(name));
  const taken = new Set(
    links.flatMap(({ name: link, collisions }) =>
      collisions.map((shape) => shape.name).filter((name) => isClear(link, name)),
    ),
  );
  const rename = (link: string, shape: CollisionShape): CollisionShape => {
    if (isClear(link, shape.name)) return shape;
    let name = `${shape.name}@${link}`;
    for (let k = 2; taken.has(name) || linkNames.has(name); k++)
      name = `${shape.name}@${link}#${k}`;
    taken.add(name);
    reader.warn(root, `collision '${shape.name}' of link '${link}' is called '${name}' here`);
    return { ...shape, name };
  };
  return links.map((link) => ({
    ...link,
    collisions: link.collisions.map((shape) => rename(link.name, shape)),
  }));
}
