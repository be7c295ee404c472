import { energyAndGradient, referenceBackend } from "@comhe/core";
import { expect, it } from "vitest";
import { backendCandidate } from "../candidates/backend-candidate.js";
import type { Candidate } from "../candidates/candidate.js";
import { pairwiseCase } from "../task/cases.js";
import { measureCase } from "./measure-case.js";
import { SpeedBook } from "./speed-book.js";

const reference = backendCandidate({ name: "reference", id: "reference", create: async () => referenceBackend() });
const peer = { name: "peer", id: "peer", ours: false } as const;

async function measure(...candidates: Candidate[]) {
  const chosen = pairwiseCase(12, 5, "half", 2);
  const { data, spec } = chosen.make().layers[0]!;
  const weights = { data: Float64Array.from(data), shape: [12, 5] };
  const { energy, gradient } = await energyAndGradient(referenceBackend(), spec, weights);
  const rows = Int32Array.from({ length: 12 }, (_, row) => row);
  const truth = [{ energy, gradient: gradient as Float64Array, rows }];
  return measureCase(chosen, { candidates, seconds: 0.01, patience: 8, book: new SpeedBook(), truth });
}

it("times what is right", async () => {
  const { candidates } = await measure(reference);
  expect(candidates[0]).toMatchObject({ id: "reference", errors: { energy: expect.closeTo(0, 12) } });
  expect(candidates[0]!.timing!.calls).toBeGreaterThan(0);
});

it("leaves out what can't address its N×N arrays, though the machine has the memory", async () => {
  const open = () => Promise.reject(new Error("was opened"));
  const { candidates } = await measure({
    ...peer,
    squareArrays: () => 0.3 * 2 ** 30,
    addressable: 0.1 * 2 ** 30,
    open,
  });
  expect(candidates[0]!.skipped).toBe("out of memory: N×N arrays of 0.3 GiB, 0.1 GiB to use");
});

it("tells why a candidate broke, though it can't be closed either, and times the others", async () => {
  const broken: Candidate = {
    ...peer,
    open: async () => ({
      run: async () => undefined,
      result: () => Promise.reject(new Error("memory access out of bounds")),
      close: () => Promise.reject(new Error("disposing failed, too")),
    }),
  };
  const { candidates } = await measure(broken, reference);
  expect(candidates[0]).toMatchObject({ id: "peer", skipped: "failed: memory access out of bounds" });
  expect(candidates[1]!.timing).toBeDefined();
});

it("doesn't time what is wrong", async () => {
  const wrong: Candidate = {
    ...peer,
    open: async () => ({
      run: async () => undefined,
      result: async () => ({ energies: [1], gradients: [new Float32Array(60)] }),
      close: async () => {},
    }),
  };
  const { candidates } = await measure(wrong);
  expect(candidates[0]!.skipped).toMatch(/^WRONG/);
  expect(candidates[0]!.timing).toBeUndefined();
});

it("doesn't try what would take longer than one has patience for", async () => {
  const open = () => Promise.reject(new Error("was opened"));
  const book = new SpeedBook();
  book.note("peer", 1e8, 1e9);
  const chosen = pairwiseCase(12, 5, "half", 2);
  const { candidates } = await measureCase(chosen, {
    candidates: [{ ...peer, open }],
    seconds: 0.01,
    patience: 8 / 3,
    book,
    truth: [],
  });
  expect(candidates[0]!.skipped).toBe("about 22 s a call, by its last speed; the limit is 2.7 s");
});
