/** The conformance suite on WebAssembly, the provider of browsers without WebGPU; the same library runs in Node. */
import { conformanceChecks } from "@comhe/conformance";
import { afterAll, describe, it } from "vitest";
import { backendOn, tolerance } from "./support/runtimes.js";
import { leftOut } from "./support/web-checks.js";

const name = "onnxruntime-web, wasm";
const all = process.env.COMHE_ALL_CHECKS === "1";
const create = () => backendOn(name);
const checks = conformanceChecks({ name, create, tolerance, skip: all ? [] : leftOut });

if (!all)
  console.info(`${name}: ${leftOut.map(({ what }) => `"${what}"`).join(", ")} left out: they run ${leftOut[0]!.why}`);

describe.sequential(`${name} conforms${all ? "" : ", in a part of the suite"}`, async () => {
  const backend = await create();
  afterAll(() => backend.dispose());
  it.each(checks.filter(({ cases }) => cases.length > 0))("$name", (check) => check.run(backend).then(() => undefined));
});
