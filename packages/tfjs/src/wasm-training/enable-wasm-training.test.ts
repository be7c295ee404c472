import { afterEach, describe, expect, it, vi } from "vitest";

const MISSING = [
  "Conv2DBackpropFilter",
  "DepthwiseConv2dNativeBackpropInput",
  "DepthwiseConv2dNativeBackpropFilter",
  "UnsortedSegmentSum",
];
const SLOW = ["Conv2DBackpropInput", "MaxPoolGrad", "BatchMatMul", "Tile"];

describe("enableWasmTraining", () => {
  afterEach(() => void vi.restoreAllMocks());

  it("asks for the backend before it is loaded, then registers each kernel once and without warnings", async () => {
    const warn = vi.spyOn(console, "warn");
    const tf = await import("@tensorflow/tfjs");
    const { enableWasmTraining } = await import("./index.js");
    expect(() => enableWasmTraining()).toThrow(/import "@tensorflow\/tfjs-backend-wasm"/);
    await import("@tensorflow/tfjs-backend-wasm");
    warn.mockClear();

    expect(enableWasmTraining({ replaceSlow: false })).toEqual(MISSING);
    expect(enableWasmTraining({ replaceSlow: false })).toEqual([]);
    expect(enableWasmTraining()).toEqual(SLOW);
    expect(enableWasmTraining()).toEqual([]);
    for (const name of [...MISSING, ...SLOW]) expect(tf.getKernel(name, "wasm")).toBeDefined();
    expect(warn).not.toHaveBeenCalled();
  });
});
