/** The default backend under each policy. What the other packages need, in `packages/content-security-policy.test.ts`, takes longer. */
import { skipReason } from "@comhe/page-kit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPolicyPages, type Policy, type PolicyPages } from "./support/policy-pages.js";

if (skipReason) console.info(`policies of pages: skipped, ${skipReason}`);

describe.skipIf(skipReason !== undefined)("wasmBackend, in Chromium, in a cross-origin isolated page", () => {
  let pages: PolicyPages;
  beforeAll(async () => {
    pages = await openPolicyPages(["wasm"]);
  }, 120_000);
  afterAll(() => pages?.close());

  test.each<[Policy, string, number, RegExp | undefined]>([
    ["none", "relaxed", 3, undefined],
    ["and blob workers", "relaxed", 3, undefined],
    ["wasm-unsafe-eval alone", "relaxed", 1, /worker threads can't start .* must allow blob: there/],
    ["nothing but its scripts", "javascript", 1, undefined],
  ])("policy: %s", async (policy, build, threads, said) => {
    const outcome = await pages.outcomeOf("wasm", policy);
    expect(outcome.error).toBeUndefined();
    expect([outcome.build, outcome.threads]).toEqual([build, threads]);
    expect(Math.abs(outcome.energy! / pages.expected - 1)).toBeLessThan(1e-6);
    expect(outcome.again).toBe(outcome.energy);
    expect(outcome.said).toEqual(said ? [expect.stringMatching(said)] : []);
  });
});
