import { getRobotColour, getSafetyColour } from '../colours.ts';
import type { Fleet } from '../fleet.ts';
import { computeModelRadius } from './geometry.ts';
import type { Layer, SceneView } from './layer.ts';
import { type ScreenPoint, writeScreenPoint } from './projection.ts';
import {
  BufferGeometry,
  Color,
  DynamicDrawUsage,
  Float32BufferAttribute,
  Points,
  ShaderMaterial,
} from './three.ts';

const VERTEX = /* glsl */ `
  attribute vec4 colour;
  attribute float size;
  uniform float pixelRatio;
  varying vec4 vColour;
  varying float vSize;
  void main() {
    gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
    gl_PointSize = size * pixelRatio;
    vColour = colour;
    vSize = gl_PointSize;
  }
`;

const FRAGMENT = /* glsl */ `
  uniform float pixelRatio;
  varying vec4 vColour;
  varying float vSize;
  void main() {
    // Distance from the ring's middle line, in pixels.
    float r = length(gl_PointCoord - 0.5) * vSize;
    float d = abs(r - 0.5 * vSize + 1.5 * pixelRatio);
    float ring = 1.0 - smoothstep(0.4 * pixelRatio, 1.4 * pixelRatio, d);
    gl_FragColor = vec4(vColour.rgb, vColour.a * ring);
    #include <colorspace_fragment>
  }
`;

/** [px] smallest ring */
const MIN_SIZE = 20;
/** [px] a robot that looks smaller than this wears a ring in its own colour, to be found by */
const SMALL_ROBOT = 14;

/**
 * Rings of constant size on the screen: white for the selected robot, the safety colour for one
 * that the filter holds, damps or stops.
 */
export function makeMarkersLayer(fleet: Fleet): Layer {
  const { robots, models } = fleet.welcome;
  const radii = models.map(computeModelRadius);
  const geometry = new BufferGeometry();
  const positions = addAttribute(geometry, 'position', robots.length, 3);
  const colours = addAttribute(geometry, 'colour', robots.length, 4);
  const sizes = addAttribute(geometry, 'size', robots.length, 1);
  const material = new ShaderMaterial({
    vertexShader: VERTEX,
    fragmentShader: FRAGMENT,
    transparent: true,
    depthTest: false,
    uniforms: { pixelRatio: { value: 1 } },
  });
  const points = new Points(geometry, material);
  points.frustumCulled = false;
  points.renderOrder = 10;
  const colour = new Color();
  const screen: ScreenPoint = { x: 0, y: 0, scale: 0, isInFront: false };

  function style(view: SceneView, robot: number, diameterPx: number): number {
    if (robot === view.selected) {
      colour.set('#ffffff');
      // From close by there is no need to point at it.
      return 0.9 * Math.max(0, Math.min(1, (120 - diameterPx) / 60));
    }
    const { action } = fleet.readSafety(robot);
    if (action === 'hold' || action === 'damp' || action === 'stop') {
      colour.set(getSafetyColour(action));
      return 0.95;
    }
    colour.set(getRobotColour(robot));
    return diameterPx < SMALL_ROBOT ? 0.55 : 0;
  }

  return {
    object: points,
    update: (view) => {
      material.uniforms.pixelRatio!.value = view.pixelRatio;
      robots.forEach((robot, i) => {
        const p = fleet.findOffset(i, 'position');
        if (p < 0 || !Number.isFinite(view.values[p]!)) {
          sizes.setX(i, 0);
          return;
        }
        positions.setXYZ(i, view.values[p]!, view.values[p + 1]!, view.values[p + 2]!);
        writeScreenPoint(screen, view.values, p, view.camera, view);
        const diameterPx = 2 * (radii[robot.model] ?? 0.1) * screen.scale * view.robotScale;
        const alpha = style(view, i, diameterPx);
        colours.setXYZW(i, colour.r, colour.g, colour.b, alpha);
        sizes.setX(i, Math.max(MIN_SIZE, 1.25 * diameterPx));
      });
      for (const attribute of [positions, colours, sizes]) attribute.needsUpdate = true;
    },
    dispose: () => {
      geometry.dispose();
      material.dispose();
    },
  };
}

function addAttribute(
  geometry: BufferGeometry,
  name: string,
  count: number,
  width: number,
): Float32BufferAttribute {
  const attribute = new Float32BufferAttribute(new Float32Array(count * width), width);
  attribute.setUsage(DynamicDrawUsage);
  geometry.setAttribute(name, attribute);
  return attribute;
}
