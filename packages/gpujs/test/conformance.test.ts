/** The conformance suite on the modes that run in Node; `MODES=headlessgl` runs it on that one (see the README). */
import { conformanceChecks, oneOfEachKind, testBackend } from "@comhe/conformance";
import { describe, expect, it } from "vitest";
import { type GpujsBackend, type GpuMode, gpujsBackend } from "../src/index.js";
import { promising } from "./support/promising.js";
import { tolerances } from "./support/tolerances.js";

const all = process.env.COMHE_ALL_CHECKS === "1";
/** Its kernels are the text that mode cpu runs whole, compiled by gpu.js to WebAssembly: compiling takes most of the time. */
const partOf = (mode: GpuMode) =>
  mode === "webasm" && !all ? { names: oneOfEachKind, why: "all of them by npm run test:all" } : undefined;

const modes = (process.env.MODES ?? "cpu,webasm").split(",") as (GpuMode & keyof typeof tolerances)[];

for (const mode of modes) {
  const made: GpujsBackend[] = [];
  testBackend({
    name: `gpujs ${mode}`,
    create: async () => {
      const backend = await gpujsBackend({ mode });
      made.push(backend);
      return backend;
    },
    tolerance: tolerances[mode],
    handles: () => made.reduce((total, backend) => total + backend.memory().arrays, 0),
    slow: true,
    part: partOf(mode),
  });
}

/** The checks that tiles, and the order of operations, can break. */
const pairs = /^(scope|pairwise and .*, (apart|near|coincident)|what pairwise saves|strategy random gaussian, max)/;

const tiled = all ? (["cpu", "webasm"] as const) : (["cpu"] as const);
describe.skipIf(process.env.MODES !== undefined).each(tiled)("in tiles of 4×4, %s", (mode) => {
  const create = () => gpujsBackend({ mode, tileBytes: 400 });
  const checks = conformanceChecks({ name: mode, create, tolerance: tolerances[mode] });
  for (const check of checks.filter(({ name }) => pairs.test(name))) {
    it(check.name, async () => void (await check.run(await create())));
  }
});

describe.skipIf(process.env.MODES !== undefined)("kernels that answer with promises, as those of gpu.js 3 will", () => {
  const create = async () => gpujsBackend({ gpu: await promising("cpu") });
  const checks = conformanceChecks({ name: "promising", create, tolerance: tolerances.cpu });
  for (const check of checks.filter(({ name }) => pairs.test(name) || name.startsWith("two evaluators"))) {
    it(check.name, async () => void (await check.run(await create())));
  }

  it("answers later, so that operations do queue", async () => {
    const kernel = (await promising("cpu")).createKernel("function(a) { return a; }", { output: [1] } as never);
    expect(kernel(1)).toBeInstanceOf(Promise);
  });
});
