/** The checks of the conformance suite whose names fit the first argument, in whatever runtime runs this; prints their outcomes as JSON. */
import { conformanceChecks, runChecks } from "@comhe/conformance/checks";
import { webgpuBackend } from "@comhe/webgpu";

const [only, tolerance] = globalThis.Deno?.args ?? process.argv.slice(2);
const create = () => webgpuBackend();
const checks = conformanceChecks({ name: "webgpu", create, tolerance: JSON.parse(tolerance) });
const backend = await create();
const outcomes = await runChecks(
  checks.filter(({ name }) => new RegExp(only).test(name)),
  backend,
);
backend.dispose();
console.log(JSON.stringify(outcomes));
