/** What the page offers to the test that drives it: the built package on onnxruntime-web, under the conformance suite. */
import { conformanceChecks, runChecks, type Skip, type Tolerance } from "@comhe/conformance/checks";
import { randomStream } from "@comhe/core";
import { energyModelInputs, exportEnergyModel, onnxBackend } from "@comhe/onnx";
import * as runtime from "onnxruntime-web/wasm";

runtime.env.wasm.numThreads = 1;
const executionProviders = ["wasm"] as const;

/** What each check gave whose name fits `only`. */
async function conform(tolerance: Tolerance, skip: readonly Skip[], only: string) {
  const create = () => onnxBackend({ runtime, executionProviders });
  const checks = conformanceChecks({ name: "a page", create, tolerance, skip });
  const backend = await create();
  const some = checks.filter(({ name }) => new RegExp(only).test(name));
  const outcomes = await runChecks(some, backend);
  await backend.dispose();
  return outcomes;
}

/** An exported model of any shape, on rows that the test makes too. */
async function runExported(count: number, dim: number) {
  const config = { space: "half", projection: { kind: "random", dimension: 8, count: 3 } } as const;
  const session = await runtime.InferenceSession.create(exportEnergyModel(config, "dynamic"), { executionProviders });
  const data = randomStream(1, "test", 0).fillNormal(new Float32Array(count * dim));
  const { matrices } = energyModelInputs(config, { count, dim }, { seed: 5 });
  const { energy, gradient } = await session.run({
    weights: new runtime.Tensor("float32", data, [count, dim]),
    matrices: new runtime.Tensor("float32", matrices!.data as Float32Array, matrices!.shape),
  });
  const numbers = (of: typeof energy) => [...(of!.data as Float32Array)];
  const outcome = { energy: numbers(energy)[0]!, gradient: numbers(gradient) };
  await session.release();
  return outcome;
}

const offered = { conform, runExported };
export type Offered = typeof offered;
Object.assign(globalThis, offered);
