/** Several instances of one backend: the same bits from each, and none harmed when another is disposed of. */
import { type Backend, type EnergyConfig, energyAndGradient, type MaybePromise } from "@comhe/core";
import { assert } from "../compare/assert.js";
import { seed, weightsFor } from "../compare/evaluation.js";
import { repeated } from "../inputs/repeated.js";
import { normalRows } from "../inputs/rows.js";
import type { CheckFamily } from "../suite/check.js";
import { assertSame } from "./repeats.js";

const rows = normalRows(151, 9, 12);

const evaluate = <A>(backend: Backend<A>, config: EnergyConfig) =>
  energyAndGradient(backend, config, weightsFor(backend, rows), { seed });

export function instanceChecks<B>(create: () => MaybePromise<Backend<B>>): CheckFamily {
  return {
    name: "instances",
    cases: [
      {
        name: "another instance gives the same bits",
        async run(backend) {
          const other = await create();
          try {
            for (const [name, config] of Object.entries(repeated)) {
              assertSame(await evaluate(other, config), await evaluate(backend, config), name);
            }
          } finally {
            await other.dispose?.();
          }
        },
      },
      {
        name: "disposing of one, twice, leaves the others alone",
        async run(backend) {
          const other = await create();
          assert((other as unknown) !== backend || !backend.dispose, "create: expected an instance of its own");
          const config = repeated["random, refreshed"]!;
          const expected = await evaluate(other, config);
          await other.dispose?.();
          await other.dispose?.();
          assertSame(await evaluate(backend, config), expected, "the other instance");
        },
      },
    ],
  };
}
