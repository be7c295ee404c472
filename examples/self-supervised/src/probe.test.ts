import { randomStream } from "@comhe/core";
import { describe, expect, it } from "vitest";
import { probeErrors } from "./probe.js";
import { regime } from "./regime.js";

const rows = regime.poolRows + 300;
const labels = Uint8Array.from({ length: rows }, (_, row) => row % 10);

/** The class's axis, and as much noise. */
function embed(noise: number, axis: (label: number) => number): Float32Array {
  const data = randomStream(1, "noise", 0).fillNormal(new Float32Array(rows * 10));
  return data.map((value, at) => noise * value + (at % 10 === axis(labels[Math.floor(at / 10)]!) ? 1 : 0));
}

describe("the linear probe", () => {
  it("tells apart what lies apart, on rows it has seen no label of", () => {
    const errors = probeErrors({ embeddings: embed(0.05, (label) => label), dimension: 10, labels }, 1);
    expect(errors).toEqual({ test: 0, validation: 0 });
  });

  it("errs where two classes lie on each other: half of both", () => {
    const { test } = probeErrors(
      { embeddings: embed(0.05, (label) => (label === 9 ? 8 : label)), dimension: 10, labels },
      1,
    );
    expect(test).toBeGreaterThan(8);
    expect(test).toBeLessThan(12);
  });

  it("knows nothing of a collapse", () => {
    const { test } = probeErrors({ embeddings: new Float32Array(rows * 10).fill(0.3), dimension: 10, labels }, 1);
    expect(test).toBeGreaterThan(85);
  });

  it("takes the same labels for the same seed", () => {
    const embedded = { embeddings: embed(0.6, (label) => label), dimension: 10, labels };
    expect(probeErrors(embedded, 2)).toEqual(probeErrors(embedded, 2));
    expect(probeErrors(embedded, 2)).not.toEqual(probeErrors(embedded, 3));
  });
});
