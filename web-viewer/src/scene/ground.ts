import { FatLines } from './fat-lines.ts';
import { Color, Group, Mesh, PlaneGeometry, ShaderMaterial } from './three.ts';

const VERTEX = /* glsl */ `
  varying vec2 vPosition;
  varying vec3 vEye;
  void main() {
    vec4 world = modelMatrix * vec4(position, 1.0);
    vPosition = world.xy;
    vec4 eye = viewMatrix * world;
    vEye = eye.xyz;
    gl_Position = projectionMatrix * eye;
  }
`;

// Anti-aliased by the screen-space derivative; fades out before lines get closer than pixels.
const FRAGMENT = /* glsl */ `
  uniform vec3 fine;
  uniform vec3 coarse;
  uniform vec3 floorColour;
  uniform float reach;
  uniform float detail;
  varying vec2 vPosition;
  varying vec3 vEye;
  float grid(float spacing) {
    vec2 p = vPosition / spacing;
    vec2 w = fwidth(p);
    vec2 d = abs(fract(p - 0.5) - 0.5) / w;
    float line = 1.0 - min(min(d.x, d.y), 1.0);
    return line * (1.0 - smoothstep(0.15, 0.5, max(w.x, w.y)));
  }
  void main() {
    vec3 colour = mix(floorColour, fine, detail * grid(0.1));
    colour = mix(colour, fine, 0.6 * grid(0.5));
    colour = mix(colour, coarse, grid(1.0) * 0.4 + grid(5.0) * 0.4);
    float fade = 1.0 - smoothstep(0.25 * reach, reach, length(vEye));
    gl_FragColor = vec4(colour, fade);
    #include <colorspace_fragment>
  }
`;

/** [m] */
const SIZE = 400;
const AXIS_LENGTH = 0.5;
const AXIS_COLOURS = ['#ff5c5c', '#5dd879', '#5c9dff'] as const;

export interface Ground {
  readonly object: Group;
  /** The plane, without the axes. */
  readonly plane: Mesh;
  /** `fine`: lines 0.1 m apart too, and no axes, for one robot seen from close by. */
  setDetail(detail: 'coarse' | 'fine'): void;
  update(widthPx: number, heightPx: number): void;
}

/** The plane z = 0 of the map frame with a 1 m grid, and the frame's axes: x red, y green, z blue. */
export function makeGround(): Ground {
  const object = new Group();
  const uniforms = {
    fine: { value: new Color('#1a242f') },
    coarse: { value: new Color('#3b5166') },
    floorColour: { value: new Color('#0f151c') },
    reach: { value: 60 },
    detail: { value: 0 },
  };
  const plane = new Mesh(
    new PlaneGeometry(SIZE, SIZE),
    new ShaderMaterial({
      ...{ vertexShader: VERTEX, fragmentShader: FRAGMENT, uniforms },
      transparent: true,
      depthWrite: false,
    }),
  );
  // Below everything that is drawn at z = 0, and before it.
  plane.position.z = -0.002;
  plane.renderOrder = -1;
  const axes = new FatLines(3, { widthPx: 3, opacity: 1 });
  AXIS_COLOURS.forEach((colour, axis) => {
    const tip = [0, 0, 0.002];
    tip[axis] = AXIS_LENGTH;
    axes.set(axis, [0, 0, 0.002], 0, tip, 0);
    axes.setColour(axis, new Color(colour));
    axes.setBirth(axis, 0);
  });
  axes.markChanged(0, 3);
  object.add(plane, axes.mesh);
  return {
    object,
    plane,
    setDetail: (detail) => {
      uniforms.detail.value = detail === 'fine' ? 0.8 : 0;
      axes.mesh.visible = detail === 'coarse';
    },
    update: (width, height) => axes.setView(0, width, height),
  };
}
