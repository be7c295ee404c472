/** One session for each graph, however often it runs; what is released; and what is said where something is missing. */
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createEvaluator, type EnergyConfig, EnergyError, energyAndGradient } from "@comhe/core";
import { describe, expect, it } from "vitest";
import type { SessionOptions } from "../src/backend/runtime.js";
import { onnxBackend } from "../src/index.js";
import { normalRows, referenceResult } from "./support/compare.js";
import { backendOn, type RuntimeName, runtimes } from "./support/runtimes.js";

const name = "onnxruntime-node, cpu";
const steps = process.env.COMHE_ALL_CHECKS ? 6000 : 1000;
const weights = { data: normalRows(64, 48), shape: [64, 48] };

/** There where Node was started without `--expose-gc`, too. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  // What native objects hold is given back in a later turn, and is garbage then.
  for (let turn = 0; turn < 3; turn++) {
    collect();
    await setImmediate();
  }
}

describe("sessions", () => {
  it(`${steps} steps with refreshed projections: one session, memory flat`, { timeout: 300_000 }, async () => {
    const backend = await backendOn(name);
    const config: EnergyConfig = { space: "half", projection: { kind: "random", dimension: 10, count: 4, refresh: 1 } };
    const evaluator = createEvaluator(backend, config);
    const energies = new Set<number>();
    const after = new Map<number, { readonly resident: number; readonly reachable: number }>();
    for (let step = 1; step <= steps; step++) {
      energies.add((await evaluator.evaluate(weights)).energy);
      if (step === 100 || step % 1000 === 0) {
        await collectGarbage();
        const { rss, heapUsed, external } = process.memoryUsage();
        after.set(step, { resident: rss / 2 ** 20, reachable: (heapUsed + external) / 2 ** 20 });
      }
    }
    const shown = [...after].map(
      ([step, { resident, reachable }]) => `${step}: ${resident.toFixed(1)} MiB, ${reachable.toFixed(2)} reachable`,
    );
    console.info(`resident memory after so many steps: ${shown.join("; ")}`);
    // Every step has its own matrices. Of six thousand float32 energies some agree by chance.
    expect(energies.size).toBeGreaterThan((steps > 1000 ? 0.9 : 0.99) * steps);
    expect(backend.sessionsBuilt).toBe(1);
    const [first, last] = [after.get(100)!, after.get(steps)!];
    // A step's tensors are 32 kB: were they kept, 900 steps would be 28 MiB.
    expect(last.reachable - first.reachable).toBeLessThan(10);
    // What the allocators of V8 and the C library hold back comes and goes.
    expect(last.resident - first.resident).toBeLessThan(60);
    await backend.dispose();
  });

  it.each([
    ["shuffled groups", { projection: { kind: "group", groups: 5, shuffle: true } }],
    ["kept matrices", { projection: { kind: "adversarial", dimension: 10, steps: 2, through: "unrolled" } }],
    ["drawn factors", { projection: { kind: "bilateral", rank: 10, refresh: 1 } }],
    ["components", { projection: { kind: "pca", dimension: 10, refresh: 1 } }],
  ] satisfies [string, EnergyConfig][])("one for %s", async (_, config) => {
    const backend = await backendOn(name);
    const evaluator = createEvaluator(backend, config);
    for (let step = 0; step < 5; step++) await evaluator.evaluate(weights);
    expect(backend.sessionsBuilt).toBe(1);
    await backend.dispose();
  });

  it("one for each shape and each config", async () => {
    const backend = await backendOn(name);
    const wide = { data: normalRows(64, 49), shape: [64, 49] };
    for (const each of [weights, wide, weights, wide]) await energyAndGradient(backend, {}, each);
    expect(backend.sessionsBuilt).toBe(2);
    await energyAndGradient(backend, { separationFloor: 0.02 }, weights);
    expect(backend.sessionsBuilt).toBe(3);
    await backend.dispose();
  });

  it("disposing waits for runs, and ends the backend", async () => {
    const backend = await backendOn(name);
    const running = energyAndGradient(backend, {}, weights);
    await backend.dispose();
    expect((await running).energy).toBeGreaterThan(0);
    await expect(energyAndGradient(backend, {}, weights)).rejects.toThrow(/disposed/);
  });

  it("two backends, two runtimes, at once", async () => {
    const names = Object.keys(runtimes) as RuntimeName[];
    const backends = await Promise.all(names.flatMap((each) => [backendOn(each), backendOn(each)]));
    const results = await Promise.all(backends.map((backend) => energyAndGradient(backend, {}, weights)));
    for (const { energy } of results) expect(energy).toBeCloseTo(results[0]!.energy, 5);
    await Promise.all(backends.map((backend) => backend.dispose()));
  });
});

describe("options of sessions", () => {
  /** What a session is made with. */
  async function passedOn(sessionOptions?: SessionOptions) {
    const { InferenceSession, Tensor } = runtimes[name].runtime;
    const seen: SessionOptions[] = [];
    const create = (model: Uint8Array, options: SessionOptions) => {
      seen.push(options);
      return InferenceSession.create(model, options);
    };
    const backend = await onnxBackend({ runtime: { InferenceSession: { create } as never, Tensor }, sessionOptions });
    await backend.dispose();
    return seen[0]!;
  }

  it("threads sleep between runs", async () => {
    expect(await passedOn()).toMatchObject({
      graphOptimizationLevel: "basic",
      extra: { "session.force_spinning_stop": "1" },
    });
    const extra = { session: { set_denormal_as_zero: "1" } };
    expect(await passedOn({ intraOpNumThreads: 1, extra })).toMatchObject({
      intraOpNumThreads: 1,
      extra: { ...extra, "session.force_spinning_stop": "1" },
    });
  });

  it.each([
    { session: { force_spinning_stop: "0" } },
    { "session.force_spinning_stop": "0" },
    { session: { intra_op: { allow_spinning: "1" } } },
    { session: { "intra_op.allow_spinning": "0" } },
  ])("or as the user says: %j", async (extra) => {
    expect((await passedOn({ extra })).extra).toEqual(extra);
  });

  it("they reach ONNX Runtime by either spelling", async () => {
    // ONNX Runtime looks at the value of this one, and says nothing about most others.
    for (const extra of [
      { "session.intra_op_thread_affinities": "none" },
      { session: { intra_op_thread_affinities: "none" } },
    ]) {
      await expect(passedOn({ intraOpNumThreads: 2, extra })).rejects.toThrow(/ReadThreadAffinityConfig/);
    }
  });
});

describe("errors", () => {
  const { runtime } = runtimes[name];

  it.each(["cuda", "tensorrt", "dml", "nonsense"])("%s: what to install", async (provider) => {
    const error = await onnxBackend({ runtime, executionProviders: [provider] }).then(
      () => expect.fail("was accepted"),
      (thrown: unknown) => thrown as EnergyError,
    );
    expect(error).toBeInstanceOf(EnergyError);
    expect(error.code).toBe("missing-peer");
    expect(error.message).toContain(`"${provider}"`);
    expect(error.message).toMatch(/nonsense|npm install|onnxruntime-node on Windows|TensorRT and CUDA/);
    expect(error.message).toMatch(/This runtime brings along: .*cpu/);
  });

  it("a provider in second place does", async () => {
    const backend = await onnxBackend({ runtime, executionProviders: ["cuda", "cpu"] });
    expect(backend.name).toBe("onnx-cpu");
    expect((await energyAndGradient(backend, {}, weights)).energy).toBeGreaterThan(0);
    await backend.dispose();
  });

  it("a browser's provider where there is no browser", async () => {
    const { runtime: web } = runtimes["onnxruntime-web, wasm"];
    const made = onnxBackend({ runtime: web, executionProviders: ["webnn"] });
    await expect(made).rejects.toMatchObject({
      code: "missing-peer",
      message: expect.stringMatching(/onnxruntime-web/),
    });
  });

  it("something else as the runtime", async () => {
    for (const wrong of [undefined, {}, { InferenceSession: {} }]) {
      const made = onnxBackend({ runtime: wrong as never });
      await expect(made).rejects.toThrow(/npm install onnxruntime-node/);
    }
    await expect(onnxBackend(undefined as never)).rejects.toThrow(/npm install onnxruntime-node/);
  });

  it("an option it hasn't, which would otherwise be passed over", async () => {
    const made = onnxBackend({ runtime, executionProvider: ["cuda"] } as never);
    await expect(made).rejects.toThrow('unknown key "executionProvider", expected runtime, executionProviders');
  });

  it("options that can't be", async () => {
    await expect(onnxBackend({ runtime, executionProviders: "cpu" as never })).rejects.toMatchObject({
      code: "invalid-config",
      message: expect.stringMatching(/executionProviders: expected an array.*got "cpu"/),
    });
    await expect(onnxBackend({ runtime, sessionOptions: { intraOpNumThreads: -3 } })).rejects.toMatchObject({
      code: "invalid-config",
      message: expect.stringMatching(/sessionOptions: .*intraOpNumThreads/),
    });
  });

  it("wrong shapes are ours to report", async () => {
    const backend = await backendOn(name);
    const short = energyAndGradient(backend, {}, { data: new Float32Array(10), shape: [3, 4] });
    await expect(short).rejects.toMatchObject({
      code: "invalid-shape",
      message: expect.stringMatching(/12 numbers.*got 10/),
    });
    expect(() => backend.upload(new Float32Array(10), [1, 3, 4], "rows")).toThrow(/rows: expected 12 numbers/);
    const a = backend.upload(new Float32Array(12), [1, 3, 4]);
    const b = backend.upload(new Float32Array(10), [1, 2, 5]);
    await expect(backend.download({ product: backend.matmul(a, b) })).rejects.toMatchObject({ code: "invalid-shape" });
    // Nothing is broken by it.
    expect((await energyAndGradient(backend, {}, weights)).energy).toBeGreaterThan(0);
    await backend.dispose();
  });

  it("objectives that are computed on the host, and the bare formula", async () => {
    const backend = await backendOn(name);
    const objective = { kind: "gram-determinant" } as const;
    // Of the weights themselves, which are on the host; what a graph projects isn't.
    const { energy } = await energyAndGradient(backend, { objective }, weights);
    expect(energy).toBeCloseTo((await referenceResult({ objective }, weights)).energy, 4);
    const projection = { kind: "random", dimension: 10, count: 2 } as const;
    await expect(energyAndGradient(backend, { objective, projection }, weights)).rejects.toMatchObject({
      code: "unsupported",
    });
    await expect(energyAndGradient(backend, { separationFloor: 0 }, weights)).rejects.toMatchObject({
      code: "unsupported",
    });
    await backend.dispose();
  });
});
