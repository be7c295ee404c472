/** The energy of a table from its pieces: that of the whole table, whatever the block, the backend and the order. */
import { type Backend, energyAndGradient, referenceBackend } from "@comhe/core";
import { nativeBackend } from "@comhe/native";
import { describe, expect, it } from "vitest";
import {
  blockRows,
  memoryStore,
  PieceRunner,
  type Plan,
  pieceAt,
  pieceCount,
  pieceName,
  planTable,
  reduceGradient,
  reduceTable,
  type StoredResult,
  simulatedRows,
  stripOf,
  type TablePlan,
} from "../src/index.js";

const table = { seed: 3, count: 700, dim: 12 };
const reference = referenceBackend() as Backend<unknown>;
const allow = async (path: string) => path;

async function runAll(plan: Plan, backend: Backend<unknown>): Promise<StoredResult[]> {
  const runner = new PieceRunner({ backend, allow });
  const results: StoredResult[] = [];
  for (let number = 0; number < pieceCount(plan); number++) {
    const piece = pieceAt(plan, number);
    const output = await runner.run(plan, piece);
    results.push({
      piece: await pieceName(plan, piece),
      by: { worker: "test", backend: backend.name },
      milliseconds: 0,
      ...output,
    });
  }
  return results;
}

async function gradientOf(plan: TablePlan, results: readonly StoredResult[]): Promise<Float64Array> {
  const all = new Float64Array(plan.table.count * plan.table.dim);
  for await (const { block, gradient } of reduceGradient(plan, async (n) => results[n]!.gradient!)) {
    all.set(gradient, blockRows(plan, block)[0] * plan.table.dim);
  }
  return all;
}

const largest = (numbers: ArrayLike<number>) => Array.from(numbers).reduce((size, x) => Math.max(size, Math.abs(x)), 0);
const furthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  largest(Array.from(a, (x, k) => x - b[k]!)) / largest(b);

const energies = [
  { potential: { kind: "riesz", s: 2 }, space: "half" },
  { potential: { kind: "riesz", s: 1, distance: "angular" }, space: "full" },
  { potential: { kind: "riesz", s: 0 }, space: "half", normEpsilon: 0.5 },
  { potential: { kind: "gaussian", t: 2 }, space: "full" },
  { potential: { kind: "frame", p: 4 }, space: "half" },
] as const;

describe("a table's energy from its pieces", () => {
  it.each(energies)("is core's own, with its gradient: %j", async (config) => {
    const rows = Float64Array.from(simulatedRows(table, 0, table.count));
    const whole = await energyAndGradient(referenceBackend(), config, { data: rows, shape: [table.count, table.dim] });
    for (const [block, strip] of [
      [700, 1],
      [256, 2],
      [97, 3],
    ] as const) {
      const alone = planTable(config, table, { block, strip });
      const energy = reduceTable(alone, (await runAll(alone, reference)).map(stripOf));
      expect(Math.abs(energy.energy / whole.energy - 1)).toBeLessThan(1e-6);
      const both = planTable(config, table, { block, strip, gradient: true });
      const results = await runAll(both, reference);
      expect(Math.abs(reduceTable(both, results.map(stripOf)).energy / whole.energy - 1)).toBeLessThan(1e-6);
      expect(furthest(await gradientOf(both, results), whole.gradient)).toBeLessThan(1e-5);
    }
  });

  it("is the same to the last bit in any order, and within the bound on another backend", async () => {
    const plan = planTable(energies[0], table, { block: 128, strip: 2 });
    const native = nativeBackend({ threads: 1 }) as Backend<unknown>;
    const results = await runAll(plan, native);
    const store = memoryStore();
    for (const result of [...results].reverse()) expect(await store.put(result)).toBe(true);
    for (const result of results) expect(await store.put(result)).toBe(false);
    const again = await Promise.all(results.map(({ piece }) => store.get(piece)));
    expect(
      reduceTable(
        plan,
        again.map((result) => stripOf(result!)),
      ),
    ).toEqual(reduceTable(plan, results.map(stripOf)));
    const other = reduceTable(plan, (await runAll(plan, reference)).map(stripOf));
    expect(Math.abs(other.energy / reduceTable(plan, results.map(stripOf)).energy - 1)).toBeLessThan(1e-6);
  });

  it("refuses to add up what isn't all there", async () => {
    const plan = planTable(energies[0], table, { block: 300 });
    const results = (await runAll(plan, reference)).map(stripOf);
    expect(() => reduceTable(plan, results.slice(1))).toThrow(/a result is missing/);
    expect(() => reduceTable(plan, [...results, results[0]!])).toThrow(/expected \d+ pieces/);
  });
});

describe("rows without directions, near and opposite rows", () => {
  it("are core's own", async () => {
    const dim = 6;
    const rows = Float64Array.from(simulatedRows({ seed: 9, dim }, 0, 40));
    rows.fill(0, 5 * dim, 6 * dim);
    for (let k = 0; k < dim; k++) {
      rows[11 * dim + k] = rows[10 * dim + k]! * 3 + (k === 0 ? 1e-5 : 0);
      rows[21 * dim + k] = -rows[20 * dim + k]! + (k === 1 ? 0.02 : 0);
      rows[30 * dim + k] = rows[30 * dim + k]! * 1e30;
    }
    const { unitBlock } = await import("../src/piece/unit-block.js");
    const { runStrip } = await import("../src/piece/strip.js");
    const { BlockCache } = await import("../src/source/table-reader.js");
    for (const config of energies) {
      const plan = planTable(config, { seed: 9, count: 40, dim }, { block: 16, strip: 2, gradient: true });
      const cache = new BlockCache<ReturnType<typeof unitBlock>>(1e9);
      const results: StoredResult[] = [];
      for (let n = 0; n < pieceCount(plan); n++) {
        const read = async (from: number, to: number) => rows.slice(from * dim, to * dim);
        const output = await runStrip(reference, plan, pieceAt(plan, n).task as never, read, cache, async () => {});
        results.push({ piece: "", by: { worker: "", backend: "" }, milliseconds: 0, ...output });
      }
      const whole = await energyAndGradient(referenceBackend(), config, { data: rows, shape: [40, dim] });
      const total = reduceTable(plan, results.map(stripOf));
      expect(Math.abs(total.energy / whole.energy - 1)).toBeLessThan(1e-9);
      expect(total.deadNeurons).toBe(1);
      const gradient = await gradientOf(plan, results);
      for (let row = 0; row < 40; row++) {
        const [a, b] = [gradient, whole.gradient].map((all) => all.slice(row * dim, (row + 1) * dim));
        if (row === 5) expect([largest(a!), largest(b!)]).toEqual([0, 0]);
        else expect(furthest(a!, b!)).toBeLessThan(1e-7);
      }
    }
  });
});

describe("pieces", () => {
  it("cover every pair of blocks once, or twice with gradients", () => {
    for (const gradient of [false, true]) {
      const plan = planTable(energies[0], { seed: 0, count: 1000, dim: 4 }, { block: 90, strip: 5, gradient });
      const met = new Map<string, number>();
      for (let n = 0; n < pieceCount(plan); n++) {
        const { row, from, to } = pieceAt(plan, n).task as { row: number; from: number; to: number } & {
          kind: "strip";
        };
        for (let column = from; column < to; column++)
          met.set(`${row} ${column}`, (met.get(`${row} ${column}`) ?? 0) + 1);
      }
      const blocks = Math.ceil(1000 / 90);
      expect(met.size).toBe(gradient ? blocks ** 2 : (blocks * (blocks + 1)) / 2);
      expect([...met.values()].every((times) => times === 1)).toBe(true);
    }
  });

  it("have names that follow from their contents", async () => {
    const plan = planTable(energies[0], table, { block: 128 });
    const again = planTable({ ...energies[0] }, { ...table }, { block: 128 });
    expect(await pieceName(plan, pieceAt(plan, 3))).toBe(await pieceName(again, pieceAt(again, 3)));
    const others = [
      planTable(energies[1], table, { block: 128 }),
      planTable(energies[0], { ...table, seed: 4 }, { block: 128 }),
      planTable(energies[0], table, { block: 127 }),
      planTable(energies[0], table, { block: 128, gradient: true }),
    ];
    const names = await Promise.all([plan, ...others].map((each) => pieceName(each, pieceAt(each, 0))));
    expect(new Set(names).size).toBe(names.length);
    // Known, so that a change of what names are made of is seen: results of earlier versions would be lost.
    expect(await pieceName(plan, pieceAt(plan, 0))).toMatchInlineSnapshot(`"a4d39b2ec7a01bcf0063ff9c90ca278c"`);
  });
});
