/** What the suite makes of skips, refusals and failures. */
import { EnergyError, referenceBackend } from "@comhe/core";
import { describe, expect, it } from "vitest";
import { conformanceChecks, oneOfEachKind, runChecks } from "../src/index.js";
import { type Case, makeCheck, NotOffered } from "../src/suite/check.js";

const options = { name: "reference", create: referenceBackend, tolerance: { energy: 1e-12, gradient: 1e-10 } };
const backend = referenceBackend();

const passing = (name: string): Case => ({ name, run: async () => {} });
const failing = (name: string, error: Error): Case => ({ name, run: () => Promise.reject(error) });

describe("a check", () => {
  it("runs every case and tells those that fail", async () => {
    const check = makeCheck(
      {
        name: "family",
        cases: [passing("one"), failing("two", new Error("off by 3")), failing("four", new Error("late"))],
      },
      [],
    );
    expect(check.cases).toEqual(["one", "two", "four"]);
    await expect(check.run(backend)).rejects.toThrow(
      "reference, family: 2 of 3 cases fail\n  two: off by 3\n  four: late",
    );
  });

  it("counts failures beyond the first few", async () => {
    const cases = Array.from({ length: 30 }, (_, n) => failing(`case ${n}`, new Error("no")));
    await expect(makeCheck({ name: "family", cases }, []).run(backend)).rejects.toThrow(/case 7: no\n {2}and 22 more$/);
  });

  it("tells a refusal from an error, and advises to list it", async () => {
    const refused = failing("case", new EnergyError("unsupported", "no angles here"));
    await expect(makeCheck({ name: "family", cases: [refused] }, []).run(backend)).rejects.toThrow(
      /refused as "unsupported": no angles here .*`skip`/,
    );
  });

  it("reports, once, what isn't offered", async () => {
    const cases = ["one", "two"].map((name) => failing(name, new NotOffered("sketches")));
    await expect(makeCheck({ name: "family", cases }, []).run(backend)).resolves.toEqual(["sketches"]);
  });
});

describe("skips", () => {
  it("leave out the cases they name, and keep the reason", async () => {
    const skip = { what: "family: two", why: "the engine has no twos" };
    const check = makeCheck({ name: "family", cases: [passing("one"), failing("two", new Error("no"))] }, [skip]);
    expect(check.cases).toEqual(["one"]);
    expect(check.skipped).toEqual([{ name: "family: two", skip }]);
    await check.run(backend);
  });

  it("may name a potential in every family", () => {
    const checks = conformanceChecks({ ...options, skip: [{ what: "angular s=2.7", why: "no powers" }] });
    const skipped = checks.flatMap((check) => check.skipped);
    expect(skipped.length).toBeGreaterThan(20);
    expect(checks.every(({ cases }) => cases.every((name) => !name.includes("angular s=2.7")))).toBe(true);
  });

  it("that name nothing are refused", () => {
    const skip = [{ what: "hyperbolic", why: "a typing error" }];
    expect(() => conformanceChecks({ ...options, skip })).toThrow('reference: skip "hyperbolic" names no case');
  });
});

describe("a part", () => {
  const why = "the others run elsewhere";

  it("of one check of each kind meets every operation, and takes fewer cases", () => {
    const all = conformanceChecks(options);
    const some = conformanceChecks({ ...options, part: { names: oneOfEachKind, why } });
    expect(some.length).toBeGreaterThan(30);
    expect(some.length).toBeLessThan(0.7 * all.length);
    // Every alternative of its pattern is the name of some check: none was renamed away.
    const starts = ["what it says", "sketch", "pairwise and", "objectives", "statistics", "strategy pca", "instances"];
    for (const start of starts) expect(some.some(({ name }) => name.startsWith(start))).toBe(true);
  });

  it("that names nothing is refused", () => {
    const part = { names: /hyperbolic/, why };
    expect(() => conformanceChecks({ ...options, part })).toThrow("reference: the part /hyperbolic/ names no check");
  });
});

describe("the list of checks", () => {
  const checks = conformanceChecks(options);

  it("has names of its own for every check and every case", () => {
    const names = checks.flatMap(({ name, cases }) => cases.map((each) => `${name}: ${each}`));
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
  });

  it("counts handles where they can be counted, and nowhere else", () => {
    const counted = conformanceChecks({ ...options, handles: () => 0 });
    expect(counted.length).toBe(checks.length + 1);
  });

  it("runs on after a failure, and tells each outcome", async () => {
    const wrong = { ...backend, gatherColumns: (() => backend.upload(new Float64Array(1), [1, 1])) as never };
    const some = checks.filter(({ name }) => /^(linear|gatherColumns|what it says)/.test(name));
    const told: string[] = [];
    const outcomes = await runChecks(some, wrong, ({ name }) => told.push(name));
    expect(told).toEqual(some.map(({ name }) => name));
    const failed = outcomes.filter(({ error }) => error !== undefined);
    expect(failed.map(({ name }) => name)).toEqual(told.filter((name) => name.startsWith("gatherColumns")));
    expect(failed[0]!.error).toContain("cases fail");
    expect(outcomes.every(({ cases, ms }) => cases > 0 && ms >= 0)).toBe(true);
  });

  it("reports what a backend doesn't offer", async () => {
    const { sketch: _, sketchBack: __, objective: ___, ...rest } = referenceBackend();
    const notOffered = await Promise.all(
      checks.filter(({ name }) => name.includes("where offered")).map((check) => check.run(rest)),
    );
    expect(notOffered.flat()).toEqual([
      "sketches: core makes the matrices dense",
      "sets where they lie: they are uploaded",
      "objectives of others",
    ]);
  });
});
