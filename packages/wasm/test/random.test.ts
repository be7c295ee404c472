/** Matrices drawn in WebAssembly are core's, bit for bit. */
import { type FloatArray, type RandomDraw, randomStream, type StreamPosition } from "@comhe/core";
import { describe, expect, it } from "vitest";
import { createBackend, type EngineKind } from "../src/wasm-backend.js";

const engines: readonly (readonly [EngineKind, number])[] = [
  ["single", 1],
  ["threaded", 2],
];

/** vitest's own comparison takes seconds for a million numbers. */
function expectSameBits(got: FloatArray, expected: FloatArray): void {
  expect(got.length).toBe(expected.length);
  expect(got.findIndex((value, n) => !Object.is(value, expected[n]))).toBe(-1);
}

describe.each(engines)("%s", (kind, threads) => {
  const backend = createBackend({ threads, leastShared: 0 }, kind);
  const draw = async (distribution: RandomDraw["distribution"], shape: RandomDraw["shape"], from: StreamPosition) => {
    const drawn = backend.scope(() => ({ drawn: backend.random!({ distribution, shape, from }) }));
    return (await backend.download(drawn)).drawn;
  };

  it.each([
    [[1, 1, 1], 0],
    [[1, 3, 5], 1],
    [[2, 30, 77], 63],
    [[3, 40, 300], 4097],
    [[1, 1000, 300], 12345],
  ] as const)("normal numbers and signs, %j from word %i on", async (shape, skipped) => {
    const length = shape[0] * shape[1] * shape[2];
    const stream = randomStream(7, "a layer", 3);
    stream.skip(skipped);
    const position = stream.position();
    expectSameBits(await draw("gaussian", shape, position), stream.fillNormal(new Float32Array(length)));
    const later = stream.position();
    expect(later.word).toBe(skipped + length);
    expectSameBits(await draw("rademacher", shape, later), stream.fillSigns(new Float32Array(length)));
  });

  it("the tails too", async () => {
    const numbers = await draw("gaussian", [1, 1000, 1000], randomStream(1, "", 0).position());
    expectSameBits(numbers, randomStream(1, "", 0).fillNormal(new Float32Array(1e6)));
    expect(Math.max(...numbers.subarray(0, 100_000))).toBeGreaterThan(4);
  });
});
