/** Threads change how fast a result comes, never the result; and a thread that is lost is an error, not a hang. */
import { spawnSync } from "node:child_process";
import type { PairSpec } from "@comhe/core";
import { randomStream } from "@comhe/core";
import { describe, expect, it } from "vitest";
import type { WasmBackend } from "../src/backend-options.js";
import { words } from "../src/threads/protocol.js";
import { createBackend, type EngineKind, wasmBackend } from "../src/wasm-backend.js";
import { testedBuilds } from "./support/builds.js";

const pair: PairSpec = {
  potential: { kind: "riesz", s: 1, distance: "chordal" },
  space: "half",
  separationFloor: 0.01,
};

const rowsOf = (count: number, dim: number, batch = 1) =>
  randomStream(3, "threads", 0).fillNormal(new Float32Array(batch * count * dim));

/** Energy, also alone, gradient, Hessian products of both kinds, and products of matrices. */
async function everything(backend: WasmBackend, count: number, dim: number) {
  const result = backend.scope(() => {
    const rows = backend.upload(rowsOf(count, dim), [1, count, dim]);
    const matrices = backend.upload(rowsOf(7, dim, 3), [3, 7, dim]);
    const projected = backend.matmul(rows, matrices, { transposeB: true });
    const directions = backend.directions(rows, 0);
    const { energy, gradient, saved } = backend.pairwise(directions, pair);
    const alone = backend.pairwise(directions, pair, { gradient: false }).energy;
    const product = backend.pairwiseProduct(saved, gradient);
    const spec = { measure: "angle", form: "root", separationFloor: 0.01 } as const;
    const mismatch = backend.mismatch(directions, backend.directions(projected, 0), spec);
    const across = backend.mismatchProduct(mismatch.saved, projected);
    const back = backend.matmul(projected, matrices, { sumBatch: true });
    const { loss, gradient: slope } = mismatch;
    return { energy, alone, gradient, product, loss, slope, across: across.reference, own: across.rows, back };
  });
  return backend.download(result);
}

describe("the same bits", () => {
  const kinds: readonly (readonly [EngineKind, number])[] = [
    ["threaded", 2],
    ["threaded", 5],
    ["queued", 3],
  ];
  it.each([
    [70, 33],
    [193, 20],
    [641, 9],
  ])("%i×%i", async (count, dim) => {
    const alone = createBackend({ threads: 1 }, "single");
    const expected = await everything(alone, count, dim);
    for (const [kind, threads] of kinds) {
      const backend = createBackend({ threads, leastShared: 0 }, kind);
      for (let round = 0; round < 3; round++) {
        const actual = await everything(backend, count, dim);
        for (const [name, data] of Object.entries(expected)) {
          expect(actual[name as keyof typeof actual], `${name}, ${kind}, ${threads} threads`).toEqual(data);
        }
      }
      backend.dispose();
    }
  });
});

describe("energies alone, by every number of threads, over and over", () => {
  // Compilers take up a kernel while it runs: a loop that loses its place is seen in the first calls.
  it.each(testedBuilds)("%s", async (build) => {
    const rows = rowsOf(1024, 64);
    const energyOf = (backend: WasmBackend) =>
      backend.download(
        backend.scope(() => {
          const directions = backend.directions(backend.upload(rows, [1, 1024, 64]), 0);
          return { energy: backend.pairwise(directions, pair, { gradient: false }).energy };
        }),
      );
    const expected = await energyOf(createBackend({ build, threads: 1 }, "single"));
    for (let round = 0; round < 4; round++) {
      const backend = createBackend({ build, threads: 3, leastShared: 0 }, "threaded");
      for (let call = 0; call < 12; call++) expect(await energyOf(backend)).toEqual(expected);
      backend.dispose();
    }
  });
});

/** Everything that statistics can give. */
function statisticsOf(backend: WasmBackend, count: number, dim: number) {
  return backend.scope(() =>
    backend.statistics!(backend.directions(backend.upload(rowsOf(count, dim), [1, count, dim]), 0), {
      energies: [pair, { ...pair, space: "full" }],
      shareOf: 1,
      angleBins: 18,
      nearest: "half",
      similar: { space: "half", limit: 5 },
      within: { chord: 0.3, space: "half" },
    }),
  );
}

it.each([
  ["threaded", 3],
  ["queued", 2],
] as const)("statistics, whose kernels come later: %s", async (kind, threads) => {
  const expected = await statisticsOf(createBackend({ threads: 1 }, "single"), 641, 9);
  const backend = createBackend({ threads, leastShared: 0 }, kind);
  // Workers that have run before they meet those kernels, and that run others afterwards.
  const before = await everything(backend, 193, 20);
  const both = await Promise.all([statisticsOf(backend, 641, 9), statisticsOf(backend, 641, 9)]);
  expect(both).toEqual([expected, expected]);
  expect(await everything(backend, 193, 20)).toEqual(before);
  expect(await statisticsOf(backend, 641, 9)).toEqual(expected);
  backend.dispose();
});

it("statistics of a backend that was disposed of meanwhile are refused, and nothing stays behind of others", async () => {
  const backend = createBackend({ threads: 1 }, "single");
  const { arrays } = backend.memory();
  await statisticsOf(backend, 50, 4);
  expect(backend.memory().arrays).toBe(arrays);
  const asked = statisticsOf(backend, 50, 4);
  backend.dispose();
  await expect(asked).rejects.toMatchObject({ code: "unsupported" });
});

it("more commands than a list holds, while the memory grows", async () => {
  const alone = createBackend({ threads: 1 }, "single");
  const queued = createBackend({ threads: 2, leastShared: 0 }, "queued");
  const energies = (backend: WasmBackend) =>
    backend.scope(() => {
      const made = Array.from({ length: 70 }, (_, n) => {
        const rows = backend.upload(rowsOf(20 + n, 30), [1, 20 + n, 30]);
        return [`${n}`, backend.pairwise(backend.directions(rows, 0), pair).energy] as const;
      });
      return Object.fromEntries(made);
    });
  const expected = await alone.download(energies(alone));
  const held = [];
  for (let round = 0; round < 5; round++) {
    held.push(queued.upload(new Float32Array(300_000), [1, 300_000, 1]));
    expect(await queued.download(energies(queued))).toEqual(expected);
  }
  queued.dispose();
});

it("a process with idle workers ends by itself", () => {
  const program = `
    const { wasmBackend } = await import(${JSON.stringify(new URL("../dist/index.js", import.meta.url).href)});
    const backend = wasmBackend({ threads: 3 });
    const rows = backend.upload(new Float32Array(512 * 256).map((_, n) => Math.sin(n * n)), [1, 512, 256]);
    const { energy } = backend.pairwise(backend.directions(rows, 0), ${JSON.stringify(pair)});
    console.log((await backend.download({ energy })).energy[0] > 0);`;
  const { stdout, status } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    timeout: 30_000,
    encoding: "utf8",
  });
  expect([stdout.trim(), status]).toEqual(["true", 0]);
});

it("refuses a number of threads that is none", () => {
  for (const threads of [0, -1, 1.5, Number.NaN]) {
    expect(() => wasmBackend({ threads })).toThrow(/threads, a whole number/);
  }
});

it("refuses options that it hasn't, with those it has", () => {
  const make = (options: object) => () => wasmBackend(options);
  expect(make({ thread: 2 })).toThrow('unknown key "thread", expected threads, build');
  expect(make({ build: "fast" })).toThrow('expected build "baseline" or "relaxed", got "fast"');
  expect(make({ threads: "2" })).toThrow('got "2"');
});

it("after disposing, says so", () => {
  const backend = createBackend({ threads: 2, leastShared: 0 }, "threaded");
  backend.dispose();
  backend.dispose();
  expect(() => backend.upload(new Float32Array(1), [1, 1, 1])).toThrow(/disposed/);
});

/** A worker that enters a job and never leaves it, as one that was killed there. */
describe.each(["threaded", "queued"] as const)("a thread lost within a job, %s", (kind) => {
  it("is an error, and later calls work", async () => {
    const memories: WebAssembly.Memory[] = [];
    const Memory = WebAssembly.Memory;
    WebAssembly.Memory = class extends Memory {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        super(descriptor);
        memories.push(this);
      }
    };
    const backend = createBackend({ threads: 2, leastShared: 0 }, kind);
    WebAssembly.Memory = Memory;
    const expected = await everything(createBackend({ threads: 1 }, "single"), 70, 9);
    const int32 = new Int32Array(memories[0]!.buffer);
    int32[words.patience] = 3;
    int32[words.gate] = 0;
    // As if it had entered: the gate counts one more than will leave.
    const gate = Atomics.store;
    Atomics.store = ((array: Int32Array, at: number, value: number) =>
      gate(array, at, at === words.gate ? value + 1 : value)) as typeof Atomics.store;
    try {
      if (kind === "threaded") await expect(everything(backend, 70, 9)).rejects.toThrow(/worker thread/);
    } finally {
      Atomics.store = gate;
    }
    if (kind === "queued") {
      await everything(backend, 70, 9);
      return;
    }
    expect((await everything(backend, 70, 9)).gradient).toEqual(expected.gradient);
    backend.dispose();
  });
});
