/** What the page offers to the test that drives it: the built package under the conformance suite, and its benchmark. */
import { conformanceChecks, runChecks, type Tolerance } from "@comhe/conformance/checks";
import { createEvaluator, type EnergyConfig, energyAndGradient, randomStream } from "@comhe/core";
import { type GpujsBackend, type GpuMode, gpujsBackend } from "@comhe/gpujs";
import * as gpujs from "gpu.js";
import { compareKernels } from "../../bench/compare.js";

/** A bundler may put what a CommonJS package exports under `default`. */
const library = (gpujs as unknown as { default?: typeof gpujs }).default ?? gpujs;

/** Every check whose name fits `only`, on one backend. */
async function conform(mode: GpuMode, tolerance: Tolerance, only: string) {
  const made: GpujsBackend[] = [];
  const create = async () => {
    const backend = await gpujsBackend({ mode });
    made.push(backend);
    return backend;
  };
  const handles = () => made.reduce((total, backend) => total + backend.memory().arrays, 0);
  const checks = conformanceChecks({ name: mode, create, tolerance, handles });
  const backend = await create();
  const some = checks.filter(({ name }) => new RegExp(only).test(name));
  const outcomes = await runChecks(some, backend, ({ name, cases, ms }) => {
    console.log(`${mode} ${name}: ${cases} cases, ${ms.toFixed()} ms`);
  });
  await backend.dispose();
  return outcomes;
}

const weights = (seed: number, count: number, dim: number) => ({
  data: randomStream(seed, "page", 0).fillNormal(new Float32Array(count * dim)),
  shape: [count, dim] as const,
});

/** Evaluates again and again; textures and bytes are counted after the first calls and after the last. */
async function repeat(mode: GpuMode, calls: number, config: EnergyConfig) {
  const textures = countTextures();
  const backend = await gpujsBackend({ mode });
  const evaluate = () => energyAndGradient(backend, config, weights(1, 40, 24), { seed: 7 });
  const first = await evaluate();
  await evaluate();
  const before = { textures: textures(), ...backend.memory() };
  let different = 0;
  for (let call = 2; call < calls; call++) {
    const { energy, gradient } = await evaluate();
    if (energy !== first.energy || gradient.some((value, n) => value !== first.gradient[n])) different++;
  }
  const after = { textures: textures(), ...backend.memory() };
  await backend.dispose();
  return { different, before, after };
}

/** Textures of WebGL2, or buffers of WebGPU, that were made and not deleted since. */
function countTextures(): () => number {
  let alive = 0;
  const wrap = (prototype: object | undefined, method: string, change: number) => {
    const methods = prototype as Record<string, (...args: unknown[]) => unknown> | undefined;
    const original = methods?.[method];
    if (!methods || !original) return;
    methods[method] = function (this: unknown, ...args: unknown[]) {
      if (args[0] !== null) alive += change;
      return original.apply(this, args);
    };
  };
  wrap(globalThis.WebGL2RenderingContext?.prototype, "createTexture", 1);
  wrap(globalThis.WebGL2RenderingContext?.prototype, "deleteTexture", -1);
  const { GPUDevice, GPUBuffer } = globalThis as {
    GPUDevice?: { prototype: object };
    GPUBuffer?: { prototype: object };
  };
  wrap(GPUDevice?.prototype, "createBuffer", 1);
  wrap(GPUBuffer?.prototype, "destroy", -1);
  return () => alive;
}

/** Takes the context away between two evaluations: what the second one says. */
async function loseContext(): Promise<string> {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("webgl2")!;
  const gpu = new library.GPU({ canvas, context });
  const backend = await gpujsBackend({ gpu: gpu as never });
  const evaluator = createEvaluator(backend, {});
  await evaluator.evaluate(weights(1, 8, 4));
  context.getExtension("WEBGL_lose_context")!.loseContext();
  return messageOf(evaluator.evaluate(weights(1, 8, 4)));
}

/** The device that gpu.js asks the browser for. */
function nextDevice(): Promise<Device> {
  return new Promise((resolve) => {
    const { GPUAdapter } = globalThis as unknown as { GPUAdapter: { prototype: Record<string, Method> } };
    const original = GPUAdapter.prototype.requestDevice!;
    GPUAdapter.prototype.requestDevice = async function (...args) {
      const device = (await original.apply(this, args)) as Device;
      resolve(device);
      return device;
    };
  });
}

type Method = (this: unknown, ...args: unknown[]) => unknown;
interface Device {
  readonly lost: Promise<unknown>;
  destroy(): void;
  createBuffer(descriptor: { readonly size: number; readonly usage: number }): unknown;
}

/**
 * What evaluating says after something has happened to the WebGPU device: it was destroyed before the evaluation, or while it
 * was under way, or it reported an error; and the energy that a new backend gives then.
 */
async function breakDevice(how: "destroyed" | "destroyed under way" | "error") {
  const asked = nextDevice();
  const evaluator = createEvaluator(await gpujsBackend({ mode: "webgpu" }), { space: "half" });
  const before = await evaluator.evaluate(weights(1, 8, 4));
  const device = await asked;
  let message: string;
  if (how === "error") {
    // A usage that there isn't: nobody awaits the error, so that it reaches the device's listeners alone.
    device.createBuffer({ size: 16, usage: 0xffff });
    await new Promise((resolve) => setTimeout(resolve, 50));
    message = await messageOf(evaluator.evaluate(weights(1, 8, 4)));
  } else if (how === "destroyed") {
    device.destroy();
    await device.lost;
    message = await messageOf(evaluator.evaluate(weights(1, 8, 4)));
  } else {
    const evaluating = messageOf(evaluator.evaluate(weights(1, 8, 4)));
    device.destroy();
    message = await evaluating;
  }
  const again = await gpujsBackend({ mode: "webgpu" });
  const after = await energyAndGradient(again, { space: "half" }, weights(1, 8, 4));
  return { message, sameAgain: after.energy === before.energy };
}

/** What evaluating says, or the energy and the mode that gave it. */
async function attempt(options: Parameters<typeof gpujsBackend>[0], count: number, dim: number) {
  try {
    const backend = await gpujsBackend(options);
    const { energy } = await energyAndGradient(backend, { space: "half" }, weights(1, count, dim));
    return { mode: backend.mode, energy, fallbacks: backend.fallbacks.map(({ mode }) => mode) };
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    return { code, message };
  }
}

const messageOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "no error",
    (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
  );

const compare = (mode: GpuMode, count: number, dim: number, rounds: number) =>
  compareKernels(library, mode, count, dim, rounds);

const offered = { conform, repeat, loseContext, breakDevice, attempt, compare };
export type Offered = typeof offered;
Object.assign(globalThis, offered);
