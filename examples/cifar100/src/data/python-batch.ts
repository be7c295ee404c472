/** The Python format: a pickled dictionary with the images, `data`, and their `fine_labels`. */
import { type ImageSet, PIXELS } from "./image-set.js";
import { ByteArray, numpyGlobals } from "./numpy-array.js";
import { type PickleValue, readPickle } from "./pickle.js";

/** @throws Error that says what is wrong with the bytes */
export function readPythonBatch(bytes: Uint8Array): ImageSet {
  const batch = readPickle(bytes, numpyGlobals);
  if (!(batch instanceof Map)) throw new Error("expected a dictionary with data and fine_labels, got something else.");
  const data = batch.get("data");
  const labels = batch.get("fine_labels");
  if (data === undefined || labels === undefined) {
    const names = [...batch.keys()].map(String).join(", ") || "nothing";
    const hint = batch.has("labels") ? " This is CIFAR-10." : "";
    throw new Error(`expected a dictionary with data and fine_labels, got ${names}.${hint}`);
  }
  if (!(data instanceof ByteArray) || data.shape.length !== 2 || data.shape[1] !== PIXELS) {
    const shape = data instanceof ByteArray ? data.shape.join(" × ") : "no array";
    throw new Error(`data: expected an array of uint8 of N × ${PIXELS}, got ${shape}.`);
  }
  const count = data.shape[0]!;
  return { count, pixels: data.data, labels: toLabels(labels, count) };
}

/** A list of numbers, or an array where someone has made one of it. */
function toLabels(labels: PickleValue, count: number): Uint8Array {
  const values = labels instanceof ByteArray ? [...labels.data] : labels;
  if (!Array.isArray(values) || values.length !== count) {
    const got = Array.isArray(values) ? `${values.length}` : "something else";
    throw new Error(`fine_labels: expected ${count} numbers, one for each image, got ${got}.`);
  }
  const wrong = values.findIndex((label) => !Number.isInteger(label) || Number(label) < 0 || Number(label) > 255);
  if (wrong >= 0)
    throw new Error(`fine_labels: expected class numbers, got ${String(values[wrong])} for image ${wrong}.`);
  return Uint8Array.from(values, Number);
}
