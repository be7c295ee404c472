/**
 * The conformance suite in Node, where there is a GPU or one in software. `npm run test:all` takes every check of it; by default a part keeps this
 * short, since a GPU in software takes half a second to compile a kernel.
 */
import { conformanceChecks, testBackend } from "@comhe/conformance";
import { describe, it } from "vitest";
import { type WebgpuBackend, webgpuBackend } from "../src/index.js";
import { noGpu } from "./support/node-gpu.js";
import { someChecks } from "./support/some-checks.js";
import { tolerance } from "./support/tolerances.js";

const made: WebgpuBackend[] = [];
const options = {
  name: "webgpu",
  create: async () => {
    const backend = await webgpuBackend();
    made.push(backend);
    return backend;
  },
  tolerance,
  handles: () => made.reduce((total, backend) => total + backend.memory().arrays, 0),
  slow: true,
};

if (noGpu) {
  describe("webgpu", () => it.skip(`conforms (${noGpu})`, () => {}));
} else if (process.env.COMHE_ALL_CHECKS === "1") {
  testBackend(options);
} else {
  // Named as the suite names itself: the support matrix is made of what the runner reports.
  const list = Object.entries(tolerance).map(([name, value]) => `${name} ${value}`);
  describe.sequential(`webgpu conforms, within ${list.join(", ")}`, () => {
    for (const check of conformanceChecks(options).filter(({ name }) => new RegExp(someChecks).test(name))) {
      it(check.name, { timeout: 600_000 }, async ({ task }) => {
        Object.assign(task.meta, { cases: check.cases.length });
        await check.run(made[0] ?? (await options.create()));
      });
    }
  });
}
