/** The weights manifest of a TensorFlow.js model, checked: groups of shards, and the weights that follow one another in them. */
import type { Shape } from "@comhe/core/layouts";
import { isShape } from "../../tensors/is-shape.js";

export interface WeightGroup {
  /** The paths of the shards, relative to the manifest. */
  readonly paths: readonly string[];
  readonly weights: readonly WeightEntry[];
}

export interface WeightEntry {
  readonly name: string;
  readonly shape: Shape;
  /** What it is once it is decoded. */
  readonly dtype: string;
  readonly quantization?: Quantization | undefined;
}

/** value = scale · code + min; float16 has neither. */
export interface Quantization {
  readonly dtype: "uint8" | "uint16" | "float16";
  readonly scale?: number | undefined;
  readonly min?: number | undefined;
}

/** @param damaged what is thrown, given where and what was expected */
export function parseManifest(manifest: unknown, damaged: (problem: string) => Error): readonly WeightGroup[] {
  const wrong = (path: string, expected: string) => damaged(`weightsManifest${path} is wrong (expected ${expected})`);
  if (!Array.isArray(manifest)) throw wrong("", "a list of groups");
  for (const [n, group] of manifest.entries()) {
    const { paths, weights } = (group ?? {}) as Partial<WeightGroup>;
    if (!(Array.isArray(paths) && paths.length > 0 && paths.length <= 100_000 && paths.every(isText))) {
      throw wrong(`.${n}.paths`, "1 to 100000 names of files");
    }
    if (!Array.isArray(weights)) throw wrong(`.${n}.weights`, "a list");
    for (const [k, weight] of weights.entries()) {
      const path = `.${n}.weights.${k}`;
      const { name, shape, dtype, quantization } = (weight ?? {}) as Partial<WeightEntry>;
      if (!isText(name)) throw wrong(`${path}.name`, "a text");
      if (!isShape(shape)) throw wrong(`${path}.shape`, "at most 32 whole numbers");
      if (!isText(dtype)) throw wrong(`${path}.dtype`, "a text");
      if (quantization !== undefined && !isQuantization(quantization)) {
        throw wrong(`${path}.quantization`, "uint8, uint16 or float16, with finite scale and min");
      }
    }
  }
  return manifest as WeightGroup[];
}

const isText = (value: unknown): value is string => typeof value === "string";

function isQuantization(value: unknown): value is Quantization {
  const { dtype, scale = 1, min = 0 } = (value ?? {}) as Partial<Quantization>;
  return ["uint8", "uint16", "float16"].includes(dtype as string) && Number.isFinite(scale) && Number.isFinite(min);
}
