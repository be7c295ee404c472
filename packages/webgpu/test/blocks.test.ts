/** How arrays are cut: every number once, two blocks in one buffer; and what the README says of it. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { blocksOf, commonOf, runOf, storedBlocksOf } from "../src/device/blocks.js";

const mebibyte = 2 ** 20;

describe("blocks", () => {
  it.each([
    ["entries, where they fit", [7, 1000, 60], mebibyte, [4, 3]],
    ["rows of one entry, where it doesn't", [2, 5000, 60], mebibyte - 4, [1, 1, 1, 1, 1, 1]],
    ["rows, where the slopes of one row of tiles wouldn't", [1, 5000, 4], mebibyte, [1, 1, 1]],
    ["one", [1, 1, 4], mebibyte, [1]],
    ["one, of no rows", [1, 0, 4], mebibyte, [1]],
  ] as const)("%s", (_, shape, largest, entries) => {
    const blocks = blocksOf(shape, largest)!;
    expect(blocks.map((block) => block.entries)).toEqual(entries);
    let next = 0;
    for (const block of blocks) {
      const { start, size } = runOf(block, shape);
      expect(start).toBe(next);
      next += size;
      if (block.rows < shape[1]) expect(2 * size * 4).toBeLessThanOrEqual(largest);
      for (const other of blocks) if (other !== block) expect(commonOf(block, other)).toBeUndefined();
    }
    expect(next).toBe(shape[0] * shape[1] * shape[2]);
  });

  it("none where a tile's rows take more than half a buffer", () => {
    expect(blocksOf([1, 300, 1025], mebibyte)).toBeUndefined();
    expect(blocksOf([1, 300, 1024], mebibyte)).toHaveLength(3);
    expect(storedBlocksOf([1, 1, 2 ** 18], mebibyte)).toHaveLength(1);
    expect(storedBlocksOf([1, 1, 2 ** 18 + 1], mebibyte)).toBeUndefined();
  });

  it("are as long as the README says", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    for (const [name, largest] of [
      ["128 MiB", 128 * mebibyte],
      ["2 GiB", 2048 * mebibyte],
    ] as const) {
      const dim = 4096;
      const whole = largest / 4 / dim;
      expect([whole, whole + 1].map((rows) => blocksOf([1, rows, dim], largest)!.length > 1)).toEqual([false, true]);
      const rows = blocksOf([1, whole + 1, dim], largest)![0]!.rows;
      const line = `| binds ${name} | ${whole.toLocaleString("en")} | ${rows.toLocaleString("en")} |`;
      console.info(line);
      expect(readme).toContain(line);
    }
  });
});
