import {
  type Color,
  DynamicDrawUsage,
  Float32BufferAttribute,
  InstancedBufferAttribute,
  InstancedBufferGeometry,
  Mesh,
  ShaderMaterial,
  Vector2,
} from './three.ts';

const VERTEX = /* glsl */ `
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
    vec4 clip = position.x < 0.5 ? clipA : clipB;
    vec2 offset = vec2(-direction.y, direction.x) * position.y * width;
    clip.xy += offset / resolution * clip.w;
    float age = now - birth + (position.x < 0.5 ? span : 0.0);
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

/** Straight segments of a width in pixels (WebGL's own lines are always one pixel wide). */
export class FatLines {
  readonly mesh: Mesh;
  readonly #from: InstancedBufferAttribute;
  readonly #to: InstancedBufferAttribute;
  readonly #colour: InstancedBufferAttribute;
  readonly #birth: InstancedBufferAttribute;
  readonly #material: ShaderMaterial;

  /** @param options.lifetimeS segments fade out over this time; 0 keeps them. `spanS`: how much older a segment's start is than its end */
  constructor(
    capacity: number,
    options: {
      readonly widthPx: number;
      readonly opacity: number;
      readonly lifetimeS?: number;
      readonly spanS?: number;
    },
  ) {
    const geometry = new InstancedBufferGeometry();
    // x: which end; y: which side.
    geometry.setAttribute(
      'position',
      new Float32BufferAttribute([0, -1, 0, 1, -1, 0, 1, 1, 0, 0, 1, 0], 3),
    );
    geometry.setIndex([0, 1, 2, 0, 2, 3]);
    this.#from = addAttribute(geometry, 'from', capacity, 3);
    this.#to = addAttribute(geometry, 'to', capacity, 3);
    this.#colour = addAttribute(geometry, 'colour', capacity, 3);
    this.#birth = addAttribute(geometry, 'birth', capacity, 1);
    this.#birth.array.fill(-1);
    this.#material = new ShaderMaterial({
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      transparent: true,
      depthWrite: false,
      uniforms: {
        resolution: { value: new Vector2(1, 1) },
        width: { value: options.widthPx },
        opacity: { value: options.opacity },
        lifetime: { value: options.lifetimeS ?? 0 },
        span: { value: options.spanS ?? 0 },
        now: { value: 0 },
      },
    });
    this.mesh = new Mesh(geometry, this.#material);
    this.mesh.frustumCulled = false;
  }

  /** Writes segment `i`; it shows after {@link markChanged}. */
  set(i: number, from: ArrayLike<number>, fo: number, to: ArrayLike<number>, o: number): void {
    this.#from.setXYZ(i, from[fo]!, from[fo + 1]!, from[fo + 2]!);
    this.#to.setXYZ(i, to[o]!, to[o + 1]!, to[o + 2]!);
  }

  setColour(i: number, colour: Color): void {
    this.#colour.setXYZ(i, colour.r, colour.g, colour.b);
  }

  /** @param birthS time the segment's age counts from; negative hides it */
  setBirth(i: number, birthS: number): void {
    this.#birth.setX(i, birthS);
  }

  hideAll(): void {
    this.#birth.array.fill(-1);
    this.markChanged(0, this.#birth.count);
  }

  /** Sends segments [first, first + count) to the GPU. */
  markChanged(first: number, count: number): void {
    for (const attribute of [this.#from, this.#to, this.#colour, this.#birth]) {
      attribute.addUpdateRange(first * attribute.itemSize, count * attribute.itemSize);
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

function addAttribute(
  geometry: InstancedBufferGeometry,
  name: string,
  capacity: number,
  width: number,
): InstancedBufferAttribute {
  const attribute = new InstancedBufferAttribute(new Float32Array(capacity * width), width);
  attribute.setUsage(DynamicDrawUsage);
  geometry.setAttribute(name, attribute);
  return attribute;
}
