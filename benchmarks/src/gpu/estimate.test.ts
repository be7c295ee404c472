import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { estimate, estimateText, namedGpus } from "./estimate.js";

const [fast, small] = namedGpus as [(typeof namedGpus)[0], (typeof namedGpus)[0]];
const shape = { count: 16_384, dim: 1024 };

test("the README of @comhe/webgpu says what the arithmetic says", () => {
  const readme = readFileSync(new URL("../../../packages/webgpu/README.md", import.meta.url), "utf8");
  const [first, second] = [estimate(shape, fast), estimate(shape, small)];
  for (const line of estimateText(shape)) console.info(line);
  expect(readme).toContain(
    `that is ${Math.round(100 * first.arithmetic) * 10} ms on a ${fast.name} (${fast.flops / 1e12} TFLOP/s) and ` +
      `${second.arithmetic.toFixed(2)} s on an ${small.name} (${small.flops / 1e12} TFLOP/s)`,
  );
  expect(readme).toContain(
    `${Math.round(first.bytes / 1e9)} GB, most of them from cache; ${Math.round(1000 * first.memory)} ms at the former's ${fast.bandwidth / 1e9} GB/s`,
  );
});

test("arithmetic grows with N²d, and with it the memory's share stays", () => {
  const twice = estimate({ count: 32_768, dim: 1024 }, fast);
  expect(twice.arithmetic / estimate(shape, fast).arithmetic).toBeCloseTo(4, 6);
  expect(twice.memory / twice.arithmetic).toBeCloseTo(
    estimate(shape, fast).memory / estimate(shape, fast).arithmetic,
    6,
  );
});
