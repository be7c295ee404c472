/** The training steps of the examples' networks, with every kind of regularizer. */
import { nativeBackend } from "@comhe/native";
import { type HostBackend, hypersphericalEnergy, useBackend } from "@comhe/tfjs";
import { wasmBackend } from "@comhe/wasm";
import * as tf from "@tensorflow/tfjs";
import { PublishedAutodiff } from "../peers/published-autodiff.js";
import type { Steps, StepTask, StepTaskOf } from "./cost-case.js";
import { addIdlePenalty } from "./idle-penalty.js";
import { deepDigitsNetwork, fashionNetwork, type RegularizerFor } from "./networks.js";

const halfSpace = { space: "half", potential: { kind: "riesz", s: 2 } } as const;

/** Of names: the kernels' penalties are one operation, as `useBackend` and `regularizeModel` make them. */
const asOne = "all layers at once";
const ofTfjs = "tfjs' own share of a penalty of all layers at once";
const withoutKernels = "by @comhe/native without its kernels, all layers at once";

const onWasm = { backend: wasmBackend({ threads: 1 }), weight: 1 };

const native1 = native();

/** By name of the package, which ends a regularizer's name; native only where a binary loads. */
const backends: Readonly<Record<string, HostBackend | undefined>> = {
  "@comhe/wasm": onWasm.backend,
  "@comhe/native": native1,
};

function native(): HostBackend | undefined {
  try {
    return nativeBackend({ threads: 1 });
  } catch (error) {
    console.log(`skipped: @comhe/native: ${(error as Error).message}`);
    return undefined;
  }
}

const here = Object.keys(backends).filter((name) => backends[name]);

/** By name: nothing, hyperspherical energy in several forms, and the peers. */
const regularizers: Record<string, RegularizerFor> = {
  "no regularizer": () => undefined,
  "weight decay (tfjs l2)": () => tf.regularizers.l2({ l2: 0.0025 }) as ReturnType<RegularizerFor>,
  "half-space MHE": (index) => hypersphericalEnergy({ ...halfSpace, weight: 1, name: `layer ${index}` }),
  "half-space MHE, by @comhe/wasm": (index) =>
    hypersphericalEnergy({ ...halfSpace, ...onWasm, name: `layer ${index}` }),
  ...Object.fromEntries(
    here.map((name): [string, RegularizerFor] => [
      `half-space MHE, by ${name}, ${asOne}`,
      (index) => hypersphericalEnergy({ ...halfSpace, weight: 1, name: `layer ${index}` }),
    ]),
  ),
  [ofTfjs]: () => undefined,
  ...(native1
    ? { [withoutKernels]: (index: number) => hypersphericalEnergy({ ...halfSpace, weight: 1, name: `layer ${index}` }) }
    : {}),
  "random CoMHE, k = 30, C = 5": (index) =>
    hypersphericalEnergy({
      ...halfSpace,
      projection: { kind: "random", dimension: 30, count: 5 },
      weight: 1,
      name: `layer ${index}`,
    }),
  "random CoMHE, k = 30, C = 20": (index) =>
    hypersphericalEnergy({
      ...halfSpace,
      projection: { kind: "random", dimension: 30, count: 20 },
      weight: 1,
      name: `layer ${index}`,
    }),
  ...Object.fromEntries(
    [5, 20].map((count): [string, RegularizerFor] => [
      `random CoMHE, k = 30, C = ${count}, by @comhe/wasm`,
      (index) =>
        hypersphericalEnergy({
          ...halfSpace,
          ...onWasm,
          projection: { kind: "random", dimension: 30, count },
          name: `layer ${index}`,
        }),
    ]),
  ),
  "group CoMHE, 2 groups": (index) =>
    hypersphericalEnergy({ ...halfSpace, projection: { kind: "group", groups: 2 }, weight: 1, name: `layer ${index}` }),
  "half-space MHE by autodiff": () => new PublishedAutodiff(1),
};

function stepTask(
  of: Pick<StepTask, "network" | "batch" | "rounds"> & { readonly steps: Steps },
  build: (regularizer: RegularizerFor) => tf.Sequential,
  inputShape: readonly number[],
): StepTask {
  const { batch } = of;
  return {
    ...of,
    names: Object.keys(regularizers),
    open(name) {
      const inputs = tf.randomNormal([batch, ...inputShape], 0, 1, "float32", 1);
      const classes = tf.tensor1d(
        Array.from({ length: batch }, (_, n) => n % 10),
        "int32",
      );
      const labels = tf.oneHot(classes, 10);
      const model = build(regularizers[name]!);
      if (name === ofTfjs) addIdlePenalty(model);
      const by = here.find((each) => name === `half-space MHE, by ${each}, ${asOne}`);
      if (by) useBackend(model, backends[by]);
      // Everything but the arithmetic: what is missing to the row with it, the kernels take.
      if (name === withoutKernels) useBackend(model, { ...native1!, pairwiseOfKernel: () => () => 0 });
      return async () => {
        await model.trainOnBatch(inputs, labels);
      };
    },
  };
}

export const regularizerCases = {
  digits: (quick) =>
    stepTask(
      {
        network: "deep digits net, 64-[48]×8-10",
        batch: 20,
        rounds: quick ? 1 : 7,
        // What runs once a step, as a penalty does, is compiled after some hundred steps.
        steps: quick ? { warmUp: 1, timed: 3 } : { warmUp: 500, timed: 500 },
      },
      deepDigitsNetwork,
      [64],
    ),
  fashion: (quick) =>
    stepTask(
      {
        network: "Fashion conv net, 3×3×32, 3×3×64, 128",
        batch: 128,
        rounds: quick ? 1 : 5,
        steps: quick ? { warmUp: 0, timed: 1 } : { warmUp: 2, timed: 8 },
      },
      fashionNetwork,
      [28, 28, 1],
    ),
} satisfies Record<string, StepTaskOf>;
