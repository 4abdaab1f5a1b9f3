import { computeFocalLength } from '../../sim/robot/ray-directions.ts';
import type { DepthCameraSensor } from '../../sim/robot/sensor-model.ts';
import type { CameraInfo, Image } from '../ros/messages.ts';
import { makeHeader } from './parts.ts';
import { writeStamp } from './stamp.ts';

/** Depth images, REP-118: metres along the optical axis, with the infinities of REP-117. */

const IS_BIG_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 0;

export interface DepthMessage {
  readonly image: Image;
  readonly info: CameraInfo;
  /** [height, width] m, over the image's bytes */
  readonly depth: Float32Array;
}

/** @param frame the camera's optical one */
export function makeDepthMessage(frame: string, camera: DepthCameraSensor): DepthMessage {
  const { width, height } = camera;
  const depth = new Float32Array(width * height);
  return {
    depth,
    image: {
      header: makeHeader(frame),
      ...{ height, width, encoding: '32FC1', step: 4 * width },
      is_bigendian: IS_BIG_ENDIAN ? 1 : 0,
      data: new Uint8Array(depth.buffer),
    },
    info: makeCameraInfo(frame, camera),
  };
}

/** A pinhole without distortion. Whole numbers are the middles of pixels, so the middle of the image is half a pixel less. */
function makeCameraInfo(frame: string, camera: DepthCameraSensor): CameraInfo {
  const { width, height } = camera;
  const f = computeFocalLength(camera);
  const [cx, cy] = [(width - 1) / 2, (height - 1) / 2];
  return {
    header: makeHeader(frame),
    ...{ height, width, distortion_model: 'plumb_bob', d: [0, 0, 0, 0, 0] },
    k: [f, 0, cx, 0, f, cy, 0, 0, 1],
    r: [1, 0, 0, 0, 1, 0, 0, 0, 1],
    p: [f, 0, cx, 0, 0, f, cy, 0, 0, 0, 1, 0],
    ...{ binning_x: 0, binning_y: 0 },
    roi: { x_offset: 0, y_offset: 0, height: 0, width: 0, do_rectify: false },
  };
}

/** @param depth [n, height, width] m */
export function writeDepth(
  message: DepthMessage,
  stampNs: bigint,
  row: number,
  depth: Float64Array,
): void {
  writeStamp(message.image.header, stampNs);
  writeStamp(message.info.header, stampNs);
  const { length } = message.depth;
  message.depth.set(depth.subarray(row * length, (row + 1) * length));
}
