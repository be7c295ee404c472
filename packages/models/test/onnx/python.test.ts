/** Files that the onnx package of Python wrote: what it meant is what is read. Skipped where it isn't installed. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { readWeights } from "../../src/onnx.js";

const probe = spawnSync("python3", ["-c", "import onnx, numpy; print(onnx.__version__)"], { encoding: "utf8" });
const installed = probe.status === 0;
if (!installed) console.info("Skipped: files written by Python, since python3 with onnx and numpy isn't installed.");

describe.skipIf(!installed)("files written by Python", () => {
  const folder = mkdtempSync(join(tmpdir(), "comhe-onnx-python-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("hold the neurons that were put in", async () => {
    const script = fileURLToPath(new URL("./support/make-models.py", import.meta.url));
    const output = execFileSync("python3", [script, folder], { encoding: "utf8" });
    const expected = JSON.parse(output) as Record<string, number[][]>;
    expect(Object.keys(expected)).toHaveLength(9);
    for (const [name, rows] of Object.entries(expected)) {
      const { weights } = await readWeights(join(folder, `${name}.onnx`));
      expect(weights, name).toHaveLength(1);
      expect(Array.from((await weights[0]!.neurons()).data), name).toEqual(rows.flat());
    }
  });
});
