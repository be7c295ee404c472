/**
 * The conformance suite on WebAssembly, the provider of browsers without WebGPU; the same library runs in Node. The graphs are those that `conformance.test.ts`
 * runs whole on the CPU provider, so that by default a part tells whether this one computes them alike; `npm run test:all` takes every check.
 */
import { oneOfEachKind, testBackend } from "@comhe/conformance";
import { backendOn, tolerance } from "./support/runtimes.js";

const name = "onnxruntime-web, wasm";
const all = process.env.COMHE_ALL_CHECKS === "1";
const part = all ? undefined : { names: oneOfEachKind, why: "all of them by npm run test:all" };
testBackend({ name, create: () => backendOn(name), tolerance, part });
