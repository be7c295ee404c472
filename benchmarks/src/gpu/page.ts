/** The run in a visitor's browser: what the documentation's page calls. */
import type { GpuResults } from "./gpu-results.js";
import { runGpu } from "./run-gpu.js";
import { parseShapes } from "./shapes.js";

export type { GpuResults };

const noOnnx = "its web build takes 27 MB, and lacks the float64 totals of the graph: left out of this page";
/** As many as show that the GPU computes rightly; all of them take minutes in a browser. */
const someChecks = /^(what it says|upload|scope|directions|what pairwise saves|strategy (none|random gaussian, max))/;

/**
 * @param shapes as `1024x512,4096x512`
 * @param only contestants by their ids; left out: all
 * @param checks whether a part of the conformance suite runs first
 * @throws Error in words where there is no WebGPU, no adapter, or a shape that can't be
 */
export function runInPage(options: {
  readonly shapes: string;
  readonly only?: readonly string[];
  readonly checks?: boolean;
  readonly say: (line: string) => void;
}): Promise<GpuResults> {
  // Node's types have no navigator.
  const { navigator } = globalThis as unknown as { navigator: { gpu?: GPU; userAgent: string } };
  const { gpu } = navigator;
  if (!gpu) return Promise.reject(new Error("This browser has no WebGPU, or it is switched off."));
  return runGpu({
    gpu,
    runtime: navigator.userAgent,
    onnxRuntime: noOnnx,
    shapes: parseShapes(options.shapes),
    seconds: 10,
    spend: 5,
    checks: options.checks === false ? undefined : someChecks,
    only: options.only,
    say: options.say,
  });
}
