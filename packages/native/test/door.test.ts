/**
 * Nothing from JavaScript makes the binary read or write outside of its arrays: calls with numbers and arrays of all kinds are refused or do no
 * harm. The same without JavaScript, under AddressSanitizer, is `npm run sanitize`. `COMHE_FUZZ_CALLS` sets how many.
 */
import { expect, it } from "vitest";
import { type Argument, loadBinding } from "../src/load-binding.js";
import { missing, testedSets } from "./support/machine.js";

const calls = Number(process.env.COMHE_FUZZ_CALLS ?? 3000);
const nasty = [-1, 0.5, 1e300, -1e300, 2 ** 31 - 1, 2 ** 31, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY];

/** xorshift, so that a failure can be run again. */
function randomWords(seed: number): (below: number) => number {
  let word = seed;
  return (below) => {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    return (word >>> 0) % below;
  };
}

it.skipIf(missing !== undefined)(`hostile calls${missing === undefined ? "" : ` (${missing})`}`, () => {
  const binding = loadBinding();
  const below = randomWords(12345);
  let refused = 0;
  for (const isa of testedSets) {
    const engine = binding.open(isa, 2, 0);
    for (let n = 0; n < calls; n++) {
      // Each array is a part of a buffer whose other numbers must stay as they are.
      const buffers: (Float32Array | Float64Array | Int32Array)[] = [];
      const rest = Array.from({ length: below(12) }, (): Argument => {
        const type = [Float32Array, Float32Array, Float64Array, Int32Array][below(4)]!;
        const length = below(150);
        const whole = new type(length + 32).fill(7);
        buffers.push(whole);
        if (below(9) === 0) return undefined;
        if (below(9) === 0) return {} as never;
        return whole.subarray(16, 16 + length);
      });
      const numbers = Float64Array.from({ length: below(40) }, () =>
        below(4) > 0 ? below(6) : nasty[below(nasty.length)]!,
      );
      try {
        if (below(8) === 0)
          binding.run(
            engine,
            10,
            Float64Array.of(0, 1, below(2)),
            ...rest,
            binding.statistics(engine, 0, numbers, ...rest),
          );
        else binding.run(engine, below(15) - 1, numbers, ...rest);
      } catch {
        refused++;
      }
      for (const whole of buffers) {
        const around = [...whole.subarray(0, 16), ...whole.subarray(whole.length - 16)];
        expect(around.every((value) => value === 7)).toBe(true);
      }
    }
    binding.close(engine);
  }
  expect(refused).toBeGreaterThan(0);
  expect(refused).toBeLessThan(testedSets.length * calls);
});

it.skipIf(missing !== undefined)("objects that aren't what they should be", () => {
  const binding = loadBinding();
  const engine = binding.open(testedSets[0]!, 1, 0);
  const numbers = Float64Array.of(1, 1, 0);
  const rows = new Float32Array(1);
  const directions = (of: unknown, with_: unknown) => () =>
    binding.run(of as never, 1, with_ as never, rows, rows, new Float64Array(1));
  for (const other of [undefined, null, 1, "engine", {}, [], new Float32Array(4), Object.create(engine)]) {
    expect(directions(other, numbers)).toThrow();
    expect(() => binding.close(other as never)).toThrow();
  }
  for (const other of [undefined, [1, 1, 0], Float32Array.of(1, 1, 0), new Float64Array(65)]) {
    expect(directions(engine, other)).toThrow();
  }
  const detached = new Float32Array(8);
  structuredClone(detached, { transfer: [detached.buffer] });
  expect(() => binding.run(engine, 1, numbers, detached, rows, new Float64Array(1))).toThrow("too short");
  for (const isa of ["mmx", "", 5, undefined, "x".repeat(100)])
    expect(() => binding.open(isa as never, 1, 0)).toThrow();
  for (const threads of [0, -1, 1e9, Number.NaN, "2"])
    expect(() => binding.open(testedSets[0]!, threads as never, 0)).toThrow();
  expect(directions(engine, numbers)).not.toThrow();
  const request = new Float64Array(34).fill(0);
  request.set([1, 1, 1, 0, 1, 0]);
  request.set([-1, 0, 0, 0, 0, -1], 26);
  const pass = binding.statistics(engine, 0, request);
  const step = () => binding.run(engine, 10, Float64Array.of(0, 1, 0), rows, new Float64Array(1), pass);
  expect(step).not.toThrow();
  binding.close(pass);
  expect(step).toThrow("statistics are missing");
  expect(() => binding.close(pass)).toThrow("close takes");
  binding.close(engine);
  expect(directions(engine, numbers)).toThrow("dispose()");
});
