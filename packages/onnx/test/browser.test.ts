/** The built package in a page of Chromium, on onnxruntime-web: conformance, and an exported model. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenedPage, openPage, skipReason } from "./browser/chromium.js";
import type { Offered } from "./browser/page.js";
import { expectSame, normalRows, referenceResult } from "./support/compare.js";
import { tolerance } from "./support/runtimes.js";
import { leftOut } from "./support/web-checks.js";

const all = process.env.COMHE_ALL_CHECKS === "1";

/** Each operation and a strategy of each kind: the same library runs more of the suite in Node. */
const some =
  "^(what it says|upload|scope|linear|directions|strategy (none|random gaussian, max|adversarial, unrolled)|many)";

if (skipReason) console.info(`@comhe/onnx in a page: skipped, ${skipReason}`);

const minute = 60_000;

describe.skipIf(skipReason !== undefined)("in Chromium", () => {
  let opened: OpenedPage;
  beforeAll(async () => {
    opened = await openPage();
  }, 2 * minute);
  afterAll(() => opened?.close());

  it(
    "conforms",
    async () => {
      const { failures, cases } = await opened.page.evaluate(
        ([within, skip, only]) => (globalThis as unknown as Offered).conform(within, skip, only),
        [tolerance, all ? [] : leftOut, all ? "." : some] as const,
      );
      expect(failures).toEqual([]);
      expect(cases).toBeGreaterThan(all ? 1500 : 80);
    },
    (all ? 20 : 2) * minute,
  );

  it("runs an exported model", async () => {
    for (const count of [40, 300]) {
      const actual = await opened.page.evaluate(
        (rows) => (globalThis as unknown as Offered).runExported(rows, 24),
        count,
      );
      const config = { space: "half", projection: { kind: "random", dimension: 8, count: 3 } } as const;
      const weights = { data: normalRows(count, 24), shape: [count, 24] };
      expectSame(actual, await referenceResult(config, weights, 5), weights, [1e-5, 5e-4]);
    }
  });
});
