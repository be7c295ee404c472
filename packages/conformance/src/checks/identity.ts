/** What a backend says of itself. */
import type { Backend } from "@comhe/core";
import { assert } from "../compare/assert.js";
import { type CheckFamily, NotOffered } from "../suite/check.js";

export function identityChecks(): CheckFamily {
  return {
    name: "what it says of itself",
    cases: [
      {
        name: "specification, name, precision, bare formula",
        async run(backend) {
          assert(backend.specification === "v1", `specification: got ${backend.specification}, expected v1`);
          assert(/^\S+$/.test(backend.name), `name: expected one word, got "${backend.name}"`);
          assert(/^float(32|64)$/.test(backend.precision), `precision: got ${backend.precision}`);
          assert(typeof backend.bareFormula === "boolean", `bareFormula: got ${backend.bareFormula}`);
        },
      },
      {
        name: "optional members come in pairs",
        async run(backend) {
          const has = (member: keyof Backend<unknown>) => typeof backend[member] === "function";
          assert(has("sketch") === has("sketchBack"), "sketch and sketchBack: expected both or neither");
        },
      },
      {
        name: "sees numbers that aren't finite, where it looks for them",
        async run(backend) {
          if (!backend.allFinite) throw new NotOffered("a look for numbers that aren't finite");
          for (const type of [Float32Array, Float64Array]) {
            for (const length of [0, 1, 7, 64, 1001, 70_000]) {
              const data = new type(length).map((_, n) => [0, -0, 1e-45, -3e38, 3e38, 1][n % 6]!);
              assert(backend.allFinite(data), `allFinite: got false for ${length} finite numbers`);
              for (const at of new Set([0, length >> 1, length - 1])) {
                for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
                  if (length === 0) continue;
                  const kept = data[at]!;
                  data[at] = value;
                  assert(!backend.allFinite(data), `allFinite: got true for ${length} numbers with ${value} at ${at}`);
                  data[at] = kept;
                }
              }
            }
          }
        },
      },
    ],
  };
}
