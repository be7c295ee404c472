/** A table that doesn't fit into memory: what single rows and copies say is said of all of them, not of the rows that were drawn. */
import { referenceBackend } from "@comhe/core";
import type { LayerSource } from "@comhe/models";
import { describe, expect, test } from "vitest";
import { auditLayer, auditSettings } from "../src/index.js";

const [count, dim] = [6000, 60];
const dead = [5, 777, 5999];
const copies = [100, 2000, 3500, 5000];

/** Numbers of a row as a hash makes them: the table is never whole. */
function rowOf(row: number, broken: number): Float32Array {
  const numbers = new Float32Array(dim);
  if (dead.includes(row)) return numbers;
  let word = Math.imul((copies.includes(row) ? copies[0]! : row) + 1, 0x9e3779b1);
  for (let k = 0; k < dim; k++) {
    word = Math.imul(word ^ (word >>> 15), 0x2c1b3c6d) + k;
    numbers[k] = (word >> 8) / 2 ** 23;
  }
  if (row === broken) numbers[17] = Number.NaN;
  return numbers;
}

function table(broken = -1): LayerSource {
  return {
    name: "tokens",
    kind: "matrix",
    shape: [count, dim],
    layout: "neurons-first",
    dataType: "float32",
    read: () => Promise.reject(new Error("read as a whole")),
    async readPart(from, wanted) {
      const result = new Float32Array(wanted);
      for (let row = Math.floor(from / dim); row * dim < from + wanted; row++) {
        const numbers = rowOf(row, broken);
        const skip = Math.max(0, from - row * dim);
        const at = row * dim + skip - from;
        result.set(numbers.subarray(skip, skip + wanted - at), at);
      }
      return result;
    },
    rowNames: () => Promise.resolve(Array.from({ length: count }, (_, row) => `token ${row}`)),
  };
}

const settings = auditSettings(undefined, { pairs: 2000 });
const tick = () => Promise.resolve();

describe("a table beyond memory", () => {
  test("lists all its dead rows and copies by name, and estimates the rest", async () => {
    const audit = await auditLayer(referenceBackend(), "file", table(), settings, tick, { mostNumbers: 240_000 });
    expect(audit.count).toBe(count);
    expect(audit.dead).toBe(3);
    expect(audit.health.dead.names).toEqual(["token 5", "token 777", "token 5999"]);
    expect(audit.groups).toEqual([{ size: 4, rows: copies, names: copies.map((row) => `token ${row}`) }]);
    expect(audit.duplicates).toBe(3);
    expect(audit.maxCosine).toBeCloseTo(1, 6);
    expect(audit.nearest[0]).toMatchObject({ a: 100, b: 2000 });
    expect(audit.lowerBounds).toEqual(["maxCosine", "nearest", "duplicates"]);
    expect(audit.note).toMatch(/of 2000 rows drawn at random.*looked for among all/);
    expect(audit.effectiveRank).toBeLessThanOrEqual(dim);
  });

  test("is refused for a number that isn't one, wherever it is", async () => {
    const broken = auditLayer(referenceBackend(), "file", table(5998), settings, tick, { mostNumbers: 240_000 });
    await expect(broken).rejects.toThrow(/1 of its 360000 numbers is NaN or infinite; the first is NaN in neuron 5998/);
    await expect(broken).rejects.toMatchObject({ code: "non-finite" });
  });
});
