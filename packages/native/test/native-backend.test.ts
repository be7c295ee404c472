/** What the backend promises beside the contract: options, the same bits on any number of threads, arrays that stay whose they are. */
import { energyAndGradient, type PairSpec, randomStream } from "@comhe/core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { findBinding } from "../src/load-binding.js";
import { createBackend, nativeBackend } from "../src/native-backend.js";
import { missing, testedSets } from "./support/machine.js";

afterEach(() => vi.unstubAllEnvs());

const here = describe.skipIf(missing !== undefined);
const pair: PairSpec = {
  potential: { kind: "riesz", s: 2, distance: "chordal" },
  space: "half",
  separationFloor: 1e-2,
};
const draw = (count: number, dim: number) => randomStream(3, "rows", 0).fillNormal(new Float32Array(count * dim));

function errorOf(body: () => unknown): unknown {
  try {
    body();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

here(`options${missing === undefined ? "" : ` (${missing})`}`, () => {
  it("the widest instruction set, or the one asked for", () => {
    for (const isa of testedSets) {
      const backend = nativeBackend({ isa, threads: 1 });
      expect(backend.isa).toBe(isa);
      backend.dispose();
    }
    const widest = nativeBackend();
    expect(widest.isa).toBe(testedSets.at(-1));
    widest.dispose();
    vi.stubEnv("COMHE_NATIVE_ISA", testedSets[0]!);
    const chosen = nativeBackend();
    expect(chosen.isa).toBe(testedSets[0]);
    chosen.dispose();
  });

  it("an instruction set that the machine lacks is refused", () => {
    const foreign = testedSets.includes("neon") ? "avx2" : "neon";
    expect(errorOf(() => nativeBackend({ isa: foreign }))).toMatchObject({ code: "unsupported" });
    vi.stubEnv("COMHE_NATIVE_ISA", "mmx");
    expect(errorOf(() => nativeBackend())).toMatchObject({
      code: "unsupported",
      message: `nativeBackend: COMHE_NATIVE_ISA asks for "mmx"; this machine offers ${testedSets.join(", ")}.`,
    });
  });

  it("wrong ones", () => {
    for (const threads of [0, 1.5, Number.NaN, "2" as never]) {
      expect(errorOf(() => nativeBackend({ threads }))).toMatchObject({
        code: "invalid-config",
        details: { path: "threads" },
      });
    }
    expect(errorOf(() => nativeBackend({ thread: 2 } as never))).toMatchObject({ code: "invalid-config" });
  });
});

here("threads", () => {
  it.each(testedSets)("%s: the same bits on one, two and five", async (isa) => {
    const [count, dim] = [330, 45];
    const data = draw(count, dim);
    const results = [];
    for (const threads of [1, 2, 5]) {
      const backend = createBackend({ isa, threads, leastShared: 0 });
      const directions = backend.directions(backend.upload(data, [1, count, dim]), 0);
      const { energy, gradient, saved } = backend.pairwise(directions, pair);
      const product = backend.pairwiseProduct(saved, backend.upload(data, [1, count, dim]));
      const square = backend.matmul(directions.unit, directions.unit, { transposeB: true });
      const alone = backend.pairwise(directions, pair, { gradient: false }).energy;
      const read = await backend.download({ energy, gradient, product, square, alone });
      const statistics = await backend.statistics!(directions, {
        energies: [pair],
        shareOf: 0,
        angleBins: 36,
        nearest: "half",
        similar: { limit: 20, space: "full" },
        within: { chord: 1, space: "half" },
      });
      // As bytes: a test runner's own comparison takes seconds for so many numbers.
      const bytes = Object.values(read).map((array) => Buffer.from(array.buffer).toString("base64"));
      results.push({ bytes, statistics });
      backend.dispose();
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  it("a backend that has ended says so, and may end twice", () => {
    const backend = nativeBackend({ threads: 2 });
    backend.dispose();
    backend.dispose();
    const rows = backend.upload(draw(2, 2), [1, 2, 2]);
    expect(() => backend.pairwise(backend.directions(rows, 0), pair)).toThrow("dispose()");
  });
});

here("arrays", () => {
  it("the caller's numbers are only read, and results are the caller's", async () => {
    const data = draw(20, 7);
    const copy = data.slice();
    const backend = nativeBackend({ threads: 1 });
    const first = await energyAndGradient(backend, {}, { data, shape: [20, 7] });
    expect(data).toEqual(copy);
    const read = await backend.download({ rows: backend.upload(data, [1, 20, 7]) });
    expect(read.rows).toEqual(copy);
    read.rows.fill(0);
    expect(data).toEqual(copy);
    first.gradient.fill(0);
    const second = await energyAndGradient(backend, {}, { data, shape: [20, 7] });
    expect(second.gradient.some((value) => value !== 0)).toBe(true);
    backend.dispose();
  });

  it("a gradient that was given away and changed doesn't spoil its Hessian product", async () => {
    const backend = nativeBackend({ threads: 1 });
    const rows = backend.upload(draw(12, 5), [1, 12, 5]);
    const vector = backend.upload(draw(24, 5).subarray(60), [1, 12, 5]);
    const { gradient, saved } = backend.pairwise(backend.directions(rows, 0), pair);
    const { before } = await backend.download({ before: backend.pairwiseProduct(saved, vector) });
    (await backend.download({ gradient })).gradient.fill(7);
    const { after } = await backend.download({ after: backend.pairwiseProduct(saved, vector) });
    expect(after).toEqual(before);
    backend.dispose();
  });
});

describe("without a binary", () => {
  const absent = (name: string) => {
    throw Object.assign(new Error(`Cannot find module '${name}'\nRequire stack:`), { code: "MODULE_NOT_FOUND" });
  };

  it("an error says what was tried, why it failed, and what instead", () => {
    const require = (name: string) => {
      if (!name.endsWith("gnu")) return absent(name);
      throw Object.assign(new Error("libc.so.6: version `GLIBC_2.17' not found"), { code: "ERR_DLOPEN_FAILED" });
    };
    const error = errorOf(() => findBinding(require, "linux", "x64"));
    expect(error).toMatchObject({ code: "missing-peer", details: { platform: "linux", arch: "x64" } });
    const { message } = error as Error;
    expect(message).toContain("@comhe/native-linux-x64-gnu: libc.so.6: version `GLIBC_2.17' not found");
    expect(message).toContain("@comhe/native-linux-x64-musl: not installed");
    expect(message).toContain("@comhe/wasm");
  });

  it("a process that forbids native code is told so", () => {
    const require = () => {
      throw Object.assign(new Error("Cannot load native addon"), { code: "ERR_DLOPEN_DISABLED" });
    };
    expect((errorOf(() => findBinding(require, "darwin", "arm64")) as Error).message).toContain("--no-addons");
  });

  it("a platform that has none", () => {
    const { message } = errorOf(() => findBinding(absent, "freebsd", "x64")) as Error;
    expect(message).toContain("@comhe/native on freebsd x64: there is no binary for this platform.");
  });

  it("a module that is something else isn't taken", () => {
    expect((errorOf(() => findBinding(() => ({}), "linux", "arm64")) as Error).message).toContain("isn't the kernels");
  });
});
