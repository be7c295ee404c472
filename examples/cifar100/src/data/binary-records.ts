/** The binary format: records of a coarse label, a fine label and the image, a byte each and nothing between them. */
import { type ImageSet, PIXELS } from "./image-set.js";

const RECORD = 2 + PIXELS;

/** @throws Error that says what is wrong with the bytes */
export function readBinaryRecords(bytes: Uint8Array): ImageSet {
  if (bytes.length % RECORD !== 0) {
    throw new Error(
      `expected records of ${RECORD} bytes, got ${bytes.length} bytes: ${Math.floor(bytes.length / RECORD)} records and ` +
        `${bytes.length % RECORD} bytes more. The file is cut short, or isn't CIFAR-100 in the binary format.`,
    );
  }
  const count = bytes.length / RECORD;
  const pixels = new Uint8Array(count * PIXELS);
  const labels = new Uint8Array(count);
  for (let image = 0; image < count; image++) {
    const start = image * RECORD;
    labels[image] = bytes[start + 1]!;
    pixels.set(bytes.subarray(start + 2, start + RECORD), image * PIXELS);
  }
  return { count, pixels, labels };
}
