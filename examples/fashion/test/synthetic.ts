/** Tiny files in the format of Fashion-MNIST, made by the tests. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), "fashion-"));
}

export function idx(shape: readonly number[], values: ArrayLike<number>, type = 8): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header[2] = type;
  header[3] = shape.length;
  shape.forEach((length, axis) => void header.writeUInt32BE(length, 4 + 4 * axis));
  return Buffer.concat([header, Buffer.from(Uint8Array.from(values))]);
}

/** Each class is a bright bar at its own height, with some noise: easy to learn in a few steps. */
function bars(count: number): { images: Buffer; labels: Buffer } {
  const pixels = new Uint8Array(count * 28 * 28);
  const labels = Array.from({ length: count }, (_, i) => i % 10);
  for (let at = 0; at < pixels.length; at++) {
    const image = Math.floor(at / 784);
    const row = Math.floor((at % 784) / 28);
    const bright = row >> 1 === labels[image]! + 2;
    pixels[at] = (bright ? 200 : 20) + ((at * 7919 + image * 104729) % 31);
  }
  return { images: idx([count, 28, 28], pixels), labels: idx([count], labels) };
}

/** Four files; `replace` puts others in the place of some. */
export function writeSynthetic(
  { training = 1200, test = 60 }: { training?: number; test?: number } = {},
  replace: Readonly<Record<string, Buffer>> = {},
): string {
  const folder = newFolder();
  mkdirSync(folder, { recursive: true });
  const train = bars(training);
  const held = bars(test);
  const files: Record<string, Buffer> = {
    "train-images-idx3-ubyte.gz": gzipSync(train.images),
    "train-labels-idx1-ubyte.gz": gzipSync(train.labels),
    "t10k-images-idx3-ubyte": held.images,
    "t10k-labels-idx1-ubyte": held.labels,
    ...replace,
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}
