import {
  BufferAttribute,
  BufferGeometry,
  type Color,
  DynamicDrawUsage,
  Mesh,
  ShaderMaterial,
  Vector2,
} from './three.ts';

const VERTEX = /* glsl */ `
  // x: which end, 0 or 1; y: which side, −1 or 1.
  attribute vec2 corner;
  attribute vec3 from;
  attribute vec3 to;
  attribute vec3 colour;
  attribute float birth;
  uniform vec2 resolution;
  uniform float width;
  uniform float now;
  uniform float lifetime;
  uniform float span;
  varying vec3 vColour;
  varying float vFade;
  void main() {
    vec4 a = modelViewMatrix * vec4(from, 1.0);
    vec4 b = modelViewMatrix * vec4(to, 1.0);
    // Cut at the near plane: a point behind the camera has no place on the screen.
    float near = -0.01;
    if (a.z > near && b.z <= near) a = mix(b, a, (near - b.z) / (a.z - b.z));
    if (b.z > near && a.z <= near) b = mix(a, b, (near - a.z) / (b.z - a.z));
    vec4 clipA = projectionMatrix * a;
    vec4 clipB = projectionMatrix * b;
    vec2 screenA = clipA.xy / clipA.w * resolution;
    vec2 screenB = clipB.xy / clipB.w * resolution;
    vec2 along = screenB - screenA;
    vec2 direction = length(along) > 1e-4 ? normalize(along) : vec2(1.0, 0.0);
    vec4 clip = corner.x < 0.5 ? clipA : clipB;
    vec2 offset = vec2(-direction.y, direction.x) * corner.y * width;
    clip.xy += offset / resolution * clip.w;
    float age = now - birth + (corner.x < 0.5 ? span : 0.0);
    vFade = lifetime > 0.0 ? clamp(1.0 - age / lifetime, 0.0, 1.0) : 1.0;
    vColour = colour;
    bool hidden = birth < 0.0 || (a.z > near && b.z > near) || vFade <= 0.0 || age < -0.001;
    gl_Position = hidden ? vec4(2.0, 2.0, 2.0, 1.0) : clip;
  }
`;

const FRAGMENT = /* glsl */ `
  uniform float opacity;
  varying vec3 vColour;
  varying float vFade;
  void main() {
    gl_FragColor = vec4(vColour, opacity * vFade);
    #include <colorspace_fragment>
  }
`;

/** One quadrilateral per segment. */
const CORNERS = [0, -1, 1, -1, 1, 1, 0, 1];
const TRIANGLES = [0, 1, 2, 0, 2, 3];

export interface FatLineOptions {
  readonly widthPx: number;
  readonly opacity: number;
  /** [s] segments fade out over this time; 0 keeps them */
  readonly lifetimeS?: number;
  /** [s] how much older a segment's start is than its end */
  readonly spanS?: number;
  /** Whether lines are seen through what lies before them. */
  readonly depth?: 'hidden behind things' | 'always seen';
}

/**
 * Straight segments of a width in pixels (WebGL's own lines are always one pixel wide). Plain
 * triangles, not instances: software renderers pay for each instance as for a draw call.
 */
export class FatLines {
  readonly mesh: Mesh;
  readonly #capacity: number;
  readonly #from: BufferAttribute;
  readonly #to: BufferAttribute;
  readonly #colour: BufferAttribute;
  readonly #birth: BufferAttribute;
  readonly #material: ShaderMaterial;

  constructor(capacity: number, options: FatLineOptions) {
    this.#capacity = capacity;
    const geometry = new BufferGeometry();
    const corners = new Float32Array(8 * capacity);
    const index = new Uint32Array(6 * capacity);
    for (let i = 0; i < capacity; i++) {
      corners.set(CORNERS, 8 * i);
      TRIANGLES.forEach((vertex, k) => {
        index[6 * i + k] = 4 * i + vertex;
      });
    }
    geometry.setAttribute('corner', new BufferAttribute(corners, 2));
    geometry.setIndex(new BufferAttribute(index, 1));
    this.#from = addAttribute(geometry, 'from', capacity, 3);
    this.#to = addAttribute(geometry, 'to', capacity, 3);
    this.#colour = addAttribute(geometry, 'colour', capacity, 3);
    this.#birth = addAttribute(geometry, 'birth', capacity, 1);
    this.#birth.array.fill(-1);
    this.#material = makeMaterial(options);
    this.mesh = new Mesh(geometry, this.#material);
    this.mesh.frustumCulled = false;
    if (options.depth === 'always seen') this.mesh.renderOrder = 8;
  }

  /** Writes segment `i` from three numbers at `fo` to three at `o`; {@link markChanged} shows it. */
  set(i: number, from: ArrayLike<number>, fo: number, to: ArrayLike<number>, o: number): void {
    for (let k = 4 * i; k < 4 * i + 4; k++) {
      this.#from.setXYZ(k, from[fo]!, from[fo + 1]!, from[fo + 2]!);
      this.#to.setXYZ(k, to[o]!, to[o + 1]!, to[o + 2]!);
    }
  }

  setColour(i: number, colour: Color): void {
    for (let k = 4 * i; k < 4 * i + 4; k++) {
      this.#colour.setXYZ(k, colour.r, colour.g, colour.b);
    }
  }

  /** @param birthS time the segment's age counts from; negative hides it */
  setBirth(i: number, birthS: number): void {
    for (let k = 4 * i; k < 4 * i + 4; k++) this.#birth.setX(k, birthS);
  }

  hideAll(): void {
    this.#birth.array.fill(-1);
    this.markChanged(0, this.#capacity);
  }

  /** Sends segments [first, first + count) to the GPU. */
  markChanged(first: number, count: number): void {
    for (const attribute of [this.#from, this.#to, this.#colour, this.#birth]) {
      const width = 4 * attribute.itemSize;
      attribute.addUpdateRange(first * width, count * width);
      attribute.needsUpdate = true;
    }
  }

  /** Call once per picture. */
  setView(nowS: number, widthPx: number, heightPx: number): void {
    this.#material.uniforms.now!.value = nowS;
    this.#material.uniforms.resolution!.value.set(widthPx, heightPx);
  }

  dispose(): void {
    this.mesh.geometry.dispose();
    this.#material.dispose();
  }
}

function makeMaterial(options: FatLineOptions): ShaderMaterial {
  return new ShaderMaterial({
    vertexShader: VERTEX,
    fragmentShader: FRAGMENT,
    transparent: true,
    depthWrite: false,
    depthTest: options.depth !== 'always seen',
    uniforms: {
      resolution: { value: new Vector2(1, 1) },
      width: { value: options.widthPx },
      opacity: { value: options.opacity },
      lifetime: { value: options.lifetimeS ?? 0 },
      span: { value: options.spanS ?? 0 },
      now: { value: 0 },
    },
  });
}

/** Four vertices per segment carry the same numbers. */
function addAttribute(
  geometry: BufferGeometry,
  name: string,
  capacity: number,
  width: number,
): BufferAttribute {
  const attribute = new BufferAttribute(new Float32Array(4 * capacity * width), width);
  attribute.setUsage(DynamicDrawUsage);
  geometry.setAttribute(name, attribute);
  return attribute;
}
