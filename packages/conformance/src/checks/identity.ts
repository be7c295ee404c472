/** What a backend says of itself. */
import type { Backend } from "@comhe/core";
import { assert } from "../compare/assert.js";
import type { CheckFamily } from "../suite/check.js";

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
    ],
  };
}
