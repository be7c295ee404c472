/** Fashion-MNIST from its four files, checked against each other. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "@comhe-examples/study-kit/worker";
import { type IdxArray, readIdx } from "./idx.js";
import { DEBIAN_DATA_FOLDER } from "./paths.js";

export const SIDE = 28;
export const PIXELS = SIDE * SIDE;
export const CLASSES = 10;

/** Pixels are count × 784, from 0 to 255. */
export interface ImageSet {
  readonly count: number;
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

export interface FashionData {
  readonly training: ImageSet;
  readonly test: ImageSet;
}

const FILES = {
  training: ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"],
  test: ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"],
} as const;

/** @throws UserError */
export function loadFashion(folder: string): FashionData {
  const files = fashionFiles(folder);
  return { training: loadSet(files.training), test: loadSet(files.test) };
}

/** The files there are, gzipped or not. @throws UserError that says how to get them. */
export function fashionFiles(folder: string): Record<keyof typeof FILES, [images: string, labels: string]> {
  const find = (name: string) => {
    const path = [`${name}.gz`, name].map((file) => join(folder, file)).find((file) => existsSync(file));
    if (path !== undefined) return path;
    throw new UserError(
      `${join(folder, name)}.gz: not found. This example downloads nothing. On Debian and Ubuntu, ` +
        `"sudo apt install dataset-fashion-mnist" puts the data into ${DEBIAN_DATA_FOLDER}; elsewhere, fetch the four files from ` +
        "https://github.com/zalandoresearch/fashion-mnist and name their folder with --data.",
    );
  };
  return {
    training: [find(FILES.training[0]), find(FILES.training[1])],
    test: [find(FILES.test[0]), find(FILES.test[1])],
  };
}

function loadSet([imagesFile, labelsFile]: [images: string, labels: string]): ImageSet {
  const images = readIdx(imagesFile, 3);
  const labels = readIdx(labelsFile, 1);
  const [count, height, width] = images.shape as [number, number, number];
  if (height !== SIDE || width !== SIDE) {
    throw new UserError(`${imagesFile}: expected images of ${SIDE} × ${SIDE} pixels, got ${height} × ${width}.`);
  }
  checkLabels(labels, labelsFile, count, imagesFile);
  return { count, pixels: images.data, labels: labels.data };
}

function checkLabels({ data }: IdxArray, file: string, count: number, imagesFile: string): void {
  if (data.length !== count) {
    throw new UserError(`${file}: expected ${count} labels, one for each image of ${imagesFile}, got ${data.length}.`);
  }
  const wrong = data.findIndex((label) => label >= CLASSES);
  if (wrong >= 0) {
    throw new UserError(`${file}: expected labels from 0 to ${CLASSES - 1}, got ${data[wrong]} at position ${wrong}.`);
  }
}
