/** `npm run bench:gpu`: the run in Node, on the GPU that Dawn finds; prints, and writes a file of results. `--pack` makes a folder of it for another machine. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { create, globals } from "webgpu";
import { estimateText } from "./estimate.js";
import { runGpu } from "./run-gpu.js";
import { gpuShapes, nameOf, parseShapes } from "./shapes.js";

const help = `bench:gpu [options]
  --shapes 1024x512,…   sizes, rows × columns; default: ${gpuShapes.map(nameOf).join(", ")}
  --seconds n           a contestant whose step would take longer isn't asked; default 20
  --spend n             seconds for the steps of a contestant at one size; default 10
  --checks all|some|none  the conformance suite; default all
  --only webgpu,gpujs   contestants by their ids
  --out file            where results go; default: gpu-results.json
  --estimate            says what to expect on two named GPUs at these sizes, and runs nothing
  --pack file.tar.xz    packs a folder that runs this without a network, and runs nothing
Without a GPU a Vulkan driver in software will do to try it: VK_ICD_FILENAMES names one.`;

/** What is short, and yet goes through every kind of kernel. */
const someChecks = /^(what it says|upload|scope|directions|what pairwise saves|strategy (none|random gaussian, max))/;

const { values } = parseArgs({
  options: {
    shapes: { type: "string" },
    seconds: { type: "string", default: "20" },
    spend: { type: "string", default: "10" },
    checks: { type: "string", default: "all" },
    only: { type: "string" },
    out: { type: "string", default: "gpu-results.json" },
    estimate: { type: "boolean", default: false },
    pack: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) console.log(help);
else if (values.estimate) console.log(shapes().flatMap(estimateText).join("\n"));
else if (values.pack !== undefined) await (await import("./pack.js")).pack(values.pack);
else await run();

function shapes() {
  return values.shapes ? parseShapes(values.shapes) : gpuShapes;
}

async function run(): Promise<void> {
  Object.assign(globalThis, globals);
  // As `@comhe/webgpu` asks for it in Node: software clears workgroup memory number by number otherwise.
  const gpu = create(["disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension"]);
  // gpu.js and tfjs look for it where pages have it.
  const navigator = { gpu, userAgent: `Node ${process.version}`, hardwareConcurrency: 1 };
  Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
  const results = await runGpu({
    gpu,
    runtime: `Node ${process.version}, Dawn`,
    onnxRuntime: async () => (await import("onnxruntime-node")).default,
    shapes: shapes(),
    seconds: Number(values.seconds),
    spend: Number(values.spend),
    checks: values.checks === "none" ? undefined : values.checks === "some" ? someChecks : /^/,
    only: values.only?.split(","),
    say: (line) => console.error(line),
  });
  mkdirSync(dirname(values.out), { recursive: true });
  writeFileSync(values.out, `${JSON.stringify(results, undefined, 2)}\n`);
  console.log(JSON.stringify(results, undefined, 2));
  console.error(`written: ${values.out}`);
  // Dawn's threads would keep the process.
  process.exit(results.conformance.failed.length === 0 ? 0 : 1);
}
