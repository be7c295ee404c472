/** CIFAR-100 by path, in the binary or in the Python format, whichever is there. Nothing is downloaded. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "@comhe-examples/study-kit/worker";
import { readBinaryRecords } from "./binary-records.js";
import { CLASSES, type ImageSet } from "./image-set.js";
import { readPythonBatch } from "./python-batch.js";

export type Format = "binary" | "python";

export interface CifarData {
  readonly format: Format;
  readonly files: readonly [training: string, test: string];
  readonly training: ImageSet;
  readonly test: ImageSet;
}

const formats = [
  { format: "binary", folder: "cifar-100-binary", names: ["train.bin", "test.bin"], read: readBinaryRecords },
  { format: "python", folder: "cifar-100-python", names: ["train", "test"], read: readPythonBatch },
] as const;

/**
 * @param path the folder of the files, or the one that holds `cifar-100-binary` or `cifar-100-python`
 * @throws UserError that says how to get the files, or what is wrong with them
 */
export function loadCifar(path: string): CifarData {
  for (const { format, folder, names, read } of formats) {
    for (const place of [path, join(path, folder)]) {
      const files = [join(place, names[0]), join(place, names[1])] as const;
      if (!existsSync(files[0])) continue;
      const [training, test] = files.map((file) => readImages(file, read)) as [ImageSet, ImageSet];
      return { format, files, training, test };
    }
  }
  throw new UserError(
    `${path}: no CIFAR-100 here. This example downloads nothing: get cifar-100-binary.tar.gz or cifar-100-python.tar.gz from ` +
      "https://www.cs.toronto.edu/~kriz/cifar.html, unpack it, and name the folder with --data. Expected train.bin and test.bin, " +
      "or train and test.",
  );
}

function readImages(file: string, read: (bytes: Uint8Array) => ImageSet): ImageSet {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new UserError(`${file}: can't be read (${(error as Error).message}).`);
  }
  try {
    return checked(read(bytes));
  } catch (error) {
    throw new UserError(`${file}: ${(error as Error).message}`);
  }
}

function checked(images: ImageSet): ImageSet {
  if (images.count === 0) throw new Error("expected images, got an empty file.");
  const wrong = images.labels.findIndex((label) => label >= CLASSES);
  if (wrong < 0) return images;
  throw new Error(
    `expected fine labels from 0 to ${CLASSES - 1}, got ${images.labels[wrong]} for image ${wrong}: is it CIFAR-100, whole?`,
  );
}
