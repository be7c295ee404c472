/** A disk that fills up: nothing is lost, nothing half written looks whole, and the exit code says so. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeSparseSafetensors } from "../scripts/sparse-safetensors.mjs";
import { openSideFile } from "../src/audit/side-file.js";
import { main, run } from "./run-command.js";

const folder = mkdtempSync(join(tmpdir(), "comhe-full-disk-"));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => {
  writeSparseSafetensors(join(folder, "model.safetensors"), { layers: 3, rows: 200, columns: 64, filled: 1 });
});

/** Where it is full, files end at 4 to 8 kB: less than a layer's line, than a report, than a page. */
const comhe = (args: string, full = true) => {
  const command = `${full ? "ulimit -f 8 && " : ""}exec "${process.execPath}" "${main}" audit model.safetensors ${args}`;
  return run("sh", ["-c", command], { cwd: folder });
};

const layersIn = (json: string) => (JSON.parse(json) as { layers: unknown[] }).layers.length;
const partsLeft = () => readdirSync(folder).filter((name) => name.endsWith(".part"));

describe.skipIf(process.platform === "win32")("a full disk", () => {
  test("under the side file: the audit goes on and is printed, and with room again it goes on", async () => {
    const { code, stdout, stderr } = await comhe("--format json --resume side.jsonl");
    expect(code).toBe(2);
    expect(layersIn(stdout)).toBe(3);
    expect(stderr).toMatch(/--resume side\.jsonl: 3 layers aren't in it: EFBIG/);
    expect(stderr).not.toContain("    at ");
    const still = await comhe("--format json --resume side.jsonl");
    expect([still.code, still.stderr]).toEqual([2, expect.stringMatching(/side\.jsonl: can't be written \(EFBIG/)]);
    const again = await comhe("--format json --resume side.jsonl", false);
    expect([again.code, layersIn(again.stdout)]).toEqual([0, 3]);
  });

  test("under the page: the audit is printed, and the page that was there stays", async () => {
    writeFileSync(join(folder, "old.html"), "as it was");
    for (const page of ["old.html", "new.html"]) {
      const { code, stdout, stderr } = await comhe(`--format csv --html ${page}`);
      expect(code).toBe(2);
      expect(stdout.trim().split("\n").length).toBe(4);
      expect(stderr).toMatch(new RegExp(`--html ${page}: can't be written \\(EFBIG`));
    }
    expect(readFileSync(join(folder, "old.html"), "utf8")).toBe("as it was");
    expect(existsSync(join(folder, "new.html"))).toBe(false);
    expect(partsLeft()).toEqual([]);
  });

  test("under the result: it is said, and the result shown on stderr", async () => {
    const { code, stderr } = await comhe("--format json > result.json");
    expect(code).toBe(2);
    expect(stderr).toMatch(/can't be written where it should go \(EFBIG/);
    expect(layersIn(stderr.slice(stderr.indexOf("\n{\n")))).toBe(3);
  });
});

test("the side file is tried again when there is room: then it has all layers", async () => {
  const [home, away] = [join(folder, "home"), join(folder, "away")];
  mkdirSync(home);
  const sideFile = openSideFile(join(home, "side.jsonl"), {});
  sideFile.add("a", { layer: "a" } as never);
  renameSync(home, away);
  sideFile.add("b", { layer: "b" } as never);
  expect(sideFile.problem).toMatch(/1 layer isn't in it: ENOENT/);
  renameSync(away, home);
  sideFile.add("c", { layer: "c" } as never);
  expect(sideFile.problem).toBeUndefined();
  const again = openSideFile(join(home, "side.jsonl"), {});
  expect(["a", "b", "c"].map((key) => again.find(key)?.layer)).toEqual(["a", "b", "c"]);
});
