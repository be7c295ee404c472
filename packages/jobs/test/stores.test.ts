/** Stores: a result is kept once, whole or not at all, whoever writes; what was altered is never taken for one. */
import { execFile } from "node:child_process";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  decodeResult,
  encodeResult,
  nameOf,
  pieceAt,
  pieceName,
  planStudy,
  planTable,
  type StoredResult,
  settle,
} from "../src/index.js";
import { folderStore, lineStore } from "../src/node.js";

const folder = mkdtempSync(join(tmpdir(), "comhe-stores-"));
afterAll(() => rmSync(folder, { recursive: true }));
const by = { worker: "a", backend: "native avx2" };
const resultOf = async (n: number, value: unknown = { n }): Promise<StoredResult> => ({
  ...{ piece: await nameOf(n), by, milliseconds: 1, value },
  gradient: Float64Array.of(n, Math.PI, -0),
});
const pathOf = (root: string, piece: string) => join(root, piece.slice(0, 2), `${piece}.result`);

describe("a folder of results", () => {
  it("gives back what was put, to the last bit, once", async () => {
    const root = join(folder, "once");
    const store = await folderStore(root);
    const result = await resultOf(1);
    expect(await store.get(result.piece)).toBeUndefined();
    expect(await store.put(result)).toBe(true);
    expect(await store.put(await resultOf(1, { n: 2 }))).toBe(false);
    expect(await (await folderStore(root)).get(result.piece)).toEqual(result);
    expect(await store.names()).toEqual(new Set([result.piece]));
  });

  it("keeps one of many that are written at once, and leaves no parts", async () => {
    const root = join(folder, "many");
    const stores = await Promise.all(Array.from({ length: 8 }, () => folderStore(root)));
    const kept = await Promise.all(stores.map(async (store, n) => store.put(await resultOf(7, { by: n }))));
    expect(kept.filter(Boolean).length).toBe(1);
    const { piece } = await resultOf(7);
    expect((await stores[0]!.get(piece))!.value).toEqual({ by: kept.indexOf(true) });
    expect(readdirSync(join(root, piece.slice(0, 2)))).toEqual([`${piece}.result`]);
  });

  it("sets aside what was cut short or altered, and takes the next one", async () => {
    const root = join(folder, "damaged");
    const store = await folderStore(root);
    const result = await resultOf(3);
    const path = pathOf(root, result.piece);
    const damages: readonly ((bytes: Buffer) => void)[] = [
      (bytes) => truncateSync(path, bytes.length - 3),
      (bytes) => truncateSync(path, Math.floor(bytes.length / 3)),
      () => truncateSync(path, 0),
      () => appendFileSync(path, "more"),
      (bytes) => writeFileSync(path, Buffer.from(bytes.map((byte, n) => (n === bytes.length - 9 ? byte ^ 1 : byte)))),
      (bytes) => writeFileSync(path, bytes.toString("latin1").replace('{"n":3}', '{"n":4}'), "latin1"),
    ];
    for (const damage of damages) {
      expect(await store.put(result)).toBe(true);
      damage(readFileSync(path));
      expect(await store.get(result.piece)).toBeUndefined();
    }
    expect(readdirSync(join(root, result.piece.slice(0, 2))).filter((name) => name.includes("damaged")).length).toBe(
      damages.length,
    );
  });

  it.skipIf(process.platform === "win32")("says that the disk is full, and has nothing half written", async () => {
    const root = join(folder, "full");
    await folderStore(root);
    const script = `
      import { folderStore } from ${JSON.stringify(new URL("../dist/node.js", import.meta.url).href)};
      const store = await folderStore(${JSON.stringify(root)});
      const result = { piece: "${"a".repeat(32)}", by: { worker: "w", backend: "b" }, milliseconds: 0, value: "x".repeat(1e5) };
      console.log(await store.put(result).catch((error) => error.code));`;
    const printed = await new Promise<string>((resolve) => {
      const command = `ulimit -f 8; exec "${process.execPath}" --input-type=module -e "$SCRIPT"`;
      execFile("sh", ["-c", command], { env: { ...process.env, SCRIPT: script } }, (_, stdout) =>
        resolve(stdout.trim()),
      );
    });
    expect(printed).toBe("EFBIG");
    expect(readdirSync(join(root, "aa"))).toEqual([]);
  });

  it("takes no name that could be a path", async () => {
    const store = await folderStore(join(folder, "names"));
    expect(await store.get("../../etc/passwd")).toBeUndefined();
    await expect(store.put({ ...(await resultOf(1)), piece: "../x" })).rejects.toThrow(/expected the name of a piece/);
  });
});

describe("bytes of results", () => {
  it("are refused where they are no result, another piece's, or too large", async () => {
    const result = await resultOf(5);
    const bytes = await encodeResult(result);
    expect(await decodeResult(result.piece, bytes)).toEqual(result);
    await expect(decodeResult(await nameOf(6), bytes)).rejects.toThrow(/it is the result of another piece/);
    const text = (value: string) => new TextEncoder().encode(value);
    await expect(decodeResult(result.piece, text("garbage"))).rejects.toThrow(/no head/);
    await expect(decodeResult(result.piece, text("{}\n"))).rejects.toThrow(/refused/);
    await expect(decodeResult(result.piece, text("[1\n"))).rejects.toThrow(/isn't JSON/);
    const head = JSON.parse(new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(10)))) as object;
    for (const wrong of [
      { gradient: 1e15 },
      { version: 2 },
      { milliseconds: -1 },
      { extra: 1 },
      { by: { worker: "w" } },
    ]) {
      await expect(decodeResult(result.piece, text(`${JSON.stringify({ ...head, ...wrong })}\n`))).rejects.toThrow(
        /refused/,
      );
    }
  });
});

describe("two results of one piece", () => {
  const plan = planTable({ space: "half" }, { seed: 1, count: 100, dim: 8 }, { block: 50 });
  const strip = async (energy: number, backend = "native avx2"): Promise<StoredResult> => ({
    ...{ piece: await pieceName(plan, pieceAt(plan, 0)), by: { worker: `w${energy}`, backend }, milliseconds: 1 },
    value: { energy, pairs: 1225, self: 12.5, dead: 0 },
  });

  it("may differ by the bound on other backends, and not at all on the same; who made them is told", async () => {
    const store = await folderStore(join(folder, "conflicts"));
    expect(await settle(plan, 0, store, await strip(1000))).toEqual({ kept: true });
    expect(await settle(plan, 0, store, await strip(1000))).toEqual({ kept: false });
    expect(await settle(plan, 0, store, await strip(1000.01, "wasm relaxed"))).toEqual({ kept: false });
    const same = await settle(plan, 0, store, await strip(1000.01));
    expect(same.conflict).toMatchObject({
      kept: { worker: "w1000" },
      other: { worker: "w1000.01" },
      difference: { of: "energy", bound: 0 },
    });
    const other = await settle(plan, 0, store, await strip(1001, "wasm relaxed"));
    expect(other.conflict).toMatchObject({ number: 0, difference: { of: "energy", bound: 2e-5 } });
    expect(other.conflict!.difference.by).toBeCloseTo(1 / 1001, 12);
    expect(readdirSync(join(folder, "conflicts", "conflicts")).length).toBe(2);
    expect((await store.get((await strip(0)).piece))!.by.worker).toBe("w1000");
  });
});

describe("a file of lines", () => {
  const runs = ["a", "b", "c"].map((key) => ({ key, payload: { arm: key } }));
  const plan = planStudy("digits", "0123abcd", runs);
  const pieces = () => Promise.all(runs.map((_, n) => pieceName(plan, pieceAt(plan, n))));

  it("goes on from what earlier versions wrote, a line cut short included", async () => {
    const path = join(folder, "runs.jsonl");
    writeFileSync(path, '{"key":"a","result":{"error":1}}\n{"key":"other","result":3}\nnull\n{"key":"b","res');
    const store = await lineStore(path, plan);
    const [a, b, c] = await pieces();
    expect(await store.names()).toEqual(new Set([a]));
    expect((await store.get(a!))!.value).toEqual({ error: 1 });
    expect(await store.put({ piece: b!, by, milliseconds: 3, value: 2 })).toBe(true);
    expect(await store.put({ piece: b!, by, milliseconds: 3, value: 9 })).toBe(false);
    expect(await (await lineStore(path, plan)).names()).toEqual(new Set([a, b]));
    // What no longer is a run is made again.
    expect(await (await lineStore(path, plan, (run) => typeof run === "number")).names()).toEqual(new Set([b]));
    expect(c).toMatch(/^[0-9a-f]{32}$/);
  });
});
