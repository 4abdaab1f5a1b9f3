import { inflateSync } from 'node:zlib';

export interface PictureComparison {
  /** Colours that occur in the first picture, at 4 bits per channel. */
  readonly numColours: number;
  /** Mean over the channels of the variance of 8-bit values, first picture. */
  readonly variance: number;
  /** Share of pixels that differ by more than 24 of 255 in some channel. */
  readonly changedShare: number;
}

/** Compares two PNG screenshots of equal size. */
export function comparePictures(first: Buffer, second: Buffer): PictureComparison {
  const a = decodePng(first);
  const b = decodePng(second);
  if (a.width !== b.width || a.height !== b.height) throw new RangeError('sizes differ');
  const colours = new Set<number>();
  let changed = 0;
  let sum = 0;
  let squares = 0;
  const numPixels = a.width * a.height;
  for (let i = 0; i < numPixels; i++) {
    let colour = 0;
    let difference = 0;
    for (let k = 0; k < 3; k++) {
      const value = a.pixels[i * a.channels + k]!;
      sum += value;
      squares += value * value;
      colour = (colour << 4) | (value >> 4);
      difference = Math.max(difference, Math.abs(value - b.pixels[i * b.channels + k]!));
    }
    colours.add(colour);
    if (difference > 24) changed++;
  }
  const n = 3 * numPixels;
  return {
    numColours: colours.size,
    variance: squares / n - (sum / n) ** 2,
    changedShare: changed / numPixels,
  };
}

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly pixels: Uint8Array;
}

/** Reads what browsers write: 8 bits, RGB or RGBA, not interlaced (PNG, 3rd edition, 9 and 11.2). */
function decodePng(png: Buffer): Picture {
  const width = png.readUInt32BE(16);
  const height = png.readUInt32BE(20);
  const colourType = png[25];
  if (png[24] !== 8 || (colourType !== 2 && colourType !== 6) || png[28] !== 0) {
    throw new RangeError('PNG: expected 8 bits per channel, RGB or RGBA, not interlaced');
  }
  const data: Buffer[] = [];
  for (let offset = 8; offset < png.length; ) {
    const length = png.readUInt32BE(offset);
    if (png.toString('latin1', offset + 4, offset + 8) === 'IDAT') {
      data.push(png.subarray(offset + 8, offset + 8 + length));
    }
    offset += 12 + length;
  }
  const channels = colourType === 6 ? 4 : 3;
  const pixels = unfilter(inflateSync(Buffer.concat(data)), width * channels, height, channels);
  return { width, height, channels, pixels };
}

/** Each row says how it was predicted from its neighbours. */
function unfilter(raw: Buffer, stride: number, height: number, step: number): Uint8Array {
  const out = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const left = x >= step ? out[y * stride + x - step]! : 0;
      const up = y > 0 ? out[(y - 1) * stride + x]! : 0;
      const corner = x >= step && y > 0 ? out[(y - 1) * stride + x - step]! : 0;
      const predictions = [0, left, up, (left + up) >> 1, predictPaeth(left, up, corner)];
      out[y * stride + x] = raw[y * (stride + 1) + 1 + x]! + predictions[filter ?? 0]!;
    }
  }
  return out;
}

function predictPaeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const dLeft = Math.abs(estimate - left);
  const dUp = Math.abs(estimate - up);
  const dCorner = Math.abs(estimate - corner);
  if (dLeft <= dUp && dLeft <= dCorner) return left;
  return dUp <= dCorner ? up : corner;
}
