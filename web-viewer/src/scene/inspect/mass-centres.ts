import type { Inspector } from '../../inspect/inspector.ts';
import { FatLines } from '../fat-lines.ts';
import type { Layer } from '../layer.ts';
import {
  BufferGeometry,
  Color,
  DynamicDrawUsage,
  Float32BufferAttribute,
  Group,
  Points,
  ShaderMaterial,
} from '../three.ts';

const VERTEX = /* glsl */ `
  attribute float size;
  uniform float pixelRatio;
  varying float vSize;
  void main() {
    gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
    gl_PointSize = size * pixelRatio;
    vSize = size;
  }
`;

// The mark that drawings use: a disc of four quarters. The total's dark quarters are yellow.
const FRAGMENT = /* glsl */ `
  varying float vSize;
  void main() {
    vec2 p = 2.0 * gl_PointCoord - 1.0;
    float r = length(p);
    float edge = fwidth(r);
    float disc = 1.0 - smoothstep(1.0 - 2.0 * edge, 1.0 - edge, r);
    float rim = smoothstep(0.86 - edge, 0.86, r);
    vec3 dark = vSize > 16.0 ? vec3(1.0, 0.78, 0.12) : vec3(0.02, 0.03, 0.05);
    vec3 colour = p.x * p.y > 0.0 ? dark : vec3(0.95);
    gl_FragColor = vec4(mix(colour, vec3(0.02, 0.03, 0.05), rim), disc);
    #include <colorspace_fragment>
  }
`;

/** [px] */
const LINK_SIZE = 11;
const TOTAL_SIZE = 22;

/** Centres of mass: of each link, and of the whole robot, from where a plumb line falls to the floor. */
export function makeMassCentresLayer(inspector: Inspector): Layer {
  const numLinks = inspector.model.links.length;
  const geometry = new BufferGeometry();
  const positions = new Float32BufferAttribute(new Float32Array(3 * (numLinks + 1)), 3);
  const sizes = new Float32BufferAttribute(new Float32Array(numLinks + 1), 1);
  for (const attribute of [positions, sizes]) attribute.setUsage(DynamicDrawUsage);
  geometry.setAttribute('position', positions);
  geometry.setAttribute('size', sizes);
  const material = new ShaderMaterial({
    vertexShader: VERTEX,
    fragmentShader: FRAGMENT,
    transparent: true,
    depthTest: false,
    uniforms: { pixelRatio: { value: 1 } },
  });
  const points = new Points(geometry, material);
  points.frustumCulled = false;
  points.renderOrder = 9;
  const plumb = new FatLines(1, { widthPx: 1.5, opacity: 0.8, depth: 'always seen' });
  plumb.setColour(0, new Color('#ffc81f'));
  const object = new Group();
  object.add(plumb.mesh, points);
  let drawn = -1;

  function place(): void {
    inspector.model.links.forEach((_, link) => {
      const centre = inspector.computeLinkCentre(link);
      positions.setXYZ(link, ...(centre?.toArray() ?? ([0, 0, 0] as const)));
      sizes.setX(link, centre === undefined ? 0 : LINK_SIZE);
    });
    const total = inspector.computeCentreOfMass();
    const [x, y, z] = total?.toArray() ?? [0, 0, 0];
    positions.setXYZ(numLinks, x, y, z);
    sizes.setX(numLinks, total === undefined ? 0 : TOTAL_SIZE);
    plumb.set(0, [x, y, z], 0, [x, y, 0], 0);
    plumb.setBirth(0, total === undefined ? -1 : 0);
    plumb.markChanged(0, 1);
    positions.needsUpdate = true;
    sizes.needsUpdate = true;
  }

  return {
    object,
    update: ({ pixelRatio, width, height }) => {
      material.uniforms.pixelRatio!.value = pixelRatio;
      plumb.setView(0, width, height);
      const version = inspector.poseVersion.get();
      if (version === drawn || !object.visible) return;
      drawn = version;
      place();
    },
    dispose: () => {
      geometry.dispose();
      material.dispose();
      plumb.dispose();
    },
  };
}
