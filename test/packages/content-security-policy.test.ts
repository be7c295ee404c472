/** What every package needs of a page's policy: the table of docs/usage/content-security-policy.md. */
import { skipReason } from "@comhe/page-kit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  backends,
  type Name,
  openPolicyPages,
  type Policy,
  type PolicyPages,
  policies,
} from "../support/policy-pages.js";

if (skipReason) console.info(`policies of pages: skipped, ${skipReason}`);

/** Where a policy refuses a package, what it says; everywhere else it computes. */
const refusals: Readonly<Record<Name, Partial<Record<Policy, RegExp>>>> = {
  core: {},
  wasm: {},
  "tfjs-webgl": {},
  "tfjs-wasm": { "nothing but its scripts": /wasm doesn't start/ },
  onnx: { "nothing but its scripts": /^EnergyError: onnxBackend: expected an execution provider that works/ },
  "gpujs-webgl": {},
  "gpujs-cpu": {
    "wasm-unsafe-eval alone": /^EnergyError: gpu\.js mode "cpu"/,
    "and blob workers": /^EnergyError: gpu\.js mode "cpu"/,
    "nothing but its scripts": /^EnergyError: gpu\.js mode "cpu"/,
  },
};

const names = Object.keys(backends) as Name[];
const cases = names.flatMap((name) => (Object.keys(policies) as Policy[]).map((policy) => [name, policy] as const));

describe.skipIf(skipReason !== undefined)("in Chromium", () => {
  let pages: PolicyPages;
  beforeAll(async () => {
    pages = await openPolicyPages(names);
  });
  afterAll(() => pages?.close());

  test.each(cases)("%s, policy: %s", async (name, policy) => {
    const outcome = await pages.outcomeOf(name, policy);
    const refusal = refusals[name][policy];
    if (refusal) {
      expect(outcome.error).toMatch(refusal);
      return;
    }
    expect(outcome.error).toBeUndefined();
    expect(Math.abs(outcome.energy! / pages.expected - 1)).toBeLessThan(1e-6);
    expect(outcome.again).toBe(outcome.energy);
  });
});
