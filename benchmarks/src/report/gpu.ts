/** The benchmarks' page on GPUs: what was recorded, or how to record it, and an estimate. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { milliseconds } from "../format.js";
import { type GpuResults, isGpuResults } from "../gpu/gpu-results.js";
import { flopsOf, type GpuShape, gpuShapes, nameOf } from "../gpu/shapes.js";
import { folded, type Section, table } from "./markdown.js";

/** @throws Error for a file that isn't a result */
export function readGpuResults(folder: string): readonly GpuResults[] {
  const own = join(folder, "gpu");
  if (!existsSync(own)) return [];
  return readdirSync(own)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => {
      const found: unknown = JSON.parse(readFileSync(join(own, file), "utf8"));
      if (!isGpuResults(found)) throw new Error(`${join(own, file)} isn't a result of bench:gpu.`);
      return found;
    });
}

export function gpuSection(results: readonly GpuResults[]): Section {
  const real = results.filter(({ adapter }) => !adapter.isFallback);
  const inSoftware = results.filter(({ adapter }) => adapter.isFallback);
  return {
    heading: "On a GPU",
    pictures: [],
    blocks: [
      real.length === 0 ? `**No GPU measured yet.** ${howToSend}` : howToSend,
      ...real.flatMap(tables),
      estimate,
      ...(inSoftware.length === 0 ? [] : [softwareWords, ...inSoftware.flatMap(tables)]),
    ],
  };
}

const howToSend = `\`npm run bench:gpu\` runs the conformance suite on the GPU that it finds, measures the GPU's peak rate of multiply-adds, times energy and gradient
with our kernels, gpu.js, ONNX Runtime and TensorFlow.js on the same adapter, and writes \`gpu-results.json\`. \`npm run bench:gpu -- --pack gpu.tar.xz\` packs everything that
this takes, Node included, for a machine without a network. [A page](./your-gpu) does the same in a browser. To see your numbers here, open a pull request that adds the file
to \`benchmarks/results/gpu\`, and run \`npm run plots --workspace=benchmarks\`.`;

const softwareWords = `A GPU emulated in software says nothing about the speed of a real one, only how much work each candidate does compared with the others:`;

function tables({ adapter, runtime, date, peakFlops, conformance, shapes }: GpuResults): string[] {
  const name = [adapter.description, adapter.device, adapter.architecture, adapter.vendor].find((word) => word !== "");
  const ran =
    conformance.run === 0
      ? "the suite wasn't run"
      : `${conformance.run - conformance.failed.length} of ${conformance.run} checks pass`;
  return shapes.map(({ measurements, ...shape }) => {
    const rows = measurements.map(({ name, id, skipped, best, median, calls, share, energyError }) => {
      const label = id.startsWith("webgpu") ? `**${name}**` : name;
      if (best === undefined) return [label, skipped ?? "", "", "", "", ""];
      return [
        label,
        milliseconds(best),
        milliseconds(median!),
        String(calls),
        `${(100 * share!).toFixed(share! < 0.1 ? 1 : 0)} %`,
        energyError!.toExponential(0),
      ];
    });
    const words = `${date}, ${runtime}; peak ${(peakFlops / 1e9).toPrecision(3)} GFLOP/s; ${ran}.`;
    return folded(
      `${name}, ${nameOf(shape)}`,
      `${words}\n\n${table(["", "best ms", "median", "steps", "share of the peak", "energy error"], rows)}`,
    );
  });
}

/** Peaks in float32 and bandwidths as their makers state them. */
const named = [
  { name: "GeForce RTX 4070", flops: 29e12, bytes: 504e9 },
  { name: "Apple M2, 10 cores", flops: 3.6e12, bytes: 100e9 },
];
/** What the kernels are built to reach of the peak. */
const shares = { energy: 0.5, step: 0.35 };

/** Bytes of a step, none of them from cache: cosines and both products in tiles of 128, slopes written once and read d/128 times. */
function bytesOf({ count, dim }: GpuShape): number {
  return 4 * ((2 * count * count * dim) / 128 + ((count * count) / 2) * (1 + dim / 128));
}

const time = (seconds: number) => `${milliseconds(1000 * seconds)} ms`;
const estimate = `What to expect, as **an estimate** rather than a measurement: a step takes 3N²d operations, the energy alone N²d. At ${100 * shares.step} % and ${100 * shares.energy} % of the peak that the makers state for
float32, this gives the following times. The last column is how long memory access would take if nothing came from cache.

${table(
  ["", "energy and gradient", "energy alone", "memory"],
  named.flatMap(({ name, flops, bytes }) =>
    gpuShapes.map((shape) => [
      `${name}, ${nameOf(shape)}`,
      time(flopsOf(shape, true) / (shares.step * flops)),
      time(flopsOf(shape, false) / (shares.energy * flops)),
      time(bytesOf(shape) / bytes),
    ]),
  ),
)}`;
