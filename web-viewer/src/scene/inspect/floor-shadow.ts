import { computeRobotBox } from '../../inspect/bounds.ts';
import type { Inspector } from '../../inspect/inspector.ts';
import type { Layer } from '../layer.ts';
import { DirectionalLight, Group, Mesh, PlaneGeometry, ShadowMaterial, Vector3 } from '../three.ts';

/** [px] side of the shadow map */
const MAP_SIZE = 1024;
/** Straight down but for a little, so that feet and their shadows are seen apart. */
const SUN = new Vector3(-0.25, 0.18, 1).normalize();

/** What the robot keeps the light from: it tells what stands on the floor from what hangs above it. */
export function makeFloorShadowLayer(inspector: Inspector): Layer {
  const middle = new Vector3();
  const radius = 0.5 * computeRobotBox(inspector).getSize(middle).length() + 0.05;
  // Gives no light, only its absence: the picture is lit as without it.
  const light = new DirectionalLight('#ffffff', 0);
  light.castShadow = true;
  light.shadow.mapSize.set(MAP_SIZE, MAP_SIZE);
  light.shadow.radius = 5;
  const reach = 1.6 * radius;
  const { camera } = light.shadow;
  [camera.left, camera.right, camera.top, camera.bottom] = [-reach, reach, reach, -reach];
  [camera.near, camera.far] = [0.01, 6 * radius];
  const material = new ShadowMaterial({ opacity: 0.55, depthWrite: false });
  const floor = new Mesh(new PlaneGeometry(12 * radius, 12 * radius), material);
  floor.position.z = 0.0005;
  floor.receiveShadow = true;
  const object = new Group();
  object.add(light, light.target, floor);
  return {
    object,
    update: () => {
      computeRobotBox(inspector).getCenter(middle);
      light.target.position.copy(middle);
      light.position.copy(middle).addScaledVector(SUN, 3 * radius);
      floor.position.setX(middle.x).setY(middle.y);
    },
    dispose: () => {
      light.dispose();
      floor.geometry.dispose();
      material.dispose();
    },
  };
}
