/** Mesh files of a tetrahedron with corners 0 0 0, 1 0 0, 0 1 0 and 0 0 1, as bytes. */
const CORNERS: readonly (readonly [number, number, number])[] = [
  [0, 0, 0],
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];
/** Counterclockwise seen from outside. */
const FACES: readonly (readonly [number, number, number])[] = [
  [0, 2, 1],
  [0, 1, 3],
  [0, 3, 2],
  [1, 2, 3],
];
const encode = (text: string) => new TextEncoder().encode(text);

export function makeBinaryStl(): Uint8Array {
  const bytes = new Uint8Array(84 + 50 * FACES.length);
  const view = new DataView(bytes.buffer);
  // Some exporters begin binary files with the word that marks texts.
  bytes.set(encode('solid tetrahedron'));
  view.setUint32(80, FACES.length, true);
  FACES.forEach((face, f) => {
    face.forEach((corner, c) => {
      CORNERS[corner]!.forEach((value, axis) => {
        view.setFloat32(84 + 50 * f + 12 + 12 * c + 4 * axis, value, true);
      });
    });
  });
  return bytes;
}

export function makeTextStl(): Uint8Array {
  const facets = FACES.map((face) => {
    const vertices = face.map((corner) => `vertex ${CORNERS[corner]!.join(' ')}`).join('\n');
    return `facet normal 0 0 0\nouter loop\n${vertices}\nendloop\nendfacet`;
  });
  return encode(`solid tetrahedron\n${facets.join('\n')}\nendsolid tetrahedron\n`);
}

export function makeObj(): Uint8Array {
  const vertices = CORNERS.map((corner) => `v ${corner.join(' ')}`);
  const faces = FACES.map((face) => `f ${face.map((corner) => corner + 1).join(' ')}`);
  return encode(`# tetrahedron\no body\n${[...vertices, ...faces].join('\n')}\n`);
}

/** COLLADA whose node moves and turns the geometry, with a unit and an axis that points up. */
export function makeCollada(options: {
  readonly unit?: number;
  readonly upAxis?: string;
  readonly node?: string;
}): Uint8Array {
  const { unit = 1, upAxis = 'Z_UP', node = '' } = options;
  return encode(`<?xml version="1.0"?><COLLADA xmlns="http://www.collada.org/2005/11/COLLADASchema" version="1.4.1">
<asset><unit name="u" meter="${unit}"/><up_axis>${upAxis}</up_axis></asset>
<library_images><image id="i"><init_from>picture.png</init_from></image></library_images>
<library_geometries><geometry id="g"><mesh>
<source id="p"><float_array id="a" count="12">${CORNERS.flat().join(' ')}</float_array>
<technique_common><accessor source="#a" count="4" stride="3"><param name="X" type="float"/><param name="Y" type="float"/><param name="Z" type="float"/></accessor></technique_common></source>
<vertices id="v"><input semantic="POSITION" source="#p"/></vertices>
<triangles count="4"><input semantic="VERTEX" source="#v" offset="0"/><p>${FACES.flat().join(' ')}</p></triangles>
</mesh></geometry></library_geometries>
<library_visual_scenes><visual_scene id="s"><node id="n">${node}<instance_geometry url="#g"/></node></visual_scene></library_visual_scenes>
<scene><instance_visual_scene url="#s"/></scene></COLLADA>`);
}
