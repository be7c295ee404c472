/** The kernels' own logarithm, exponential, power and arctangent, within the errors that assembly/functions.ts states. */
import { join } from "node:path";
import { randomStream } from "@comhe/core";
import asc from "assemblyscript/asc";
import { describe, expect, it } from "vitest";

interface Functions {
  takeLog(from: number, to: number): void;
  takeExponential(from: number, to: number): void;
  takePower(from: number, to: number, p: number): void;
  takeHalfAngle(u: number, v: number, to: number): void;
}

async function compile(): Promise<Uint8Array<ArrayBuffer>> {
  const output = new Map<string, Uint8Array<ArrayBuffer>>();
  const baseDir = join(import.meta.dirname, "../assembly");
  const flags = ["--runtime", "stub", "-O1", "--importMemory", "--enable", "simd", "--disableWarning", "112"];
  const { error } = await asc.main(
    ["functions-for-tests.ts", "--baseDir", baseDir, ...flags, "--outFile", "functions.wasm"],
    { writeFile: (name, contents) => void output.set(name, contents as Uint8Array<ArrayBuffer>) },
  );
  if (error) throw error;
  return output.get("functions.wasm")!;
}

const memory = new WebAssembly.Memory({ initial: 2 });
const { instance } = await WebAssembly.instantiate(await compile(), { env: { memory } });
const functions = instance.exports as unknown as Functions;
const floats = new Float32Array(memory.buffer);
/** Bytes; beyond whatever the module puts at the beginning. */
const [first, second, to] = [0x10000, 0x10010, 0x10020];

/** float32 numbers in [least, most), evenly in the logarithm. */
function spread(name: string, count: number, least: number, most: number): Float32Array {
  const stream = randomStream(1, name, 0);
  const width = Math.log(most / least);
  return Float32Array.from({ length: count }, () => least * Math.exp((stream.word() / 2 ** 32) * width));
}

/** What the four lanes give. */
function lanes(run: () => void, x: Float32Array, y = x): Float32Array {
  floats.set(x, first / 4);
  floats.set(y, second / 4);
  run();
  return floats.slice(to / 4, to / 4 + 4);
}

function inFours(x: Float32Array, check: (four: Float32Array) => void): void {
  for (let n = 0; n < x.length; n += 4) check(x.subarray(n, n + 4));
}

describe("logarithm", () => {
  it("is within 2e-7 + |ln x|·8e-8 for x in [1e-6, 4]", () => {
    inFours(spread("log", 4000, 1e-6, 4), (x) => {
      const found = lanes(() => functions.takeLog(first, to), x);
      x.forEach((value, n) => {
        expect(Math.abs(found[n]! - Math.log(value))).toBeLessThan(2e-7 + 8e-8 * Math.abs(Math.log(value)));
      });
    });
  });
  it("keeps its digits near 1", () => {
    const x = Float32Array.of(1, 1 + 2 ** -20, 1 - 2 ** -20, 1 + 2 ** -10);
    const found = lanes(() => functions.takeLog(first, to), x);
    expect(found[0]).toBe(0);
    for (const n of [1, 2, 3]) expect(Math.abs(found[n]! / Math.log(x[n]!) - 1)).toBeLessThan(2e-7);
  });
});

describe("exponential", () => {
  it("is within 2e-7 + |x|·6e-8 for x ≤ 0", () => {
    inFours(
      spread("exp", 4000, 1e-4, 80).map((x) => -x),
      (x) => {
        const found = lanes(() => functions.takeExponential(first, to), x);
        x.forEach((value, n) => {
          expect(Math.abs(found[n]! / Math.exp(value) - 1)).toBeLessThan(2e-7 - value * 6e-8);
        });
      },
    );
  });
  it("is 1 at 0, and 0 below −87", () => {
    const found = lanes(() => functions.takeExponential(first, to), Float32Array.of(0, -88, -1000, -1e30));
    expect([...found]).toEqual([1, 0, 0, 0]);
  });
});

it.each([-1.5, -0.5, 0.5, 1, 2.5, 7])("power %d is within 3e-7 + |p·log₂x|·6e-8", (p) => {
  inFours(spread(`power ${p}`, 2000, 1e-4, 4), (x) => {
    const found = lanes(() => functions.takePower(first, to, p), x);
    x.forEach((value, n) => {
      const allowed = 3e-7 + Math.abs(p * Math.log2(value)) * 6e-8;
      expect(Math.abs(found[n]! / value ** p - 1), `${value}`).toBeLessThan(allowed);
    });
  });
});

describe("half angle", () => {
  it("is within 3e-7 of atan2(√u, √v)", () => {
    const v = spread("v", 4000, 1e-4, 4);
    let at = 0;
    inFours(spread("u", 4000, 1e-4, 4), (u) => {
      const opposite = v.subarray(at, at + 4);
      at += 4;
      const found = lanes(() => functions.takeHalfAngle(first, second, to), u, opposite);
      u.forEach((value, n) => {
        const expected = Math.atan2(Math.sqrt(value), Math.sqrt(opposite[n]!));
        expect(Math.abs(found[n]! / expected - 1)).toBeLessThan(3e-7);
      });
    });
  });
  it("is 0, π/4 and π/2 where it must be", () => {
    const found = lanes(
      () => functions.takeHalfAngle(first, second, to),
      Float32Array.of(0, 1, 2, 4),
      Float32Array.of(4, 1, 2, 0),
    );
    [0, Math.PI / 4, Math.PI / 4, Math.PI / 2].forEach((angle, n) => {
      expect(found[n]).toBeCloseTo(angle, 6);
    });
  });
});
