/** Opens gpu.js in a mode, and makes sure that its kernels count in full float32. */
import { EnergyError } from "@comhe/core";
import type { DeviceArray } from "./device-array.js";
import { Engine } from "./engine.js";
import { type GpuJs, type GpuLike, type GpuMode, gpuModes } from "./gpu-js.js";

const advice: Readonly<Record<GpuMode, string>> = {
  webgpu:
    "Use a browser with WebGPU (chrome://gpu says whether an adapter was found), or another mode: webgl2 in a page, " +
    "webasm anywhere.",
  webgl2: 'Use a browser with WebGL2 switched on, or mode "webasm", which runs anywhere.',
  webgl: 'Use a browser with WebGL and OES_texture_float, or mode "webasm", which runs anywhere.',
  headlessgl:
    "In Node it needs the package gl, compiled, and a display: npm rebuild gl, then xvfb-run node … Or use mode " +
    '"webasm", which runs anywhere.',
  webasm: 'Use mode "cpu", or a runtime with WebAssembly.',
  cpu: "Use the reference backend.",
};

/** @throws EnergyError `unsupported` where the mode isn't there, or counts in less than float32 */
export async function openMode(gpujs: GpuJs, mode: GpuMode, allowHalfFloat: boolean): Promise<Engine> {
  if (!gpuModes.includes(mode)) {
    throw new EnergyError(
      "invalid-config",
      `gpujsBackend: expected mode to be one of ${gpuModes.join(", ")}; got ${JSON.stringify(mode)}.`,
      { path: "mode" },
    );
  }
  if (mode === "webgpu" && !(await gpujs.GPU.isWebGPUAvailable?.())) throw missing(mode);
  let gpu: GpuLike;
  try {
    gpu = new gpujs.GPU({ mode });
  } catch (cause) {
    throw missing(mode, cause);
  }
  const engine = new Engine({ gpu, gpujs, mode, ownsGpu: true });
  try {
    await checkPrecision(engine, allowHalfFloat);
  } catch (error) {
    await engine.dispose();
    throw error;
  }
  return engine;
}

/** An instance of the user's own, in whichever mode it is. */
export async function openInstance(gpujs: GpuJs, gpu: GpuLike, allowHalfFloat: boolean): Promise<Engine> {
  const engine = new Engine({ gpu, gpujs, mode: modeOf(gpu), ownsGpu: false });
  await checkPrecision(engine, allowHalfFloat);
  return engine;
}

function modeOf(gpu: GpuLike): GpuMode {
  if (gpu.mode === "async" || gpu.mode === "dev") {
    throw new EnergyError(
      "unsupported",
      `gpujsBackend: a GPU of mode "${gpu.mode}" may run each kernel elsewhere, and arrays can't follow. Make it with ` +
        `one of the modes ${gpuModes.join(", ")}.`,
      { mode: gpu.mode },
    );
  }
  const named = [gpu.mode, (gpu.Kernel as { mode?: string } | null | undefined)?.mode];
  const mode = gpuModes.find((each) => named.includes(each));
  if (mode) return mode;
  // Made without a mode: one of the WebGL kernels, whose version its context tells once there is one.
  gpu.createKernel("function() { return 1; }", {
    output: [1],
    precision: "single",
    tactic: "precision",
    pipeline: true,
    immutable: true,
    fixIntegerDivisionAccuracy: false,
    loopMaxIterations: 1,
  })();
  return typeof (gpu.context as { texStorage2D?: unknown } | null)?.texStorage2D === "function" ? "webgl2" : "webgl";
}

function missing(mode: GpuMode, cause?: unknown): EnergyError {
  return new EnergyError(
    "unsupported",
    `gpu.js mode "${mode}" isn't available in this runtime. ${advice[mode]}`,
    { mode },
    cause,
  );
}

/** Products whose factors and results need float32's mantissa, or its range. */
const factors: readonly (readonly [number, number])[] = [
  [1 + 2 ** -22, 1],
  [1 + 2 ** -12, 1 + 2 ** -11],
  [1e-15, 1e-15],
  [1e15, 3e18],
  [-70000.5, 1],
  [1e-8, 0.5],
];

/** Asks the device what it makes of numbers that a half-float texture, or a mediump shader, would round. */
async function checkPrecision(engine: Engine, allowHalfFloat: boolean): Promise<void> {
  const { mode } = engine;
  let products: ArrayLike<number>;
  try {
    const made = engine.scope(() => {
      const [a, b] = [0, 1].map((side) =>
        engine.upload(
          Float32Array.from(factors, (pair) => pair[side]!),
          [factors.length],
        ),
      ) as [DeviceArray, DeviceArray];
      return engine.run(
        { name: "precision", source: () => "function(a, b) { return a[this.thread.x] * b[this.thread.x]; }" },
        [a, b],
        [factors.length, 1, 1],
        [factors.length],
      );
    });
    products = (await engine.download({ made })).made;
  } catch (cause) {
    throw new EnergyError(
      "unsupported",
      `gpu.js mode "${mode}" can't run a kernel in single precision here: ` +
        `${cause instanceof Error ? cause.message : cause} ${advice[mode]}`,
      { mode },
      cause,
    );
  }
  const wrong = factors.findIndex(([a, b], n) => {
    const expected = Math.fround(Math.fround(a) * Math.fround(b));
    return !(Math.abs(products[n]! - expected) <= 2 ** -22 * Math.abs(expected));
  });
  if (wrong === -1 || allowHalfFloat) return;
  const [a, b] = factors[wrong]!;
  throw new EnergyError(
    "unsupported",
    `gpu.js mode "${mode}" counts in less than float32 on this device: it makes ${a} × ${b} ${products[wrong]}. Close ` +
      `neurons would be lost. Use mode "webasm" or the wasm backend, or accept it with allowHalfFloat: true.`,
    { mode, expected: a * b, got: products[wrong]! },
  );
}
