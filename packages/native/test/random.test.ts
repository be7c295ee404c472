/** Random numbers are core's, to the bit, from any place in the stream and on any number of threads; sketches are core's but for rounding. */
import { type RandomDraw, randomStream, type Sketch } from "@comhe/core";
import { applySketch, applySketchBack } from "@comhe/core/pair-functions";
import { describe, expect, it } from "vitest";
import { createBackend } from "../src/native-backend.js";
import { missing, testedSets } from "./support/machine.js";

function sketchOf(kind: Sketch["kind"], count: number, dimension: number, dim: number): Sketch {
  const stream = randomStream(3, "sketch", dim);
  const padded = 2 ** Math.ceil(Math.log2(dim));
  const isHadamard = kind === "hadamard";
  const signs = isHadamard ? Math.ceil(count / Math.floor(padded / dimension)) * padded : count * dim;
  const [length, end] = isHadamard ? [count * dimension, padded] : [count * dim, dimension];
  return {
    ...{ kind, count, dimension, dim },
    signs: stream.fillSigns(new Float32Array(signs)),
    index: Int32Array.from({ length }, () => stream.below(end)),
  };
}

describe.skipIf(missing !== undefined)(`random numbers${missing === undefined ? "" : ` (${missing})`}`, () => {
  it.each(testedSets)("are core's, %s", async (isa) => {
    const backend = createBackend({ isa, threads: 2, leastShared: 0 });
    for (const distribution of ["gaussian", "rademacher"] as const) {
      for (const [before, dim] of [
        [0, 1],
        [3, 5],
        [4095, 4097],
        [70_001, 33_333],
        // Where the counter of blocks passes 2³².
        [2 ** 36 - 100, 300],
      ] as const) {
        const stream = randomStream(11, "native", 5);
        stream.skip(before);
        const shape: RandomDraw["shape"] = [2, 3, dim];
        const drawn = backend.random!({ distribution, shape, from: stream.position() });
        const { numbers } = await backend.download({ numbers: drawn });
        const expected = new Float32Array(6 * dim);
        if (distribution === "gaussian") stream.fillNormal(expected);
        else stream.fillSigns(expected);
        expect(numbers, `${distribution}, ${6 * dim} from ${before}`).toEqual(expected);
      }
    }
    backend.dispose();
  });

  it("that are kept are drawn once, and again where they were given away", async () => {
    const backend = createBackend({ threads: 1, leastShared: 0 });
    const draw: RandomDraw = {
      distribution: "gaussian",
      shape: [1, 2, 3],
      from: randomStream(1, "kept", 0).position(),
    };
    const first = backend.random!(draw);
    expect(backend.random!(draw)).toBe(first);
    const { numbers } = await backend.download({ numbers: first });
    const copy = numbers.slice();
    numbers.fill(7);
    const { again } = await backend.download({ again: backend.random!(draw) });
    expect(again).toEqual(copy);
    backend.dispose();
  });

  it.each(testedSets)("sketches, %s", async (isa) => {
    const backend = createBackend({ isa, threads: 2, leastShared: 0 });
    for (const kind of ["hadamard", "count-sketch"] as const) {
      for (const [count, dimension, dim] of [
        [3, 1, 1],
        [2, 2, 2],
        [5, 3, 6],
        [7, 30, 100],
        [2, 40, 1000],
        [1, 9, 33_000],
      ] as const) {
        const by = sketchOf(kind, count, dimension, dim);
        const rows = randomStream(4, "rows", dim).fillNormal(new Float32Array(3 * dim));
        const projected = randomStream(5, "projected", dim).fillNormal(new Float32Array(count * 3 * dimension));
        const read = await backend.download({
          there: backend.sketch!(backend.upload(rows, [1, 3, dim]), by),
          back: backend.sketchBack!(backend.upload(projected, [count, 3, dimension]), by),
        });
        const expected = { there: applySketch(by, rows), back: applySketchBack(by, projected) };
        for (const name of ["there", "back"] as const) {
          const largest = Math.max(...expected[name].map(Math.abs));
          const apart = read[name].map((value, n) => value - expected[name][n]!);
          expect(
            Math.max(...apart.map(Math.abs)) / largest,
            `${kind} ${count}×${dimension}×${dim} ${name}`,
          ).toBeLessThan(2e-6);
        }
      }
    }
    backend.dispose();
  });

  it("an index beyond a sketch's numbers is refused", () => {
    const backend = createBackend({ threads: 1, leastShared: 0 });
    for (const kind of ["hadamard", "count-sketch"] as const) {
      const by = sketchOf(kind, 2, 3, 8);
      for (const wrong of [-1, 8, 2 ** 30]) {
        const index = by.index.slice().fill(wrong, 4, 5);
        expect(() => backend.sketch!(backend.upload(new Float32Array(16), [1, 2, 8]), { ...by, index })).toThrow(
          "index",
        );
      }
    }
    backend.dispose();
  });
});
