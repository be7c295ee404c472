/** What the backend says, refuses and keeps: options, memory, repeated calls. */
import { type Backend, energyAndGradient, randomStream, referenceBackend } from "@comhe/core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type GpuLike, loadGpuJs } from "../src/device/gpu-js.js";
import { type GpuMode, gpujsBackend } from "../src/index.js";
import { energies } from "./support/energies.js";

const weights = (count: number, dim: number) => ({
  data: randomStream(1, "backend", 0).fillNormal(new Float32Array(count * dim)),
  shape: [count, dim] as const,
});

afterEach(() => vi.restoreAllMocks());

describe.each(["cpu", "webasm"] as const)("%s", (mode) => {
  it.each(Object.entries(energies))("200 calls give the same bits, and keep as much memory: %s", async (_, config) => {
    const backend = await gpujsBackend({ mode });
    const evaluate = () => energyAndGradient(backend, config, weights(40, 24), { seed: 7 });
    const first = await evaluate();
    await evaluate();
    const before = backend.memory();
    for (let call = 2; call < 200; call++) {
      const { energy, gradient } = await evaluate();
      if (energy !== first.energy) expect(energy, `call ${call}`).toBe(first.energy);
      if (gradient.some((value, n) => value !== first.gradient[n])) expect.fail(`call ${call}: another gradient`);
    }
    expect(backend.memory()).toEqual(before);
    await backend.dispose();
  });

  it("keeps kernels by shape and potential", async () => {
    const backend = await gpujsBackend({ mode });
    const evaluate = async (s: number, count: number) => {
      await energyAndGradient(backend, { potential: { kind: "riesz", s, distance: "chordal" } }, weights(count, 6));
      return backend.memory().kernels;
    };
    const first = await evaluate(2, 12);
    expect(await evaluate(2, 12)).toBe(first);
    const second = await evaluate(1, 12);
    expect(second).toBeGreaterThan(first);
    expect(await evaluate(1, 13)).toBeGreaterThan(second);
  });
});

describe.each(["cpu", "webasm"] as const)("%s", (mode) => {
  it("a batch of more than 4096 sets", async () => {
    const shape = [4100, 3, 4] as const;
    const data = randomStream(2, "batch", 0).fillNormal(new Float32Array(4100 * 3 * 4));
    const potential = { kind: "riesz", s: 2, distance: "chordal" } as const;
    const evaluate = <A>(backend: Backend<A>) =>
      backend.download(
        backend.scope(() => {
          const directions = backend.directions(backend.upload(data, shape), 0);
          const { energy, gradient } = backend.pairwise(directions, {
            potential,
            space: "full",
            separationFloor: 0.01,
          });
          return { energy, gradient };
        }),
      );
    const expected = await evaluate(referenceBackend());
    const actual = await evaluate(await gpujsBackend({ mode }));
    expect(actual.energy).toHaveLength(4100);
    let apart = 0;
    expected.energy.forEach((energy, n) => {
      const largest = Math.max(...expected.gradient.subarray(12 * n, 12 * n + 12).map(Math.abs));
      // Of close rows float32 keeps fewer digits; the conformance suite has those.
      if (energy > 8) return;
      apart++;
      expect(Math.abs(actual.energy[n]! / energy - 1)).toBeLessThan(1e-5);
      for (let k = 12 * n; k < 12 * n + 12; k++) {
        expect(Math.abs(actual.gradient[k]! - expected.gradient[k]!)).toBeLessThanOrEqual(2e-4 * largest + 1e-6);
      }
    });
    expect(apart).toBeGreaterThan(3500);
  });
});

describe("modes", () => {
  it("one that isn't there: an error that says what to do", async () => {
    await expect(gpujsBackend({ mode: "webgl2" })).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/"webgl2" isn't available in this runtime.*mode "webasm"/),
    });
    await expect(gpujsBackend({ mode: ["webgpu", "webgl2"] })).rejects.toThrow(
      /none of the modes webgpu, webgl2 is available/,
    );
  });

  it("several: falls back, and says so", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const backend = await gpujsBackend({ mode: ["webgl2", "cpu"] });
    expect(backend.name).toBe("gpujs-cpu");
    expect(backend.fallbacks.map(({ mode }) => mode)).toEqual(["webgl2"]);
    expect(warn.mock.calls[0]?.[0]).toMatch(/fell back to mode "cpu": gpu.js mode "webgl2" isn't available/);
  });

  it("an unknown one", async () => {
    await expect(gpujsBackend({ mode: "gpu" as GpuMode })).rejects.toMatchObject({ code: "invalid-config" });
    await expect(gpujsBackend({ tileBytes: -1 })).rejects.toMatchObject({ code: "invalid-config" });
    await expect(gpujsBackend({ modes: "cpu" } as object)).rejects.toThrow('unknown key "modes", expected mode, gpu');
  });

  it("the default in Node is webasm", async () => {
    const { mode, fallbacks } = await gpujsBackend();
    expect([mode, fallbacks]).toEqual(["webasm", []]);
  });
});

describe("an instance of the user's", () => {
  it("is used, and survives dispose", async () => {
    const { GPU } = await loadGpuJs();
    const gpu = new GPU({ mode: "cpu" });
    const destroy = vi.spyOn(gpu, "destroy");
    const backend = await gpujsBackend({ gpu });
    expect(backend.mode).toBe("cpu");
    const { energy } = await energyAndGradient(backend, {}, weights(5, 3));
    expect(energy).toBeGreaterThan(0);
    await backend.dispose();
    expect(destroy).not.toHaveBeenCalled();
  });

  it("of mode async or dev is refused", async () => {
    const { GPU } = await loadGpuJs();
    for (const mode of ["async", "dev"]) {
      await expect(gpujsBackend({ gpu: new GPU({ mode }) })).rejects.toMatchObject({
        code: "unsupported",
        message: expect.stringContaining(`of mode "${mode}"`),
      });
    }
  });

  it("that rounds to half floats is refused, unless allowed", async () => {
    const { GPU } = await loadGpuJs();
    const gpu = halving(new GPU({ mode: "cpu" }));
    await expect(gpujsBackend({ gpu })).rejects.toThrow(/counts in less than float32.*allowHalfFloat: true/);
    const backend = await gpujsBackend({ gpu, allowHalfFloat: true });
    expect((await energyAndGradient(backend, {}, weights(5, 3))).energy).toBeGreaterThan(0);
  });
});

/** Keeps ten bits of each result's mantissa. */
function halving(gpu: GpuLike): GpuLike {
  const createKernel = gpu.createKernel.bind(gpu);
  const round = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(round)
      : (value as Float32Array).map((each) => {
          const unit = 2 ** (Math.floor(Math.log2(Math.abs(each) || 1)) - 10);
          return Math.round(each / unit) * unit;
        });
  return Object.assign(gpu, {
    createKernel: ((source, settings) => {
      const kernel = createKernel(source, settings);
      const rounded = (...args: unknown[]) => round(kernel(...args));
      return Object.assign(rounded, { kernel: kernel.kernel, destroy: () => kernel.destroy() });
    }) as typeof createKernel,
  });
}

describe("limits", () => {
  it("an array of more than 2²⁴ numbers is refused", async () => {
    const backend = await gpujsBackend({ mode: "cpu" });
    const tooMany = 2 ** 24 + 1;
    expect(() => backend.upload(new Float32Array(tooMany), [1, 1, tooMany])).toThrow(/16777216 numbers at most/);
    expect(() => backend.matmul(...twoLong(backend))).toThrow(/got 25000000.*Project to fewer dimensions/);
  });

  const twoLong = (backend: Awaited<ReturnType<typeof gpujsBackend>>) =>
    [
      backend.upload(new Float32Array(5000), [1, 5000, 1]),
      backend.upload(new Float32Array(5000), [1, 1, 5000]),
    ] as const;

  it("after dispose", async () => {
    const backend = await gpujsBackend({ mode: "cpu" });
    await backend.dispose();
    await backend.dispose();
    expect(() => backend.upload(Float32Array.of(1), [1, 1, 1])).toThrow(/was disposed of/);
  });
});
