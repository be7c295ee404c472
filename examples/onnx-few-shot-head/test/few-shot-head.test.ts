/** The pieces by their laws, and the whole at a small size. */
import { create, toBinary } from "@bufbuild/protobuf";
import { type EnergyConfig, referenceBackend } from "@comhe/core";
import { onnxBackend } from "@comhe/onnx";
import { UserError } from "@comhe-examples/study-kit";
import { ModelProtoSchema } from "onnx-buf";
import * as runtime from "onnxruntime-node";
import { beforeAll, describe, expect, it } from "vitest";
import { armOf, KINDS, loadArms } from "../src/arms.js";
import { parseCommandLine } from "../src/command-line.js";
import { type Digits, loadDigits } from "../src/digits-data.js";
import { cutModel } from "../src/feature-model.js";
import { digitFeatures, enlarge, FEATURES, type Features } from "../src/features.js";
import { initialWeights, lossGradient } from "../src/head.js";
import { runArm } from "../src/run-arm.js";
import { drawShots, POOL_ROWS } from "../src/split.js";

const digits: Digits = loadDigits();
/** Few of the pool, few of the test rows: the real features of all take a while. */
const rows = 160;
let features: Features;

beforeAll(async () => {
  features = await digitFeatures(runtime, { rows, pixels: digits.pixels });
});

describe("features", () => {
  it("are finite, and those of a class are closer to each other than to the others'", () => {
    expect(features.data.every(Number.isFinite)).toBe(true);
    const distance = (a: number, b: number) => {
      let sum = 0;
      for (let n = 0; n < FEATURES; n++)
        sum += (features.data[a * FEATURES + n]! - features.data[b * FEATURES + n]!) ** 2;
      return Math.sqrt(sum);
    };
    let [same, pairs, other, others] = [0, 0, 0, 0];
    for (let a = 0; a < rows; a++) {
      for (let b = 0; b < a; b++) {
        if (digits.labels[a] === digits.labels[b]) [same, pairs] = [same + distance(a, b), pairs + 1];
        else [other, others] = [other + distance(a, b), others + 1];
      }
    }
    expect(same / pairs).toBeLessThan(0.9 * (other / others));
  });

  it("pictures are dark ink on white, upright", () => {
    // Ink in the upper left corner alone.
    const pixels = new Uint8Array(64);
    pixels[0] = 16;
    const picture = enlarge(pixels, 1).subarray(0, 48 * 48);
    expect(picture[0]).toBe(1);
    expect(picture[6 * 48 + 6]).toBe(-1);
    expect(picture[6 * 48 + 41]).toBe(1);
    expect(picture[41 * 48 + 6]).toBe(1);
  });
});

describe("cutting a model", () => {
  const node = (opType: string, input: string[], output: string[]) => ({ opType, input, output });
  const whole = toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [{ domain: "", version: 13n }],
      graph: {
        name: "g",
        node: [
          node("Relu", ["x"], ["a"]),
          node("Neg", ["x"], ["unused"]),
          node("Abs", ["a"], ["b"]),
          node("Exp", ["b"], ["y"]),
        ],
        input: [{ name: "x", type: { value: { case: "tensorType", value: { elemType: 1, shape: { dim: [] } } } } }],
        output: [{ name: "y" }],
      },
    }),
  );

  it("keeps what leads to the value", async () => {
    const session = await runtime.InferenceSession.create(cutModel(whole, "b"));
    expect(session.outputNames).toEqual(["b"]);
    const { b } = await session.run({ x: new runtime.Tensor("float32", [3], []) });
    expect(b!.data[0]).toBe(3);
    expect(Buffer.from(cutModel(whole, "b")).includes("unused")).toBe(false);
  });

  it("refuses a value that isn't there", () => {
    expect(() => cutModel(whole, "c")).toThrow(/no value "c"/);
  });
});

it("the loss's gradient is that of central differences", () => {
  const dim = 3;
  const weights = initialWeights(dim, 5);
  const head = { weights, bias: new Float32Array(10).fill(0.1), dim };
  const inputs = Float32Array.of(1, -2, 0.5, 0.25, 1, 1);
  const labels = Uint8Array.of(3, 7);
  const { byWeights, byBias } = lossGradient(head, inputs, labels);
  const step = 2 ** -10;
  const slope = (values: Float32Array, n: number) => {
    const kept = values[n]!;
    const at = (value: number) => {
      values[n] = value;
      return lossGradient(head, inputs, labels).loss;
    };
    const result = (at(kept + step) - at(kept - step)) / (2 * step);
    values[n] = kept;
    return result;
  };
  for (const n of [0, 10, 11, 23]) expect(slope(weights, n)).toBeCloseTo(byWeights[n]!, 4);
  for (const n of [3, 7, 9]) expect(slope(head.bias, n)).toBeCloseTo(byBias[n]!, 4);
});

describe("shots", () => {
  const random = {
    rows: digits.rows,
    dim: 2,
    data: Float32Array.from({ length: digits.rows * 2 }, (_, n) => (n * 7919) % 101),
  };

  it("are so many of each class, apart from the other rows, and centred", () => {
    const { training, validation, test } = drawShots(random, digits.labels, 4, 1);
    expect(Array.from({ length: 10 }, (_, c) => training.labels.filter((label) => label === c).length)).toEqual(
      new Array(10).fill(4),
    );
    expect(training.count + validation.count).toBe(POOL_ROWS);
    expect(test.count).toBe(digits.rows - POOL_ROWS);
    const mean = training.inputs.filter((_, n) => n % 2 === 0).reduce((sum, value) => sum + value, 0) / training.count;
    expect(Math.abs(mean)).toBeLessThan(1e-6);
    expect(drawShots(random, digits.labels, 4, 1).training).toEqual(training);
    expect(drawShots(random, digits.labels, 4, 2).training).not.toEqual(training);
  });

  it("more than there are is an error", () => {
    expect(() => drawShots(random, digits.labels, 500, 1)).toThrow(/--shots: expected at most \d+/);
  });
});

describe("a run", () => {
  const setting = () => {
    // The first rows stand for the test rows too.
    const data = new Float32Array(digits.rows * FEATURES);
    const labels = Uint8Array.from({ length: digits.rows }, (_, row) => digits.labels[row % rows]!);
    for (let row = 0; row < digits.rows; row++) {
      data.set(features.data.subarray((row % rows) * FEATURES, ((row % rows) + 1) * FEATURES), row * FEATURES);
    }
    return { features: { rows: digits.rows, dim: FEATURES, data }, labels, shots: 3, steps: 20 };
  };
  const arm = (name: string, weight: number) =>
    armOf(KINDS.find((kind) => kind.name === name)!, { weightDecay: 1e-4, weight });

  it("learns, spreads its neurons when asked to, and repeats itself", async () => {
    const backend = await onnxBackend({ runtime });
    const plain = await runArm(backend, setting(), arm("none", 0), 1);
    const spread = await runArm(backend, setting(), arm("mhe", 3), 1);
    const again = await runArm(backend, setting(), arm("mhe", 3), 1);
    const exact = await runArm(referenceBackend(), setting(), arm("mhe", 3), 1);
    await backend.dispose();
    expect(plain.run.testError).toBeLessThan(50);
    expect(spread.run.layers[0]!.energies[1]!).toBeLessThan(plain.run.layers[0]!.energies[1]!);
    expect(again.run.layers).toEqual(spread.run.layers);
    expect(exact.run.layers[0]!.energies[1]!).toBeCloseTo(spread.run.layers[0]!.energies[1]!, 4);
  });
});

describe("arms and flags", () => {
  it("tuning.json holds settings of every arm, from the grids", () => {
    const arms = loadArms();
    expect(arms.map(({ name }) => name)).toEqual(KINDS.map(({ name }) => name));
    expect(arms.filter(({ role }) => role === "baseline")).toHaveLength(1);
    for (const { energy, tuned } of arms)
      expect(tuned.weight > 0).toBe((energy as EnergyConfig | undefined) !== undefined);
  });

  it.each([
    [["--shots", "0"], /--shots: expected a whole number of at least 1, got "0"/],
    [["fly"], /Expected run or tune; got "fly"/],
    [["--epochs", "3"], /Unknown option '--epochs'/],
  ])("%j", (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(message);
    expect(() => parseCommandLine(args)).toThrow(UserError);
  });
});
