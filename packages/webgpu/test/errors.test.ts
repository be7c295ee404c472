/** What may go wrong, provoked: each is an error that says what to do, and a new backend goes on. */
import { createEvaluator, energyAndGradient, randomStream } from "@comhe/core";
import { afterEach, describe, expect, it } from "vitest";
import { type WebgpuBackend, type WebgpuBackendOptions, webgpuBackend } from "../src/index.js";
import { noGpu } from "./support/node-gpu.js";

const weights = (count: number, dim: number) => ({
  data: randomStream(1, "errors", 0).fillNormal(new Float32Array(count * dim)),
  shape: [count, dim] as const,
});
const config = { space: "half" } as const;
const storage = 0x80 | 0x4 | 0x8;
const kept: unknown[] = [];

describe("options", () => {
  it("that there aren't are refused", async () => {
    await expect(webgpuBackend({ gpu: 1 } as object)).rejects.toThrow(/unknown key "gpu", expected device, adapter/);
    for (const panelBytes of [0, -1, Number.NaN]) {
      await expect(webgpuBackend({ panelBytes })).rejects.toMatchObject({
        code: "invalid-config",
        details: { path: "panelBytes" },
      });
    }
  });

  it("an adapter that gives no device: an error that says why", async () => {
    const adapter = {
      limits: {},
      requestDevice: () => Promise.reject(new Error("consumed.")),
    } as unknown as GPUAdapter;
    await expect(webgpuBackend({ adapter })).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/gives no device: consumed\. Ask for a fresh adapter/),
    });
  });

  it.each([
    ["no adapter", { requestAdapter: async () => null }, /WebGPU is there, but no adapter.*wasm backend/],
    ["an empty navigator in Node", undefined, undefined],
  ])("%s", async (_, gpu, expected) => {
    const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
    Object.defineProperty(globalThis, "navigator", { value: { gpu }, configurable: true });
    try {
      if (expected) await expect(webgpuBackend()).rejects.toThrow(expected);
      // Dawn is found all the same, or said to have no adapter.
      else
        await webgpuBackend().then(
          (backend) => backend.dispose(),
          (error) => expect(error.code).toBe("unsupported"),
        );
    } finally {
      if (before) Object.defineProperty(globalThis, "navigator", before);
      else Reflect.deleteProperty(globalThis, "navigator");
    }
  });
});

describe.skipIf(noGpu !== undefined)("a device", () => {
  const made: WebgpuBackend[] = [];
  const open = async (options?: WebgpuBackendOptions) => {
    const backend = await webgpuBackend(options);
    made.push(backend);
    return backend;
  };
  afterEach(() => {
    for (const backend of made.splice(0)) backend.dispose();
  });
  /** The energy that every backend in order gives. */
  const energyOn = async (backend: WebgpuBackend) => (await energyAndGradient(backend, config, weights(8, 4))).energy;

  it("that is lost before a step, or while it is under way: an error, and a new backend goes on", async () => {
    const evaluator = createEvaluator(await open(), config);
    const before = await evaluator.evaluate(weights(8, 4));
    const lost = made[0]!.device;
    const underWay = evaluator.evaluate(weights(8, 4));
    lost.destroy();
    const failure = {
      code: "unsupported",
      details: { deviceLost: true },
      message: expect.stringMatching(/was lost.*Make a new backend/),
    };
    await expect(underWay).rejects.toMatchObject(failure);
    await expect(evaluator.evaluate(weights(8, 4))).rejects.toMatchObject(failure);
    await expect(
      (async () =>
        made[0]!.matmul(
          made[0]!.upload(new Float32Array(1), [1, 1, 1]),
          made[0]!.upload(new Float32Array(1), [1, 1, 1]),
        ))(),
    ).rejects.toMatchObject(failure);
    const again = createEvaluator(await open(), config);
    again.restore(evaluator.state());
    expect((await again.evaluate(weights(8, 4))).energy).toBe(before.energy);
  });

  it("without memory left: an error, and the backend goes on once there is some", async () => {
    const backend = await open();
    const { maxBufferSize, maxStorageBufferBindingSize } = backend.device.limits;
    const rows = Math.floor(Math.min(maxBufferSize, maxStorageBufferBindingSize) / 4 / 1024);
    const expected = await energyOn(backend);
    const fillUp = async () => {
      // Arrays of a device that has memory for many are made until it has none.
      for (let n = 0; n < 500; n++) {
        const large = backend.scope(() =>
          backend.matmul(
            backend.upload(new Float32Array(rows), [1, rows, 1]),
            backend.upload(new Float32Array(1024), [1, 1, 1024]),
          ),
        );
        const [one] = [backend.upload(new Float32Array(1), [1, 1, 1])];
        await backend.download({ one });
        expect(large.shape).toEqual([1, rows, 1024]);
      }
    };
    await expect(fillUp()).rejects.toMatchObject({
      code: "unsupported",
      details: { outOfMemory: true },
      message: expect.stringMatching(/out of memory.*smaller panelBytes/),
    });
    await expect(energyOn(backend)).resolves.toBe(expected);
  });

  it("a command that is refused: an error with WebGPU's words, and the backend goes on", async () => {
    const backend = await open();
    const other = await open();
    const noStorage = backend.device.createBuffer({ size: 64, usage: 0x8 });
    const foreign = other.device.createBuffer({ size: 64, usage: storage });
    for (const buffer of [noStorage, foreign]) {
      const use = async () => {
        const sum = backend.scope(() =>
          backend.combine([
            [2, backend.fromBuffer(buffer, [1, 4, 4])],
            [1, backend.fromBuffer(buffer, [1, 4, 4])],
          ]),
        );
        return backend.download({ sum });
      };
      await expect(use()).rejects.toMatchObject({
        code: "unsupported",
        details: { refused: true },
        message: expect.stringMatching(/refused a command.*usage STORAGE/),
      });
      expect(await energyOn(backend)).toBeGreaterThan(0);
    }
  });

  it("errors of others who share it stay theirs", async () => {
    const { device } = await open();
    const backend = await open({ device });
    device.pushErrorScope("validation");
    const evaluating = energyOn(backend);
    device.createBuffer({ size: 16, usage: 0xffff });
    expect(await device.popErrorScope()).not.toBeNull();
    expect(await evaluating).toBeGreaterThan(0);
    backend.dispose();
    // A device of the user's own outlives the backend.
    const second = await open({ device });
    expect(await energyOn(second)).toBeGreaterThan(0);
  });

  it("arrays that don't fit what they are of: an error with both numbers", async () => {
    const backend = await open();
    expect(() => backend.fromBuffer(backend.device.createBuffer({ size: 60, usage: storage }), [1, 4, 4])).toThrow(
      /takes 64 bytes.*has 60/,
    );
    expect(() => backend.upload(new Float32Array(3), [1, 2, 2])).toThrow(/expected 4 numbers/);
  });

  it("a device made with the smallest limits does, too", async () => {
    const gpu = await open();
    const { create } = (await import("webgpu")) as unknown as { create(flags: string[]): GPU };
    // Dawn crashes where its instance or the adapter is collected under a device's feet: they are kept as long as the process.
    const instance = create([]);
    const adapter = await instance.requestAdapter();
    const device = await adapter!.requestDevice();
    kept.push(instance, adapter, device);
    expect(device.limits.maxStorageBufferBindingSize).toBeLessThan(gpu.device.limits.maxStorageBufferBindingSize);
    const backend = await open({ device });
    expect(await energyOn(backend)).toBe(await energyOn(gpu));
    const tooLong = device.limits.maxStorageBufferBindingSize / 4 + 1;
    expect(() => backend.upload(new Float32Array(tooLong), [1, 1, tooLong])).toThrow(
      /maxStorageBufferBindingSize is 134217728/,
    );
    backend.dispose();
    device.destroy();
  });

  it("after dispose, and arrays that were freed", async () => {
    const backend = await open();
    const array = backend.upload(Float32Array.of(1), [1, 1, 1]);
    await backend.download({ array });
    await expect(backend.download({ array })).rejects.toThrow(/was freed: it was read/);
    expect(() => backend.combine([[2, array]])).toThrow(/was freed/);
    backend.dispose();
    backend.dispose();
    expect(() => backend.upload(Float32Array.of(1), [1, 1, 1])).toThrow(/was disposed of/);
  });
});
