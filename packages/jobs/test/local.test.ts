/** Plans on this machine: threads, resuming, failing pieces, real files; and what a worker refuses. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { auditModel, auditSettings } from "@comhe/audit";
import { openModel } from "@comhe/models";
import { nativeBackend } from "@comhe/native";
import { afterAll, describe, expect, it } from "vitest";
import {
  checkPlan,
  checkResult,
  fingerprintOf,
  layerOf,
  memoryStore,
  PieceRunner,
  pieceAt,
  pieceCount,
  pieceNames,
  planLayers,
  planName,
  planStudy,
  planTable,
  type ResultStore,
  reduceTable,
  simulatedRows,
  stripOf,
  type TablePlan,
} from "../src/index.js";
import { allowPlaces, folderStore, runLocally } from "../src/node.js";

const folder = mkdtempSync(join(tmpdir(), "comhe-local-"));
afterAll(() => rmSync(folder, { recursive: true }));
const entry = new URL("../dist/thread-entry.js", import.meta.url);
const energy = { potential: { kind: "riesz", s: 2 }, space: "half" } as const;
const small = planTable(energy, { seed: 1, count: 600, dim: 8 }, { block: 100, strip: 2 });

/** A .npy file of float32. */
function writeNpy(path: string, count: number, dim: number, change = 0): void {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${count}, ${dim}), }`.padEnd(117);
  const rows = simulatedRows({ seed: 2, dim }, 0, count);
  rows[7]! += change;
  const head = Buffer.from(`\x93NUMPY\x01\x00v\x00${header}\n`, "latin1");
  writeFileSync(path, Buffer.concat([head, Buffer.from(rows.buffer)]));
}

async function totalOf(plan: TablePlan, store: ResultStore) {
  const results = await Promise.all((await pieceNames(plan)).map((name) => store.get(name)));
  return reduceTable(
    plan,
    results.map((result) => stripOf(result!)),
  );
}

describe("a plan on this machine", () => {
  it("comes to the same bits by one thread, by two, and by two machines that share a folder", async () => {
    const one = memoryStore();
    expect(await runLocally(small, { store: one, threads: 1, entry })).toMatchObject({
      done: pieceCount(small),
      before: 0,
      failed: [],
    });
    const root = join(folder, "shared");
    await Promise.all(
      [0, 1].map(async (index) =>
        runLocally(small, { store: await folderStore(root), threads: 1, entry, share: { index, of: 2 } }),
      ),
    );
    const shared = await folderStore(root);
    expect(await totalOf(small, shared)).toEqual(await totalOf(small, one));
    const again = await runLocally(small, { store: shared, threads: 2, entry });
    expect(again).toMatchObject({ done: pieceCount(small), before: pieceCount(small) });
  });

  it("goes on where it was broken off", async () => {
    const store = memoryStore();
    const controller = new AbortController();
    const first = await runLocally(small, {
      ...{ store, threads: 1, entry, signal: controller.signal },
      onProgress: ({ done }) => done === 4 && controller.abort(),
    });
    expect(first).toMatchObject({ done: 4, interrupted: true, failed: [] });
    expect(await runLocally(small, { store, threads: 1, entry })).toMatchObject({ done: pieceCount(small), before: 4 });
  });

  it("leaves out pieces that fail, and says why", async () => {
    const plan = planStudy("nobody-serves-it", "00112233", [{ key: "a", payload: 1 }]);
    const { done, failed } = await runLocally(plan, { store: memoryStore(), threads: 1, entry });
    expect([done, failed]).toEqual([
      0,
      [{ number: 0, code: "unsupported", message: expect.stringContaining("doesn't serve") }],
    ]);
  });
});

describe("files", () => {
  it("are tables and layers, the same by pieces as by the audit", async () => {
    const path = join(folder, "rows.npy");
    writeNpy(path, 300, 16);
    const contents = await openModel(path);
    const layer = contents.layers[0]!;
    const at = { model: { path, base: null, layouts: {} }, layer, fingerprint: await fingerprintOf(contents, layer) };
    const settings = auditSettings(undefined, { budget: null });
    const plan = planLayers([at], settings);
    const store = memoryStore();
    const backend = nativeBackend({ threads: 1 });
    const outcome = await runLocally(plan, { store, threads: 1, entry, backend: "native", allow: [folder] });
    expect(outcome).toMatchObject({ done: 1, failed: [] });
    const [name] = await pieceNames(plan);
    const found = layerOf((await store.get(name!))!);
    const whole = (await auditModel(contents, { backend, settings })).layers[0]!;
    const untimed = { milliseconds: 0, readMilliseconds: 0 };
    expect({ ...found, ...untimed }).toEqual({ ...whole, ...untimed });

    const table = planTable(energy, at, { block: 64 });
    const sums = memoryStore();
    await runLocally(table, { store: sums, threads: 1, entry, allow: [folder] });
    expect((await totalOf(table, sums)).energy / whole.energyHalf).toBeCloseTo(1, 5);

    // Another file by the same name, another place, and a link that leads out.
    const run = async (places: readonly string[]) =>
      (await runLocally(plan, { store: memoryStore(), threads: 1, entry, allow: places })).failed[0]?.message;
    expect(await run([join(folder, "elsewhere")])).toMatch(/lies outside of what this worker may read/);
    mkdirSync(join(folder, "inside"));
    symlinkSync(path, join(folder, "inside", "link.npy"));
    const linked = { ...at, model: { ...at.model, path: join(folder, "inside", "link.npy") } };
    const through = await runLocally(planLayers([linked], settings), {
      store: memoryStore(),
      threads: 1,
      entry,
      allow: [join(folder, "inside")],
    });
    expect(through.failed[0]?.message).toMatch(/lies outside/);
    writeNpy(path, 300, 16, 1e-3);
    expect(await run([folder])).toMatch(/isn't what was planned for/);
    await contents.close();
  });
});

describe("a worker refuses", () => {
  it("places outside", async () => {
    const allow = allowPlaces([folder, "https://models.example/public", "hf:org"]);
    const outside = [
      "/etc/passwd",
      `${folder}/../x`,
      "file:///etc/passwd",
      "https://models.example/private/x",
      "https://models.example.evil/public/x",
    ];
    const sly = [
      "https://models.example/public/../private/x",
      "https://models.example/public/%2e%2e/private",
      "https://models.example@evil.example/public/x",
      "hf:other/model",
      "hf:org/../other/model",
    ];
    for (const path of [...outside, ...sly]) await expect(allow(path), path).rejects.toThrow(/lies outside/);
    expect(await allow("https://models.example/public/x.npy")).toBe("https://models.example/public/x.npy");
    expect(await allow("hf:org/model")).toBe("hf:org/model");
  });

  it("plans of other versions and what is no plan", () => {
    expect(() => checkPlan({ ...small, version: 2 })).toThrow(/expected a plan of version 1, got version 2/);
    const wrong = [
      null,
      1,
      [],
      {},
      { ...small, block: 0 },
      { ...small, block: 1.5 },
      { ...small, extra: 1 },
      { ...small, kind: "shell" },
    ];
    const sly = [
      { ...small, table: { ...small.table, count: 1e300 } },
      { ...small, table: { ...small.table, count: 2 ** 40 }, block: 1 },
      { ...small, energy: { ...small.energy, potential: { kind: "riesz", s: Number.NaN, distance: "chordal" } } },
      { ...planStudy("a", "00112233", [{ key: "k", payload: 0 }]), study: "../x" },
    ];
    for (const each of [...wrong, ...sly])
      expect(() => checkPlan(each)).toThrow(/isn't a (whole )?plan|at most 1000000 blocks/);
    expect(checkPlan(JSON.parse(JSON.stringify(small)))).toEqual(small);
  });

  it("results that can't be the piece's", async () => {
    const runner = new PieceRunner({ backend: nativeBackend({ threads: 1 }) as never, allow: async (path) => path });
    const piece = pieceAt(small, 0);
    const good = {
      piece: "0".repeat(32),
      by: { worker: "w", backend: "b" },
      milliseconds: 1,
      ...(await runner.run(small, piece)),
    };
    expect(() => checkResult(small, piece, good)).not.toThrow();
    const value = stripOf(good);
    for (const wrong of [
      { ...value, energy: Number.NaN },
      { ...value, energy: "1" },
      { ...value, pairs: 1 },
      { ...value, more: 1 },
      null,
      {},
    ]) {
      expect(() => checkResult(small, piece, { ...good, value: wrong })).toThrow(/refused/);
    }
    expect(() => checkResult(small, piece, { ...good, gradient: new Float64Array(3) })).toThrow(
      /0 numbers of gradient/,
    );
  });

  it("settings with a clock", () => {
    expect(() => planLayers([], auditSettings())).toThrow(/a time for each layer/);
    expect(() => planTable({ projection: { kind: "random", dimension: 8 } }, { seed: 0, count: 9, dim: 64 })).toThrow(
      /without projection/,
    );
  });
});

it("a plan's name is of all of it", async () => {
  expect(await planName(small)).toBe(await planName(JSON.parse(JSON.stringify(small))));
  expect(await planName({ ...small, strip: 3 })).not.toBe(await planName(small));
});
