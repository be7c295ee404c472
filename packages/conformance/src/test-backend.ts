/** The suite as vitest tests. */
import type { Backend } from "@comhe/core";
import { afterAll, beforeAll, describe, it } from "vitest";
import type { Check } from "./suite/check.js";
import { conformanceChecks } from "./suite/conformance-checks.js";
import type { ConformanceOptions, Tolerance } from "./suite/options.js";

const minute = 60_000;

/**
 * Registers the whole suite as tests of vitest, in a `describe` of its own. Each test is a family of cases; a failure lists the cases that fail.
 * Skipped cases are listed as skipped tests, with the reason.
 *
 * @throws Error where a skip or a part names nothing
 */
export function testBackend<A>(options: ConformanceOptions<A>): void {
  const checks = conformanceChecks(options);
  const timeout = (options.slow ? 10 : 1) * minute;
  describe.sequential(`${options.name} conforms, within ${list(options.tolerance)}`, () => {
    let backend: Backend<A> | undefined;
    const notOffered = new Set<string>();
    beforeAll(async () => {
      backend = await options.create();
    }, timeout);
    afterAll(async () => {
      await backend?.dispose?.();
      for (const what of notOffered) console.info(`${options.name} doesn't offer ${what}`);
    });
    const run = async (check: Check, meta: object) => {
      // For whoever reads the runner's report: how many cases the check stands for.
      Object.assign(meta, { cases: check.cases.length });
      for (const what of await check.run(backend!)) notOffered.add(what);
    };
    for (const check of checks) {
      if (check.cases.length > 0) it(check.name, ({ task }) => run(check, task.meta), timeout);
      for (const { name, skip } of check.skipped) it.skip(`${name} (${skip.why})`, () => {});
    }
    if (options.part) console.info(`${options.name}: ${checks.length} of the suite's checks, ${options.part.why}`);
    for (const { what, why } of options.skip ?? []) console.info(`${options.name}: skipped "${what}": ${why}`);
  });
}

function list(tolerance: Tolerance): string {
  return Object.entries(tolerance)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}
