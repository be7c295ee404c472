import { expect, it } from "vitest";
import type { Backend } from "../backend/backend.js";
import { EnergyError } from "../errors/energy-error.js";
import { referenceBackend } from "../reference/reference-backend.js";
import { fastestBackend } from "./fastest-backend.js";

/** The reference backend, so many milliseconds late, which tells when it has ended. */
function late(milliseconds: number, log: string[], name: string): () => Backend<unknown> {
  return () => {
    log.push(`made ${name}`);
    const backend = referenceBackend() as unknown as Backend<unknown>;
    const wait = (rows: unknown, epsilon: number) => {
      for (const end = performance.now() + milliseconds; performance.now() < end; ) {}
      return backend.directions(rows, epsilon);
    };
    return { ...backend, directions: wait, dispose: () => void log.push(`ended ${name}`) };
  };
}

const missing = () => {
  throw new EnergyError("missing-peer", "it isn't installed\nnot at all");
};

it("takes the fastest, ends the others, and says how each did", async () => {
  const log: string[] = [];
  const candidates = {
    slow: late(60, log, "slow"),
    absent: missing,
    fast: late(0, log, "fast"),
    slower: late(90, log, "slower"),
  };
  const found = await fastestBackend(candidates, { shape: [8, 4] });
  expect(found.name).toBe("fast");
  expect(found.candidates.map(({ name }) => name)).toEqual(["slow", "absent", "fast", "slower"]);
  expect(found.candidates[1]).toEqual({ name: "absent", problem: "it isn't installed" });
  expect(found.candidates[0]!.milliseconds).toBeGreaterThanOrEqual(60);
  expect(log).toEqual(["made slow", "made fast", "ended slow", "made slower", "ended slower"]);

  // A like size again: nothing is timed, and nobody else is made.
  log.length = 0;
  const again = await fastestBackend(candidates, { shape: [9, 4] });
  expect(again.name).toBe("fast");
  expect(log).toEqual(["made fast"]);
});

it("by order: the first that can compute, whatever the clock says", async () => {
  const log: string[] = [];
  const candidates = { absent: missing, slow: late(30, log, "slow"), fast: late(0, log, "fast") };
  for (let n = 0; n < 2; n++) {
    expect((await fastestBackend(candidates, { shape: [8, 4], by: "order" })).name).toBe("slow");
  }
  expect(log).toEqual(["made slow", "made slow"]);
});

it("one that fails at work is left out, and ended", async () => {
  const log: string[] = [];
  const broken = () => ({
    ...late(0, log, "broken")(),
    pairwise: () => {
      throw new Error("out of order");
    },
  });
  const { name, candidates } = await fastestBackend({ broken, good: late(0, log, "good") }, { shape: [4, 4] });
  expect(name).toBe("good");
  expect(candidates[0]).toEqual({ name: "broken", problem: "out of order" });
  expect(log).toContain("ended broken");
});

it("no candidate, and wrong shapes", async () => {
  await expect(fastestBackend({ absent: missing })).rejects.toMatchObject({
    code: "missing-peer",
    message: expect.stringContaining("absent: it isn't installed"),
  });
  await expect(fastestBackend({}, { shape: [0, 3] })).rejects.toMatchObject({ code: "invalid-shape" });
  await expect(fastestBackend({})).rejects.toMatchObject({ code: "missing-peer" });
});

it.each([
  [undefined, "undefined"],
  [null, "null"],
  [() => referenceBackend(), "function"],
  [{ wasm: referenceBackend() }, 'object as "wasm"'],
])("candidates of another kind are refused, with what to write: %s", async (candidates, got) => {
  const found = fastestBackend(candidates as never);
  await expect(found).rejects.toThrow(`functions by name that create a backend each, got ${got}. Name those`);
  await expect(found).rejects.toMatchObject({ code: "invalid-config" });
});

it("other options of another kind are refused", async () => {
  const candidates = { reference: referenceBackend };
  const wrong = (options: object) => expect(fastestBackend(candidates, options as never)).rejects;
  await wrong({ by: "speed" }).toThrow('expected by, "time" or "order", got "speed"');
  await wrong({ shape: 256 }).toThrow("expected shape, two whole numbers ≥ 1, got 256");
});
